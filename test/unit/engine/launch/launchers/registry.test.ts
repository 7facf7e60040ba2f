/** The lines that start a program on a host: each word stays one word, whatever it holds. */

import { describe, expect, it } from 'vitest';
import type { GpuLimit, HostFacts, LaunchWork } from '#engine/launch/launchers/launcher.ts';
import { type KnownChoice, launchers, linesOf, settledChoice } from '#engine/launch/launchers/registry.ts';

const facts: HostFacts = {
  condaBases: ['/opt/my conda', '/opt/other'],
  condaEnvironments: ['vllm_env'],
  vllm: '/usr/bin/vllm',
  uv: true,
  containerTool: 'docker',
};
const bare: HostFacts = { condaBases: [], condaEnvironments: [], vllm: null, uv: false, containerTool: null };
const work: LaunchWork = { name: 'a', model: 'org/m', remotePort: 8000, args: [], env: {}, gpus: null };
const nvidia: GpuLimit = { vendor: 'nvidia', uuids: ['GPU-1', 'GPU-2'], indices: [1, 2] };
const amd: GpuLimit = { ...nvidia, vendor: 'amd' };

const choices: readonly KnownChoice[] = [
  { kind: 'plain' },
  { kind: 'conda', environment: 'vllm_env' },
  { kind: 'venv', folder: '/srv/env' },
  { kind: 'uv' },
  { kind: 'container', image: 'vllm/vllm-openai' },
];
const line = (choice: KnownChoice, more: Partial<LaunchWork> = {}, on: HostFacts = facts): string =>
  linesOf({ ...work, ...more }, choice, on).line;
const of = (kind: KnownChoice['kind']): KnownChoice =>
  choices.find((one) => one.kind === kind) as KnownChoice;

describe('a line', () => {
  it.each([
    ['plain', 'exec vllm serve org/m --port 8000 --host 127.0.0.1'],
    [
      'conda',
      ". '/opt/my conda/etc/profile.d/conda.sh' && conda activate vllm_env && exec vllm serve org/m --port 8000 --host 127.0.0.1",
    ],
    ['venv', '. /srv/env/bin/activate && exec vllm serve org/m --port 8000 --host 127.0.0.1'],
    ['uv', 'exec uv run --no-project --with vllm vllm serve org/m --port 8000 --host 127.0.0.1'],
  ] as const)('of %s starts vLLM in place of the shell, on the loopback of the host', (kind, expected) => {
    expect(line(of(kind))).toBe(expected);
  });

  it('of a container opens its port on the loopback of the host alone, and names no token', () => {
    const text = line(of('container'));
    expect(text).toContain('--publish 127.0.0.1:8000:8000');
    expect(text).toContain('--host 0.0.0.0');
    expect(text).toMatch(/--env HF_TOKEN(?!=)/);
    expect(text).toMatch(/exec docker run --rm .*--volume "\$HOME"\/\.cache\/huggingface:/);
  });

  it.each(choices)('of $kind keeps what is hostile in one word', (choice) => {
    const hostile = "x'; rm -rf ~ #";
    const text = line(choice, { model: hostile, args: ['--a', '$(id)', '`id`', ''], env: { A: 'b c' } });
    const quoted = `'x'\\''; rm -rf ~ #'`;
    expect(text).toContain(`serve ${quoted} --port`);
    expect(text).toContain(`--a '$(id)' '\`id\`' ''`);
    expect(text).toContain(`'A=b c'`);
  });

  it.each(['plain', 'conda', 'venv', 'uv'] as const)('of %s limits the program to its GPUs', (kind) => {
    expect(line(of(kind), { gpus: nvidia })).toContain('exec env CUDA_VISIBLE_DEVICES=GPU-1,GPU-2 ');
    expect(line(of(kind), { gpus: amd })).toContain('exec env HIP_VISIBLE_DEVICES=1,2 ');
  });

  it('of a container limits it by the option of its tool, once', () => {
    const podman = { ...facts, containerTool: 'podman' } as const;
    const container = of('container');
    expect(line(container, { gpus: nvidia })).toContain(`--gpus '"device=GPU-1,GPU-2"'`);
    expect(line(container, { gpus: nvidia }, podman)).toContain(
      '--device nvidia.com/gpu=GPU-1 --device nvidia.com/gpu=GPU-2',
    );
    const text = line(container, { gpus: amd });
    expect(text).toContain('--device /dev/kfd --device /dev/dri --env HIP_VISIBLE_DEVICES=1,2');
    expect(text.match(/VISIBLE_DEVICES/g)).toHaveLength(1);
    expect(line(container, { gpus: nvidia })).not.toContain('CUDA_VISIBLE_DEVICES');
  });

  it('listens where the person says', () => {
    for (const args of [['--host', '0.0.0.0'], ['--host=0.0.0.0']])
      expect(line(of('plain'), { args })).toBe(`exec vllm serve org/m --port 8000 ${args.join(' ')}`);
  });

  it('has the variables of the person above the limit', () => {
    const text = line(of('plain'), { gpus: nvidia, env: { CUDA_VISIBLE_DEVICES: '0' } });
    expect(text).toContain('env CUDA_VISIBLE_DEVICES=0 ');
  });

  it.each([
    ['~/my env', ". ~/'my env/bin/activate' &&"],
    ['env', '. ./env/bin/activate &&'],
    ['~other/env', ". './~other/env/bin/activate' &&"],
  ])('of a virtual environment at %j finds it', (folder, expected) => {
    expect(line({ kind: 'venv', folder })).toContain(expected);
  });
});

describe('what the host lacks', () => {
  it.each([
    ['plain', 'there is no vllm in the PATH of the login shell'],
    ['conda', 'there is no conda on the host'],
    ['uv', 'there is no uv on the host'],
    ['container', 'there is neither docker nor podman on the host'],
  ] as const)('refuses %s with its reason', (kind, detail) => {
    expect(() => line(of(kind), {}, bare)).toThrow(
      expect.objectContaining({ code: 'launch-refused', step: 'launch', detail }),
    );
  });

  it('an image that would be an option is refused', () => {
    expect(() => line({ kind: 'container', image: '--privileged' })).toThrow(
      expect.objectContaining({ code: 'launch-refused', detail: 'the name of the image is an option' }),
    );
  });
});

describe('what is left of it', () => {
  it('is the container alone, which outlives the group of its client', () => {
    const kill = (choice: KnownChoice) => linesOf({ ...work, name: "it's" }, choice, facts).killLine;
    expect(kill(of('container'))).toBe(`docker kill 'it'\\''s'`);
    expect(choices.filter(({ kind }) => kind !== 'container').map(kill)).toEqual([null, null, null, null]);
    expect(launchers.container.killLine(work, bare)).toBeNull();
  });
});

describe('auto', () => {
  it('is the environment of vllmctl where conda has it, and else what the login shell finds', () => {
    expect(settledChoice({ kind: 'auto' }, facts)).toEqual({ kind: 'conda', environment: 'vllm_env' });
    expect(settledChoice({ kind: 'auto' }, bare)).toEqual({ kind: 'plain' });
    expect(settledChoice({ kind: 'uv' }, facts)).toEqual({ kind: 'uv' });
  });
});
