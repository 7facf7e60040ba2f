import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = path.join(import.meta.dirname, '..', '..', '..');
const folder = path.join(root, '.github', 'workflows');
const workflows = (await readdir(folder)).map((name) => [
  name,
  readFileSync(path.join(folder, name), 'utf8'),
]);

it.each(workflows)('%s runs code of others only by its commit', (_name, text = '') => {
  const used = [...text.matchAll(/uses: (.*)/g)].map(([, what]) => what);
  expect(used.length).toBeGreaterThan(0);
  for (const what of used) expect(what).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

it.each(workflows)('%s may do nothing but read, is given no secret, and ends', (name, text = '') => {
  expect(text).toMatch(/^permissions: \{\}$/m);
  // A release is made by the last job of its workflow, which runs no code of the repository.
  const readsOnly = name === 'release.yml' ? text.slice(0, text.indexOf('\n  publish:')) : text;
  expect(readsOnly).not.toMatch(/secrets|write/);
  expect(text).not.toMatch(/secrets/);
  const publish = text.slice(readsOnly.length);
  expect(publish).not.toMatch(/npm|node|checkout/);
  const jobs = text.match(/runs-on:/g) ?? [];
  expect(text.match(/timeout-minutes: \d+/g)).toHaveLength(jobs.length);
  expect(text).toContain('cancel-in-progress: true');
});

describe.each(workflows)('%s', (_name, text = '') => {
  interface Step {
    readonly run?: string;
    readonly uses?: string;
  }
  const jobs = Object.entries(
    (parse(text) as { readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>> }).jobs,
  );
  const commands = jobs.flatMap(([, { steps }]) => steps.flatMap(({ run }) => run ?? []));

  it('is a workflow: every job has steps, and every step runs or uses one thing', () => {
    expect(jobs.length).toBeGreaterThan(0);
    for (const [job, { steps }] of jobs) {
      for (const step of steps) expect([job, 'run' in step, 'uses' in step]).not.toEqual([job, false, false]);
    }
  });

  it('runs commands that a shell can read', () => {
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) {
      const { status, stderr } = spawnSync('bash', ['-n', '-c', command.replaceAll(/\$\{\{.*?\}\}/g, 'x')], {
        encoding: 'utf8',
      });
      expect([command, status, stderr]).toEqual([command, 0, '']);
    }
  });

  it('names only scripts, tests and programs of this package that are there', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    for (const command of commands) {
      for (const [, script = ''] of command.matchAll(/npm run (?:--silent )?(\S+)/g))
        expect(scripts).toHaveProperty(script);
      for (const [, program = ''] of command.matchAll(/npx (\S+)/g))
        expect(existsSync(path.join(root, 'node_modules', '.bin', program)), program).toBe(true);
      for (const [file] of command.matchAll(/(?<!\S)(?:\.ci|test|build)\/[\w./-]+/g))
        expect(existsSync(path.join(root, file)), file).toBe(true);
    }
  });
});

it('the script for Linux is one that bash can read, and what it runs is there', () => {
  const file = path.join(root, '.ci', 'desktop-linux');
  expect(spawnSync('bash', ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  expect(statSync(file).mode & 0o111).not.toBe(0);
  for (const [name] of readFileSync(file, 'utf8').matchAll(/(?<!\S)(?:\.ci|test)\/[\w./-]+\.(?:mjs|py|ts)/g))
    expect(existsSync(path.join(root, name)), name).toBe(true);
});
