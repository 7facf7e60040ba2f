/** Which hosts of an SSH configuration are hardly for computing: what is suggested to be left out of the first scan. Pure. */

import type { Endpoint } from '../hosts.ts';

/** Where code is hosted: an SSH login there runs nothing. */
const forges =
  /(?:^|\.)(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|gitea\.com|git\.sr\.ht|dev\.azure\.com|visualstudio\.com|huggingface\.co|hf\.co|aur\.archlinux\.org|code\.launchpad\.net)$/;
const codeCommit = /^git-codecommit\.[\w-]+\.amazonaws\.com$/;

/** Words of names of forges, and of hosts that only lead to others. */
const otherWork =
  /(?:^|[^a-z])(?:git|github|gitlab|gitea|forgejo|gerrit|bitbucket|codeberg|bastion|jump|jumphost|jumpbox|jumpserver|gateway|gw|vpn|proxy|router|firewall|nas)(?![a-z])/;
const gpuWork = /gpu|dgx|hgx|cuda|(?:^|[^a-z])(?:[abhlv]\d{2,3}|gb\d{3}|rtx|mi\d{3})(?!\d)/;

/** Whether the host is probably none with GPUs: a forge, a `User git`, a bastion. What names a GPU is never one of them. */
export function isUnlikelyGpuHost(alias: string, endpoint: Endpoint | null): boolean {
  const hostname = endpoint?.hostname.toLowerCase() ?? '';
  if (endpoint?.user === 'git' || forges.test(hostname) || codeCommit.test(hostname)) return true;
  const name = alias.toLowerCase();
  if (forges.test(name)) return true;
  // Of an address only its first label names the host: all of a site may stand behind a name like gw.example.org.
  const names = [name, /^[\d.:]+$/.test(hostname) ? '' : (hostname.split('.', 1)[0] ?? '')];
  return !names.some((one) => gpuWork.test(one)) && names.some((one) => otherWork.test(one));
}
