import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSharedFile } from '#engine/files/shared-file.ts';
import { bundleForNode } from '../../support/bundle.ts';
import { expectEnded } from '../../support/is-running.ts';
import { startUncollected } from '../../support/uncollected.ts';

const run = promisify(execFile);

let folder: string;
let path: string;
const stored = () => JSON.parse(readFileSync(path, 'utf8'));
const put = (key: string, value: unknown) => (state: object | null) => ({ ...state, [key]: value });

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'vt-lock-')), 'vllm-tray');
  path = join(folder, 'config.json');
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

describe('a lock', () => {
  /** Writes as another holder would; the change must come through, and not by stopping this process. */
  async function changedUnder(lock: string, ageMs = 0): Promise<{ readonly atOnce: boolean }> {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${path}.lock`, lock);
    const at = new Date(Date.now() - ageMs);
    utimesSync(`${path}.lock`, at, at);
    const file = openSharedFile(path);
    const changing = file.change(put('a', 1));
    expect(file.read()).toEqual({ a: 1 });
    const atOnce = readdirSync(folder).includes('config.json');
    let turns = 0;
    const turning = setInterval(() => {
      turns += 1;
    }, 1);
    await changing;
    clearInterval(turning);
    // Whoever waits does so without holding anything else up.
    expect(atOnce || turns > 10).toBe(true);
    expect(stored()).toEqual({ a: 1 });
    expect(readdirSync(folder)).toEqual(['config.json']);
    return { atOnce };
  }
  const boot = () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const place = () => `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  const onLinux = process.platform === 'linux';

  it.each([
    ['from the future', -3_600_000],
    ['of long ago', 3_600_000],
  ])('without a holder %s is none', async (_what, ageMs) => {
    expect(await changedUnder('', ageMs)).toEqual({ atOnce: true });
  });

  it('without a holder is given up in time', async () => {
    expect(await changedUnder('')).toEqual({ atOnce: false });
  });

  it.runIf(onLinux)('of a process that has ended is none, whatever its time', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'close');
    const owner = { place: place(), boot: boot(), pid: child.pid };
    expect(await changedUnder(JSON.stringify(owner))).toEqual({ atOnce: true });
  });

  it.runIf(onLinux)('of a process that has ended and is still listed is none', async () => {
    const [pid = 0] = await startUncollected("sh -c 'echo $$; exec sleep 600'");
    process.kill(pid, 'SIGKILL');
    await expectEnded(pid);
    expect(process.kill(pid, 0)).toBe(true);
    const owner = { place: place(), boot: boot(), pid };
    expect(await changedUnder(JSON.stringify(owner))).toEqual({ atOnce: true });
  });

  it.runIf(onLinux)('from before the computer was started is none', async () => {
    const owner = { place: place(), boot: 'another', pid: process.ppid };
    expect(await changedUnder(JSON.stringify(owner))).toEqual({ atOnce: true });
  });

  it.runIf(onLinux)(
    'of a process that runs is waited for, and taken from one that does not move',
    async () => {
      const owner = { place: place(), boot: boot(), pid: process.ppid };
      expect(await changedUnder(JSON.stringify(owner))).toEqual({ atOnce: false });
    },
  );

  it('of another computer is waited for, whatever its clock says', async () => {
    const owner = { place: 'another', boot: 'another', pid: 1 };
    expect(await changedUnder(JSON.stringify(owner), -3_600_000)).toEqual({ atOnce: false });
  });

  it('is held by one of many copies at a time: nothing is lost, and nothing is left', async () => {
    const program = join(folder, '..', 'count.mjs');
    await bundleForNode(
      `import { openSharedFile } from './main/engine/files/shared-file.ts';
       const file = openSharedFile(process.argv[2]);
       for (let n = 0; n < 40; n += 1) await file.change((state) => ({ n: (state?.n ?? 0) + 1 }));`,
      program,
    );
    mkdirSync(folder);
    // One that was left, which all of them find at the same time.
    writeFileSync(`${path}.lock`, '');
    utimesSync(`${path}.lock`, 0, 0);
    await Promise.all([1, 2, 3, 4].map(() => run(process.execPath, [program, path])));
    expect(stored()).toEqual({ n: 160 });
    expect(readdirSync(folder)).toEqual(['config.json']);
  });
});
