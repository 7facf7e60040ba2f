import { readFile, stat } from 'node:fs/promises';
import type { ResolvedHost } from '../config/resolved.ts';
import { run } from '../io/child.ts';
import { entriesFor, lookupName } from '../trust/known-hosts.ts';
import { readKnownHosts } from '../trust/known-hosts-file.ts';

/** Which client to use: the built-in one, the user's own `ssh`, or that only where the built-in one cannot do it. */
export type TransportSetting = 'auto' | 'built-in' | 'system';

/** Why a host is reached by the user's own ssh. */
export interface SystemReason {
  /** For people: "a certificate". */
  readonly why: string;
  /** The user's own ControlMaster is alive, so that no second factor is asked for again. */
  readonly ridesOwnMaster: boolean;
}

export interface SystemChoice {
  /** Null: the built-in client does it. Never rejects. */
  reason(host: ResolvedHost): Promise<SystemReason | null>;
  /** Whether there is an `ssh` to fall back on after a handshake that found no common algorithm. */
  mayFallBack(host: ResolvedHost): Promise<boolean>;
}

export interface SystemChoiceDeps {
  readonly env: NodeJS.ProcessEnv;
  readonly setting: (alias: string) => TransportSetting;
}

const checkMs = 3000;

export function createSystemChoice({ env, setting }: SystemChoiceDeps): SystemChoice {
  let hasSsh: Promise<boolean> | undefined;
  let hasTicket: Promise<boolean> | undefined;
  const succeeds = async (program: string, args: readonly string[]): Promise<boolean> => {
    const result = await run(program, args, { env, timeoutMs: checkMs });
    return result.kind === 'ended' && result.code === 0;
  };
  const sshExists = (): Promise<boolean> => {
    hasSsh ??= succeeds('ssh', ['-V']);
    return hasSsh;
  };
  /** Debian and Fedora set GSSAPIAuthentication for everybody: alone it means nothing. */
  const ticketExists = (): Promise<boolean> => {
    hasTicket ??= succeeds('klist', ['-s']);
    return hasTicket;
  };

  const needed = async (host: ResolvedHost): Promise<string | null> => {
    const { identity, system } = host;
    if (system.fdPass) return 'ProxyUseFdpass';
    if (system.pkcs11) return 'a smart card';
    if (system.hostKeySources) return 'RevokedHostKeys or KnownHostsCommand';
    if (system.hostBased) return 'host-based login';
    if (await hasCertificate(host)) return 'a certificate';
    if (await some(identity.files, isSecurityKey)) return 'a security key';
    if (await hasAuthority(host)) return 'a certified host key';
    return system.gssapi && (await ticketExists()) ? 'a Kerberos ticket' : null;
  };

  return {
    async reason(host) {
      const wanted = setting(host.alias);
      if (wanted === 'built-in' || !(await sshExists())) return null;
      const ridesOwnMaster =
        host.system.controlPath && (await succeeds('ssh', ['-O', 'check', ...host.args]));
      if (ridesOwnMaster) return { why: 'your own ssh connection', ridesOwnMaster };
      const why = wanted === 'system' ? 'chosen in the settings' : await needed(host);
      return why === null ? null : { why, ridesOwnMaster };
    },
    mayFallBack: async (host) => setting(host.alias) === 'auto' && (await sshExists()),
  };
}

async function hasCertificate({ identity }: ResolvedHost): Promise<boolean> {
  // ssh looks for one beside each key.
  return some(
    [...identity.certificateFiles, ...identity.files.map((file) => `${file}-cert.pub`)],
    async (file) =>
      stat(file).then(
        (info) => info.isFile(),
        () => false,
      ),
  );
}

/** `sk-ssh-ed25519@openssh.com` and `sk-ecdsa-sha2-nistp256@openssh.com`, by the public half. */
async function isSecurityKey(file: string): Promise<boolean> {
  const text = await readFile(`${file}.pub`, 'latin1').catch(() => '');
  return text.startsWith('sk-');
}

async function hasAuthority({ hostname, port, hostKeys }: ResolvedHost): Promise<boolean> {
  const lookup = lookupName(hostname, port, hostKeys.alias);
  const files = [...hostKeys.userFiles, ...hostKeys.globalFiles];
  // Files that cannot be read are reported when a host key is to be checked.
  const entries = await readKnownHosts(files, lookup).catch(() => []);
  const authorities = entries.filter(({ marker }) => marker === 'cert-authority');
  const { name, fallback } = lookup;
  return [name, fallback].some((each) => each !== null && entriesFor(authorities, each).length > 0);
}

async function some<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<boolean> {
  const found = await Promise.all(items.map(test));
  return found.includes(true);
}
