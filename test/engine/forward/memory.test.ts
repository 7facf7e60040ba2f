import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createForwardMemory } from '#engine/forward/memory.ts';
import { bundleForNode } from '../../support/bundle.ts';
import { sampleForward } from '../../support/contract/sample.ts';

const run = promisify(execFile);

/** Remembers many targets in a folder, one after the other. */
const rememberMany = `
  import { createForwardMemory } from './main/engine/forward/memory.ts';
  const [folder, hostId, count] = process.argv.slice(2);
  const memory = createForwardMemory(folder, (problem) => { throw new Error(problem); });
  for (let port = 1; port <= Number(count); port += 1) {
    const forward = { id: hostId + ':' + port, hostId, remotePort: port, localPort: port };
    memory.opened({ ...forward, pinned: false, origin: 'user' }, true);
  }`;

describe('what is remembered of forwards', () => {
  let folder: string;
  let path: string;
  const problems: string[] = [];
  const memory = () => createForwardMemory(folder, (detail) => problems.push(detail));
  const stored = () => JSON.parse(readFileSync(path, 'utf8'));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vt-memory-'));
    path = join(folder, 'state.json');
    problems.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is there after a restart: the port, whether it is kept, and whether it was open', () => {
    const before = memory();
    before.opened(sampleForward, true);
    before.opened({ ...sampleForward, id: 'b:1', hostId: 'b', remotePort: 1, localPort: 16_101 }, true);
    before.closed('b:1');
    before.note('b:1', { pinned: true });
    expect(memory().targets()).toMatchObject([
      { hostId: 'a', remotePort: 8000, localPort: 16_100, pinned: false, open: 'user', pid: process.pid },
      { hostId: 'b', remotePort: 1, localPort: 16_101, pinned: true, open: null },
    ]);
    expect(problems).toEqual([]);
  });

  it('of a broken file begins anew, and the file is kept', () => {
    writeFileSync(path, '{"forwards": [');
    const it = memory();
    expect(it.targets()).toEqual([]);
    it.opened(sampleForward, true);
    expect(it.find('a:8000')).toMatchObject({ localPort: 16_100 });
    expect(readFileSync(`${path}.broken`, 'utf8')).toBe('{"forwards": [');
    expect(problems).toEqual([expect.stringContaining('kept as state.json.broken')]);
  });

  it('of a newer version is used as far as it is understood, and none of it is lost', () => {
    const target = {
      hostId: 'a',
      remotePort: 8000,
      localPort: 16_107,
      pinned: true,
      open: null,
      restore: true,
      pid: 1,
    };
    const odd = { hostId: 'a', remotePort: 'http' };
    writeFileSync(
      path,
      JSON.stringify({
        version: 7,
        later: [1],
        forwards: [{ ...target, usedAt: 1, colour: 'red' }, odd, null],
      }),
    );
    const it = memory();
    expect(it.targets()).toMatchObject([target]);
    it.opened({ ...sampleForward, id: 'b:1', hostId: 'b', remotePort: 1 }, false);
    it.note('a:8000', { pinned: false });
    expect(stored()).toMatchObject({ version: 7, later: [1] });
    expect(stored().forwards).toEqual([
      { ...target, pinned: false, label: null, usedAt: 1, colour: 'red' },
      expect.objectContaining({ hostId: 'b' }),
      odd,
      null,
    ]);
  });

  it("is not another copy's to change, while that runs", () => {
    const it = memory();
    it.opened(sampleForward, true);
    // The process that has started this one is another one that runs.
    writeFileSync(path, readFileSync(path, 'utf8').replace(`: ${process.pid}`, `: ${process.ppid}`));
    expect(it.isOfCopy('a:8000')).toBe(true);
    it.closed('a:8000');
    it.opened({ ...sampleForward, localPort: 16_105 }, true);
    expect(it.find('a:8000')).toMatchObject({ open: 'user', localPort: 16_100, pid: process.ppid });
    // Whoever has its port has it: the number belongs to another program by now.
    const taken = memory();
    taken.opened({ ...sampleForward, origin: 'auto' }, true);
    expect(taken.find('a:8000')).toMatchObject({ open: 'auto', pid: process.pid });
    writeFileSync(path, readFileSync(path, 'utf8').replace(`: ${process.pid}`, `: ${process.ppid}`));
    // A copy that has died left it to whoever comes next.
    writeFileSync(path, readFileSync(path, 'utf8').replace(`: ${process.ppid}`, ': 2147483647'));
    expect(it.isOfCopy('a:8000')).toBe(false);
  });

  it('by several copies at once is lost by none', async () => {
    const program = join(folder, 'remember-many.mjs');
    await bundleForNode(rememberMany, program);
    const copies = ['a', 'b', 'c'];
    const each = 60;
    await Promise.all(copies.map((name) => run(process.execPath, [program, folder, name, String(each)])));
    expect(memory().targets()).toHaveLength(copies.length * each);
  });

  it('does not wait for the lock of a copy that has died', async () => {
    await writeFile(`${path}.lock`, '');
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(`${path}.lock`, longAgo, longAgo);
    memory().opened(sampleForward, true);
    expect(stored().forwards).toHaveLength(1);
  });

  it('that cannot be stored is one problem, and lasts as long as the app', async () => {
    if (process.getuid?.() === 0) {
      // Root may write everywhere; a file in place of the folder stops it, too.
      rmSync(folder, { recursive: true });
      writeFileSync(folder, '');
    } else {
      await chmod(folder, 0o500);
    }
    const it = memory();
    it.opened(sampleForward, true);
    it.closed('a:8000');
    await it.settle();
    expect(it.targets()).toMatchObject([{ hostId: 'a', open: null }]);
    expect(problems).toHaveLength(1);
  });

  it('is bounded: closed targets of long ago are forgotten, kept ones never', () => {
    const target = (n: number) => ({
      hostId: `h${n}`,
      remotePort: 8000,
      localPort: 16_100,
      pinned: n === 0,
      open: null,
      restore: true,
      pid: 1,
      usedAt: n,
    });
    writeFileSync(path, JSON.stringify({ forwards: Array.from({ length: 600 }, (_, n) => target(n)) }));
    const it = memory();
    it.opened(sampleForward, true);
    expect(it.targets()).toHaveLength(502);
    expect(it.find('h0:8000')).not.toBeNull();
    expect(it.find('h1:8000')).toBeNull();
  });
});
