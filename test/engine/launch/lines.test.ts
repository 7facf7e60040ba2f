/** The lines that launchers make, run by real shells: every word arrives as it was, and nothing else runs. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostFacts, LaunchWork } from '#engine/launch/launchers/launcher.ts';
import { type KnownChoice, launchers, linesOf, settledChoice } from '#engine/launch/launchers/registry.ts';
import { runs } from '../../support/runs.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'vt-lines-'));
  const program = '#!/bin/sh\n{ printf "%s\\0" "$(basename "$0")" "$@"; } >"$OUT"\nenv -0 >"$OUT.env"\n';
  for (const name of ['vllm', 'uv', 'docker', 'podman'])
    writeFileSync(join(home, name), program, { mode: 0o755 });
  for (const file of ['conda/etc/profile.d/conda.sh', 'my venv/bin/activate']) {
    mkdirSync(join(home, file, '..'), { recursive: true });
    writeFileSync(join(home, file), 'conda() { printf "%s\\0" "$@" >"$OUT.conda"; }\n');
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const facts = (): HostFacts => ({
  condaBases: [join(home, 'conda')],
  condaEnvironments: [],
  vllm: join(home, 'vllm'),
  uv: true,
  containerTool: 'docker',
});
const work: LaunchWork = {
  name: 'vllmctl_server_8000',
  model: 'org/model',
  remotePort: 8000,
  args: [],
  env: {},
  gpus: { vendor: 'nvidia', uuids: ['GPU-a', 'GPU-b'], indices: [0, 1] },
};

function execute(shell: string, line: string) {
  const out = join(home, 'out');
  for (const end of ['', '.env', '.conda']) rmSync(out + end, { force: true });
  const { stderr } = spawnSync(shell, ['-c', line], {
    encoding: 'utf8',
    cwd: home,
    env: { PATH: `${home}:/usr/bin:/bin`, HOME: home, OUT: out },
  });
  const read = (end: string) =>
    existsSync(out + end)
      ? readFileSync(out + end, 'utf8')
          .split('\0')
          .slice(0, -1)
      : null;
  return { words: read(''), env: read('.env') ?? [], conda: read('.conda'), stderr };
}

// No NUL: no argument can hold one.
const word = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.string({ unit: fc.constantFrom(...'\'"`$\\!;&|<>(){}[]*?~#%^= \n\t-ab/'.split('')), maxLength: 20 }),
  )
  .filter((text) => !text.includes('\0'));
const variable = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,10}$/).map((name) => `X_${name}`);

const served = (model: string, args: readonly string[], address = '127.0.0.1') => {
  const own = args.some((arg) => arg === '--host' || arg.startsWith('--host='));
  return ['serve', model, '--port', '8000', ...(own ? [] : ['--host', address]), ...args];
};

describe.each(['/bin/sh', '/bin/bash'])('a line of a launcher in %s', (shell) => {
  const check = (
    choice: KnownChoice,
    expected: (model: string, args: readonly string[]) => readonly string[],
  ) =>
    fc.assert(
      fc.property(
        word,
        fc.array(word, { maxLength: 4 }),
        fc.dictionary(variable, word, { maxKeys: 2 }),
        (model, args, env) => {
          const { line } = linesOf({ ...work, model, args, env }, choice, facts());
          const { words, env: seen } = execute(shell, line);
          expect(words).toEqual(expected(model, args));
          if (choice.kind === 'container') return;
          for (const [name, value] of Object.entries({ CUDA_VISIBLE_DEVICES: 'GPU-a,GPU-b', ...env }))
            expect(seen).toContain(`${name}=${value}`);
        },
      ),
      runs(40),
    );

  it('hands vllm exactly the words: plain, and after an activation', () => {
    check({ kind: 'plain' }, (model, args) => ['vllm', ...served(model, args)]);
    check({ kind: 'conda', environment: "it's $(x)" }, (model, args) => ['vllm', ...served(model, args)]);
    check({ kind: 'venv', folder: 'my venv' }, (model, args) => ['vllm', ...served(model, args)]);
    expect(
      execute(shell, linesOf(work, { kind: 'conda', environment: "it's $(x)" }, facts()).line).conda,
    ).toEqual(['activate', "it's $(x)"]);
  });

  it('hands them to uv', () => {
    check({ kind: 'uv' }, (model, args) => [
      ...['uv', 'run', '--no-project', '--with', 'vllm', 'vllm'],
      ...served(model, args),
    ]);
  });

  it('hands them to an image, after its name', () => {
    fc.assert(
      fc.property(
        word,
        word.filter((text) => !text.startsWith('-')),
        fc.array(word, { maxLength: 3 }),
        (model, image, args) => {
          const { line } = linesOf({ ...work, model, args }, { kind: 'container', image }, facts());
          const { words } = execute(shell, line);
          expect(words?.slice(0, 2)).toEqual(['docker', 'run']);
          expect(words).toContain('"device=GPU-a,GPU-b"');
          expect(words).toContain(`${home}/.cache/huggingface:/root/.cache/huggingface`);
          expect(words?.slice(words.indexOf('--entrypoint'))).toEqual([
            ...['--entrypoint', 'vllm', image],
            ...served(model, args, '0.0.0.0'),
          ]);
        },
      ),
      runs(30),
    );
  });
});

describe('launchers', () => {
  it('refuse what the host does not have, and an image that is an option', () => {
    const nothing = { condaBases: [], condaEnvironments: [], vllm: null, uv: false, containerTool: null };
    const choices: readonly KnownChoice[] = [
      { kind: 'plain' },
      { kind: 'conda', environment: 'x' },
      { kind: 'uv' },
      { kind: 'container', image: 'x' },
    ];
    for (const choice of choices)
      expect(() => linesOf(work, choice, nothing), choice.kind).toThrow(/not started/);
    expect(() => linesOf(work, { kind: 'container', image: '--privileged' }, facts())).toThrow(/option/);
    expect(Object.keys(launchers)).toHaveLength(5);
  });

  it('take the usual environment of conda where it is, and the login shell otherwise', () => {
    expect(settledChoice({ kind: 'auto' }, facts())).toEqual({ kind: 'plain' });
    expect(settledChoice({ kind: 'auto' }, { ...facts(), condaEnvironments: ['base', 'vllm_env'] })).toEqual({
      kind: 'conda',
      environment: 'vllm_env',
    });
  });

  it('limit AMD devices by their numbers, and let the own variables stand above the limit', () => {
    const amd = { ...work, gpus: { vendor: 'amd', uuids: ['x'], indices: [3] } as const };
    expect(linesOf(amd, { kind: 'plain' }, facts()).line).toContain('HIP_VISIBLE_DEVICES=3 ');
    const own = { ...work, env: { CUDA_VISIBLE_DEVICES: '0,1' } };
    expect(linesOf(own, { kind: 'plain' }, facts()).line).toContain('env CUDA_VISIBLE_DEVICES=0,1 vllm');
    expect(
      linesOf(work, { kind: 'container', image: 'i' }, { ...facts(), containerTool: 'podman' }),
    ).toMatchObject({
      line: expect.stringContaining('--device nvidia.com/gpu=GPU-a --device nvidia.com/gpu=GPU-b'),
      killLine: 'podman kill vllmctl_server_8000',
    });
  });
});
