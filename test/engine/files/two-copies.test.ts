/** Several copies of the app on one folder: for each file that they write, nothing of any copy is lost, and nothing is left. */

import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSettingsFile } from '#app/stored-settings.ts';
import { bundleForNode } from '../../support/bundle.ts';
import { engineFor } from '../../support/engine-for.ts';

const run = promisify(execFile);

const copies = ['a', 'b', 'c'];
const each = 25;

interface Row {
  readonly file: string;
  /** What one copy does, as a module: `name` is its own, `folder` that of all, `count` how often. */
  readonly program: string;
  /** What of all copies the file holds in the end, in any order; each copy's is its name and a number. */
  readonly held: (text: string) => readonly string[];
  readonly expected: readonly string[];
}

const numbered = copies.flatMap((name) => Array.from({ length: each }, (_, n) => `${name}${n}`));

const rows: readonly Row[] = [
  {
    file: 'config.json',
    // Each has read the file once, as a copy does that follows nothing.
    program: `
      import { openSettingsFile } from './main/app/stored-settings.ts';
      const file = openSettingsFile(folder);
      let settings = file.settings;
      for (let n = 0; n < count; n += 1) {
        const before = settings;
        settings = { ...settings, excludedHosts: [...settings.excludedHosts, name + n] };
        await file.save(settings, before);
      }`,
    held: (text) => JSON.parse(text).excludedHosts,
    expected: numbered,
  },
  {
    file: 'state.json',
    program: `
      import { createForwardMemory } from './main/engine/forward/memory.ts';
      const memory = createForwardMemory(folder, (problem) => { throw new Error(problem); });
      for (let n = 0; n < count; n += 1) {
        const target = { id: name + ':' + (n + 1), hostId: name, remotePort: n + 1, localPort: n + 1 };
        memory.opened({ ...target, pinned: false, origin: 'user' }, true);
      }
      await memory.settle();`,
    held: (text) =>
      JSON.parse(text).forwards.map(
        ({ hostId, remotePort }: { hostId: string; remotePort: number }) => `${hostId}${remotePort - 1}`,
      ),
    expected: numbered,
  },
  {
    file: 'history.json',
    program: `
      import { createHistory } from './main/engine/history/history.ts';
      import { createHistoryFile } from './main/engine/history/history-file.ts';
      const history = createHistory();
      const now = Date.now();
      history.restore({ version: 1, tracks: { [name]: { times: [now], columns: { load: [1] } } } });
      const onProblem = (problem) => { throw new Error(problem.detail); };
      const file = createHistoryFile({ path: folder + '/history.json', history, onProblem });
      for (let n = 0; n < count; n += 1) await file.save();`,
    held: (text) => Object.keys(JSON.parse(text).tracks),
    expected: copies,
  },
  {
    file: 'known_hosts',
    program: `
      import { appendKnownHost } from './main/engine/ssh/trust/known-hosts-file.ts';
      const part = Buffer.from('ssh-ed25519');
      const key = Buffer.concat([Buffer.from([0, 0, 0, part.length]), part, Buffer.from([0, 0, 0, 32]), Buffer.alloc(32, 7)]);
      for (let n = 0; n < count; n += 1)
        await appendKnownHost(folder + '/known_hosts', { name: name + n, key, hash: false });`,
    held: (text) =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => /^(\w+) ssh-ed25519 [\w+/=]{68}$/.exec(line)?.[1] ?? `torn: ${line}`),
    expected: numbered,
  },
];

describe('several copies on one folder', () => {
  let home: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'vt-copies-'));
  });
  afterAll(async () => {
    // There is one desktop app at a time, and no other face writes secrets.
    console.log('secrets.json  one writer: the desktop app, of which there is one at a time');
    await rm(home, { recursive: true, force: true });
  });

  it.each(rows)('lose nothing of $file', async ({ file, program, held, expected }) => {
    const folder = join(home, file.replace('.', '-'));
    await mkdir(folder, { mode: 0o700 });
    const script = join(home, `${file}.mjs`);
    const head = 'const [folder, name] = process.argv.slice(2);\n';
    await bundleForNode(
      `${program.replace(/(?=\n\s*(?!import)\S)/, `\n${head}const count = ${each};`)}`,
      script,
    );
    await Promise.all(copies.map((name) => run(process.execPath, [script, folder, name])));
    const found = held(readFileSync(join(folder, file), 'utf8'));
    expect([...found].sort()).toEqual([...expected].sort());
    expect(readdirSync(folder)).toEqual([file]);
    expect(existsSync(join(folder, `${file}.lock`))).toBe(false);
    console.log(
      `${file.padEnd(12)}  ${copies.length} copies, ${each} writes each: ${found.length} of ${expected.length} held, nothing left over`,
    );
  });

  it('let go of a host that another one has switched off, while they run', async () => {
    const folder = join(home, 'live');
    const sshConfig = join(home, 'ssh-config');
    await writeFile(sshConfig, ['a', 'b'].map((alias) => `Host ${alias}\n  Port 1\n`).join(''));
    const other = openSettingsFile(folder);
    const file = openSettingsFile(folder);
    const engine = engineFor(sshConfig, {
      settings: file.settings,
      saveSettings: file.save,
      followSettings: file.follow,
      dataFolder: folder,
    });
    await engine.loadHosts();
    engine.begin();
    const hosts = () => engine.snapshot().hosts.map(({ alias }) => alias);
    expect(hosts()).toEqual(['a', 'b']);
    await other.save({ ...other.settings, excludedHosts: ['a'] }, other.settings);
    await expect.poll(hosts, { timeout: 20_000 }).toEqual(['b']);
    await engine.handlers['settings.update']({ change: { theme: 'dark' } });
    expect(openSettingsFile(folder).settings).toMatchObject({ theme: 'dark', excludedHosts: ['a'] });
    await engine.dispose();
  });
});
