/** The script that starts a packed app, on programs that stand in for one. */

import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = path.join(import.meta.dirname, '..', '..', '.ci', 'packed-app.mjs');

describe.skipIf(process.platform === 'win32')('a packed app', { timeout: 120_000 }, () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-stand-in-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Runs the script on a program whose first start does `first` and whose later starts do `second`, in Node. */
  async function check(first: string, second: string) {
    const program = path.join(folder, 'stand-in');
    await writeFile(
      program,
      `#!${process.execPath}
const { mkdirSync } = require('node:fs');
const isFirst = (() => { try { mkdirSync(process.env.HOME + '/lock'); return true; } catch { return false; } })();
if (!process.argv.includes('--demo')) process.exit(9);
if (isFirst) { ${first} } else { ${second} }
`,
      { mode: 0o755 },
    );
    return spawnSync(process.execPath, [script, program], { encoding: 'utf8' });
  }

  const stays = "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);";

  it('is right when it answers its second start and ends when it is asked to', async () => {
    const { status, stdout } = await check(stays, 'process.exit(0)');
    expect([status, stdout]).toEqual([0, 'stand-in started, answered its second start and ended.\n']);
  });

  it('is wrong when it ends while it starts, and what it printed is there to read', async () => {
    const { status, stderr } = await check("console.error('no display'); process.exit(1)", 'process.exit(0)');
    expect(status).toBe(1);
    expect(stderr).toMatch(/ended with 1 while it started\nno display/);
  });

  it('is wrong when it does not end when it is asked to', async () => {
    const { status, stderr } = await check(
      `process.on('SIGTERM', () => process.exit(3)); ${stays}`,
      'process.exit(0)',
    );
    expect([status, stderr]).toEqual([1, expect.stringContaining('ended with 3 when it was asked to')]);
  });

  it('is wrong when there is none', () => {
    const { status, stderr } = spawnSync(process.execPath, [script, path.join(folder, 'missing')], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([1, expect.stringContaining('ENOENT')]);
  });
});
