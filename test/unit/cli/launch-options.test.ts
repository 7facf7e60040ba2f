import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addServeOptions, requestOf, type ServeOptions } from '../../../main/cli/launch-options.ts';

/** What these words are. Errors: those of commander. */
function options(words: string): ServeOptions {
  const command = new Command()
    .option('--timeout <s>')
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  addServeOptions(command).parse(['--server', 'gpu-01', ...words.split(' ').filter(Boolean)], {
    from: 'user',
  });
  return command.opts<ServeOptions>();
}

/** What they ask for. Errors: also those of the request. */
const asked = (words: string, args: readonly string[] = []) => requestOf('org/m', args, options(words));

it('is waited for 600 seconds where nothing is said', () => {
  expect(options('').timeout).toBe(600);
  expect(options('--timeout 1.5').timeout).toBe(1.5);
});

describe('the GPUs of a launch', () => {
  it.each([
    ['', undefined],
    ['--gpus 2', { kind: 'count', count: 2, minGiB: 0 }],
    ['--gpus 2 --min-gib 80', { kind: 'count', count: 2, minGiB: 80 }],
    ['--gpus 0,3,0', { kind: 'indices', indices: [0, 3] }],
    ['--gpus 5,', { kind: 'indices', indices: [5] }],
    // As many as the model is split over.
    ['--min-gib 40', { kind: 'count', count: 1, minGiB: 40 }],
    ['--min-gib 40 --tensor-parallel-size 4', { kind: 'count', count: 4, minGiB: 40 }],
  ])('%j', (words, gpus) => {
    expect(asked(words).gpus).toEqual(gpus);
  });

  it.each(['65', '1,,2', 'all', ',', '-1'])('are not %j', (gpus) => {
    expect(() => asked(`--gpus=${gpus}`)).toThrow();
  });
});

describe('the launcher', () => {
  it.each([
    ['', { kind: 'auto' }],
    ['--conda-env vllm', { kind: 'conda', environment: 'vllm' }],
    ['--venv /opt/venv', { kind: 'venv', folder: '/opt/venv' }],
    ['--uv', { kind: 'uv' }],
    ['--container vllm/vllm-openai', { kind: 'container', image: 'vllm/vllm-openai' }],
  ])('%j', (words, launcher) => {
    expect(asked(words).launcher).toEqual(launcher);
  });

  it('is one of them', () => {
    expect(() => asked('--venv /opt/venv --uv')).toThrow(/cannot be used with/);
    expect(() => asked('--conda-env a --container b')).toThrow(/cannot be used with/);
  });
});

describe('a request', () => {
  it('says how the model is split before the arguments for vllm', () => {
    expect(asked('--tensor-parallel-size 2', ['--max-model-len', '100']).args).toEqual([
      '--tensor-parallel-size',
      '2',
      '--max-model-len',
      '100',
    ]);
  });

  it('takes variables, of which a value may hold =, and a lifetime', () => {
    expect(asked('--env A=b=c --env B= --lifetime 2h')).toMatchObject({
      env: { A: 'b=c', B: '' },
      lifetimeSeconds: 7200,
    });
    expect(() => asked('--env A')).toThrow(/NAME=VALUE/);
    expect(() => asked('--lifetime soon')).toThrow(/2h/);
  });

  it('is for the host that fits best, where none is named', () => {
    const options = { server: 'auto', timeout: 86_400, env: {} } as ServeOptions;
    expect(requestOf('org/m', [], options).hostId).toBeNull();
  });

  it('is refused where no host could be asked for it, with what is wrong', () => {
    const options = { server: 'gpu-01', timeout: 86_400, env: {} } as ServeOptions;
    expect(() => requestOf('--help', [], options)).toThrow('MODEL comes before');
    expect(() => requestOf('m', [], { ...options, env: { '1A': 'x' } })).toThrow(/^--env must be NAME=VALUE/);
    expect(() => requestOf('m', ['a\nb'], options)).toThrow(/^The arguments for vllm/);
    expect(() => requestOf('', [], options)).toThrow('MODEL must be a name');
    expect(() => requestOf('m', [], { ...options, name: 'a b' })).toThrow('--name must be at most 64');
    expect(() => requestOf('m', [], { ...options, venv: '-x' })).toThrow('What --conda-env, --venv and');
    expect(() => requestOf('m', [], { ...options, server: '' })).toThrow('--server must be');
  });
});
