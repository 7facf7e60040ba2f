import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { output, poolFor, rejection } from '../../support/ssh/pool-for.ts';
import { type Sshd, sshdAvailable, startSshd, writeSshConfig } from '../../support/ssh/sshd.ts';

const run = promisify(execFile);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Sockets, pipes, timers, children; not the file that is read at the moment. */
const inUse = (): readonly string[] =>
  process
    .getActiveResourcesInfo()
    .filter((name) => !name.startsWith('FSReq'))
    .sort();
const heapMiB = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

describe.skipIf(!sshdAvailable())('connections, one after the other', () => {
  let sshd: Sshd;
  let folder: Folder;

  beforeAll(async () => {
    folder = await temporaryFolder();
    // What others do beside it is not ours.
    vi.stubEnv('TMPDIR', folder.path);
    sshd = await startSshd({ config: ['LogLevel QUIET'] });
  });
  afterAll(async () => {
    await sshd?.stop();
    vi.unstubAllEnvs();
    await folder?.remove();
  });

  it('leave no socket, timer, child or memory behind after a thousand', { timeout: 300_000 }, async () => {
    const pool = poolFor(await sshd.configPath(folder.path), { home: folder.path });
    const cycle = async (): Promise<void> => {
      const { transport } = await pool.get('lab');
      await transport.ping(5000);
      await pool.closeAll();
    };
    for (let n = 0; n < 100; n += 1) await cycle();
    const [resources, heap] = [inUse(), heapMiB()];
    for (let n = 0; n < 900; n += 1) await cycle();
    const grownMiB = heapMiB() - heap;
    console.log(
      `900 more connections: heap ${grownMiB.toFixed(2)} MiB larger, ${inUse().length} resources in use`,
    );
    expect(inUse()).toEqual(resources);
    // 900 forgotten clients of 30 KiB would be 26 MiB.
    expect(grownMiB).toBeLessThan(4);
    expect(await output((await pool.get('lab')).transport, 'echo in')).toBe('in\n');
    await pool.dispose();
  });

  it("leave no child, socket or folder behind after a hundred by the system's ssh", async () => {
    // The default key exchange costs each of them a tenth of a second more.
    const options = { ...sshd.hostOptions(), KexAlgorithms: 'curve25519-sha256' };
    // A value of its own makes each a target of its own.
    const hosts = [60, 61, 62, 63].map((ConnectTimeout) => ({
      alias: `lab${ConnectTimeout}`,
      options: { ...options, ConnectTimeout },
    }));
    const configPath = await writeSshConfig(folder.path, hosts);
    const pool = poolFor(configPath, { home: folder.path, transportSetting: () => 'system' });
    const children = async (): Promise<readonly string[]> => {
      const { stdout } = await run('ps', ['-eo', 'args=']);
      return stdout.split('\n').filter((line) => line.includes(configPath));
    };
    const folders = async (): Promise<readonly string[]> =>
      (await readdir(tmpdir())).filter((name) => name.startsWith('vt-ssh-')).sort();
    const use = async (alias: string): Promise<void> => {
      const { transport } = await pool.get(alias);
      // One channel has ended, another is still open, a third was refused.
      expect(await output(transport, 'echo in')).toBe('in\n');
      await transport.stream('127.0.0.1', sshd.port);
      await rejection(transport.stream('127.0.0.1', 1));
    };
    const cycle = async (): Promise<void> => {
      await Promise.all(hosts.map(({ alias }) => use(alias)));
      await pool.closeAll();
    };
    const before = await folders();
    const nothingLeft = () =>
      vi.waitFor(async () => expect([await children(), await folders()]).toEqual([[], before]));
    for (let n = 0; n < 5; n += 1) await cycle();
    await nothingLeft();
    const [resources, heap] = [inUse(), heapMiB()];
    for (let n = 0; n < 25; n += 1) await cycle();
    await nothingLeft();
    const grownMiB = heapMiB() - heap;
    console.log(
      `100 more by the system's ssh: heap ${grownMiB.toFixed(2)} MiB larger, ${inUse().length} resources in use`,
    );
    expect(inUse()).toEqual(resources);
    expect(grownMiB).toBeLessThan(4);
    await pool.dispose();
  }, 300_000);
});
