/** What lets `npx vllm-tray` and `npm start` build only when they must, and one at a time. */

import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const freshness = pathToFileURL(path.resolve(import.meta.dirname, '../../../build/freshness.mjs')).href;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-build-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs a script with freshness.mjs as `f` in a process of its own and returns what it printed. */
function node(script: string): Promise<string> {
  const source = `import * as f from '${freshness}'; const folder = ${JSON.stringify(folder)}; ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source]);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
  return new Promise((resolve) => child.on('close', () => resolve(text.trim())));
}

describe('the fingerprint of sources', () => {
  const print = () => node("console.log(f.fingerprint(folder, ['main', 'lock.json']));");

  it('changes with every edit, new file and removal, and with nothing else', async () => {
    const source = path.join(folder, 'main', 'deep', 'a.ts');
    await mkdir(path.dirname(source), { recursive: true });
    await writeFile(source, 'one');
    const seen = [await print()];
    expect(await print()).toBe(seen[0]);
    await writeFile(path.join(folder, 'other.ts'), 'not a source');
    expect(await print()).toBe(seen[0]);

    await writeFile(source, 'longer');
    seen.push(await print());
    // As long as before, and saved later.
    await writeFile(source, 'LONGER');
    await utimes(source, 1, 1);
    seen.push(await print());
    await writeFile(path.join(folder, 'main', 'b.ts'), '');
    seen.push(await print());
    await rm(source);
    seen.push(await print());
    await writeFile(path.join(folder, 'lock.json'), '{}');
    seen.push(await print());
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe('the lock', () => {
  const addOne = `
    const { readFileSync, writeFileSync } = await import('node:fs');
    await f.withLock(folder + '/dist/.lock', async () => {
      const n = Number(readFileSync(folder + '/count', 'utf8'));
      await new Promise((resolve) => setImmediate(resolve));
      writeFileSync(folder + '/count', String(n + 1));
    });`;

  it('lets one process work at a time', async () => {
    await writeFile(path.join(folder, 'count'), '0');
    await Promise.all(Array.from({ length: 5 }, () => node(addOne)));
    expect(await readFile(path.join(folder, 'count'), 'utf8')).toBe('5');
  });

  it('is taken over from a process that died, and freed after a failure', async () => {
    const gone = spawn(process.execPath, ['--version']);
    await new Promise((resolve) => gone.on('close', resolve));
    await mkdir(path.join(folder, 'dist'));
    await writeFile(path.join(folder, 'dist', '.lock'), String(gone.pid));
    await writeFile(path.join(folder, 'count'), '0');
    const failing = `await f.withLock(folder + '/dist/.lock', () => { throw new Error('broken'); }).catch((e) => console.log(e.message));`;
    expect(await node(failing)).toBe('broken');
    expect(await node(addOne)).toBe('');
    expect(await readFile(path.join(folder, 'count'), 'utf8')).toBe('1');
  });
});
