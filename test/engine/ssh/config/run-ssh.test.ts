import { spawnSync } from 'node:child_process';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSshRunner } from '#engine/ssh/config/run-ssh.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { sshMissing } from '../../../support/ssh-missing.ts';

const reason = process.platform === 'win32' ? 'there is no sh on Windows' : sshMissing();
if (reason !== null) console.warn(`skipped: ${reason}`);

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
  await folder.write('config', 'Host gpu*\n  HostName %h.example\n  User bob\nHost gpu7\n  Port 77\n');
});
afterEach(() => folder.remove());

const { signal } = new AbortController();
const argsFor = (host: string) => ['-T', '-F', join(folder.path, 'config'), '-G', '--', host];

/** A runner of one program at a time whose ssh is the real one, behind a script that notes who has started it. */
async function runner(slowMs = 20_000) {
  const log = join(folder.path, 'log');
  const ssh = spawnSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).stdout.trim();
  await folder.write('log', '');
  const script = `#!/bin/sh\necho "$PPID $6" >>'${log}'\nexec '${ssh}' "$@"\n`;
  await chmod(await folder.write('bin/ssh', script), 0o755);
  const env = { PATH: `${join(folder.path, 'bin')}:${process.env.PATH}` };
  const starts = async () =>
    (await readFile(log, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
  return { ...createSshRunner({ limit: 1, timeoutMs: 20_000, slowMs, env }), starts };
}

describe.skipIf(reason !== null)('ssh -G for many hosts', () => {
  const hosts = Array.from({ length: 40 }, (_, at) => `gpu${at}`);

  it('is started by few shells, and says of each what it says alone', async () => {
    const { run, expect: announce, starts } = await runner();
    announce(hosts.map(argsFor));
    const together = await Promise.all(hosts.map((host) => run(argsFor(host), signal)));
    const shells = new Set((await starts()).map(([shell]) => shell));
    expect(shells.size).toBeLessThan(hosts.length / 2);
    expect((await starts()).map(([, host]) => host)).toEqual(hosts);
    const alone = await runner();
    for (const [at, host] of hosts.entries())
      expect(together[at]).toEqual(await alone.run(argsFor(host), signal));
    expect(together[7]).toMatchObject({
      kind: 'ended',
      code: 0,
      stdout: expect.stringContaining('port 77\n'),
    });
    expect(new Set((await alone.starts()).map(([shell]) => shell))).toEqual(new Set([String(process.pid)]));
  });

  it('is asked alone for one of which it says nothing, and tells why', async () => {
    const { run, expect: announce } = await runner();
    const odd = ['gpu0', "it's; echo $HOME", '-oProxyCommand=x', ...hosts.slice(1)];
    announce(odd.map(argsFor));
    const answers = await Promise.all(odd.map((host) => run(argsFor(host), signal)));
    for (const at of [1, 2])
      expect(answers[at]).toMatchObject({
        kind: 'ended',
        code: 255,
        stderr: expect.stringMatching(/invalid/),
      });
    expect(answers.filter((answer) => answer.kind === 'ended' && answer.code === 0)).toHaveLength(
      hosts.length,
    );
  });

  it('that is called off for one host answers for the others', async () => {
    const { run, expect: announce } = await runner();
    announce(hosts.map(argsFor));
    const controller = new AbortController();
    const first = run(argsFor('gpu0'), controller.signal);
    const second = run(argsFor('gpu1'), signal);
    controller.abort(new Error('called off'));
    await expect(first).rejects.toThrow('called off');
    expect(await second).toMatchObject({ kind: 'ended', code: 0 });
  });

  it('is asked host by host where that takes long, as what it waits for is a program of the user', async () => {
    const { run, expect: announce, starts } = await runner(0);
    announce(hosts.map(argsFor));
    await Promise.all(hosts.map((host) => run(argsFor(host), signal)));
    const alone = (await starts()).filter(([shell]) => shell === String(process.pid));
    expect(alone.length).toBeGreaterThan(20);
  });

  it('is asked host by host where they are few, and where none was expected', async () => {
    const { run, expect: announce, starts } = await runner();
    await Promise.all(['gpu1', 'gpu2', 'gpu3', 'gpu4', 'gpu5'].map((host) => run(argsFor(host), signal)));
    announce(['gpu6', 'gpu7', 'gpu8'].map(argsFor));
    await Promise.all(['gpu6', 'gpu7', 'gpu8'].map((host) => run(argsFor(host), signal)));
    expect(new Set((await starts()).map(([shell]) => shell))).toEqual(new Set([String(process.pid)]));
  });
});
