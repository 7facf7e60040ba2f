/** A host for the programs under Wine: a real sshd on loopback, with the GPUs of a demo host and a model server. */

import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { demoHosts } from '../../main/demo/catalogue.ts';
import { createHostHome } from '../../main/demo/host-home.ts';
import { startModelServer } from '../../main/demo/model-server.ts';
import { stateFiles } from '../../main/demo/state-files.ts';
import { createWorld } from '../../main/demo/world.ts';
import { type Sshd, startSshd } from '../support/ssh/sshd.ts';
import { folders, makeFolder } from './programs.ts';

export interface LabHost {
  readonly sshd: Sshd;
  readonly gpuCount: number;
  readonly model: string;
  /** Of the model server, on the host and so on this computer. */
  readonly modelPort: number;
  stop(): Promise<void>;
}

export async function startLabHost(): Promise<LabHost> {
  const directory = await mkdtemp(join(tmpdir(), 'vt-windows-'));
  const spec = demoHosts.find(({ alias }) => alias === 'h100-03');
  const world = createWorld(spec === undefined ? [] : [spec], 1);
  const [truth] = world.hosts;
  const load = truth?.loads.get(8000);
  if (truth === undefined || load === undefined) throw new Error('the demo cluster has no such host');
  const server = await startModelServer(load, { hostAlias: truth.spec.alias, seed: 1 });
  const home = await createHostHome(join(directory, 'host'), true);
  const listen = `127.0.0.1:${server.port}|0.0.0.0:*|users:(("vllm",pid=1,fd=3))\n`;
  await home.write({ ...stateFiles(truth, Date.now()), listen });
  const sshd = await startSshd({ env: { PATH: home.env.PATH ?? '', TMPDIR: home.cwd } });
  return {
    sshd,
    gpuCount: truth.spec.gpuCount,
    model: 'Qwen/Qwen2.5-72B-Instruct',
    modelPort: server.port,
    async stop() {
      await sshd.stop();
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Where ssh for Windows keeps the person's files. */
const sshFolder = (): string => makeFolder(join(folders.profile, '.ssh'));
export const knownHostsFile = (): string => join(sshFolder(), 'known_hosts');

/** A line of known_hosts that was there before. */
export const otherLine =
  'elsewhere.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx0vT6Vx1Jcw2Xb0dWmY3y9YxwIhzZ5nKQ8jRz1b3aA';

const windowsLines = (lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('');

/** The person's configuration and keys, and the computer's that says the port, each with the ends of lines that Windows has. */
export async function writeSshFiles({ sshd }: LabHost, keyIs: 'known' | 'unknown'): Promise<void> {
  await copyFile(sshd.clientKeyPath, join(sshFolder(), 'id_lab'));
  const host = ['Host lab', '  HostName 127.0.0.1', `  User ${userInfo().username}`];
  await writeFile(
    join(sshFolder(), 'config'),
    windowsLines([...host, '  IdentityFile ~/.ssh/id_lab', '  IdentityAgent none', '  IdentitiesOnly yes']),
  );
  await writeFile(
    join(makeFolder(join(folders.programData, 'ssh')), 'ssh_config'),
    windowsLines(['Host *', `  Port ${sshd.port}`]),
  );
  const known = keyIs === 'known' ? [sshd.knownHostsLine] : [];
  await writeFile(knownHostsFile(), windowsLines([otherLine, ...known]));
}
