import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinInstances } from '#engine/probe/gpu-answer.ts';
import { parseMig } from '#engine/probe/tools/mig.ts';
import { aGpu, aProcess } from '../../../../support/samples.ts';

const device = (index: number, gi: number, used: number) => `      <mig_device>
        <index>${index}</index>
        <gpu_instance_id>${gi}</gpu_instance_id>
        <compute_instance_id>0</compute_instance_id>
        <fb_memory_usage>
          <total>9856 MiB</total>
          <used>${used} MiB</used>
        </fb_memory_usage>
        <total>16383 MiB</total>
        <used>0 MiB</used>
      </mig_device>
`;
const xml = `<gpu id="00000000:65:00.0">
${device(0, 7, 12)}${device(1, 8, 9001)}      <uuid>GPU-a</uuid>
      <process_info>
        <gpu_instance_id>8</gpu_instance_id>
        <compute_instance_id>0</compute_instance_id>
        <pid>4242</pid>
        <used_memory>8980 MiB</used_memory>
      </process_info>
</gpu>
<gpu id="00000000:66:00.0">
      <uuid>GPU-b</uuid>
</gpu>
`;
const list = `GPU 0: NVIDIA A100-SXM4-80GB (UUID: GPU-a)
  MIG 1g.10gb     Device  0: (UUID: MIG-11)
  MIG 1c.2g.20gb  Device  1: (UUID: MIG-GPU-a/7/0)
GPU 1: NVIDIA A100-SXM4-80GB (UUID: GPU-b)
`;

describe('MIG instances', () => {
  test('with their own memory, name and processes', () => {
    const gpu = { ...aGpu, uuid: 'GPU-a', instances: [], processes: [aProcess, { ...aProcess, pid: 7 }] };
    const [joined] = joinInstances([gpu], parseMig(xml, list));
    expect(joined?.instances).toEqual([
      { index: 0, uuid: 'MIG-11', profile: '1g.10gb', memUsedMiB: 12, memTotalMiB: 9856, processes: [] },
      {
        index: 1,
        uuid: 'MIG-GPU-a/7/0',
        profile: '1c.2g.20gb',
        memUsedMiB: 9001,
        memTotalMiB: 9856,
        processes: [aProcess],
      },
    ]);
    expect(parseMig(xml, list).has('GPU-b')).toBe(false);
  });

  test('whatever the profile is called', () => {
    const profiles = ['1g.10gb+me', '1g.24gb-me', '1g.24gb+me.all', '4g.96gb+gfx', '1c.2g.20gb+me'];
    const lines = profiles.map(
      (profile, index) => `  MIG ${profile} Device ${index}: (UUID: MIG-${index})\n`,
    );
    expect(
      parseMig('', `GPU 0: NVIDIA (UUID: GPU-a)\n${lines.join('')}`)
        .get('GPU-a')
        ?.instances.map(({ profile }) => profile),
    ).toEqual(profiles);
  });

  test('accounted and graphics processes, and those of other GPUs, are on no instance', () => {
    const processes = (tag: string, gi: string, pid: number) =>
      `<${tag}>\n<gpu_instance_id>${gi}</gpu_instance_id>\n<compute_instance_id>0</compute_instance_id>\n<pid>${pid}</pid>\n</${tag}>\n`;
    const text = `${xml.replace('</gpu>', `${processes('accounted_process_info', '7', 1)}${processes('process_info', 'N/A', 2)}</gpu>`)}${processes('process_info', '7', 3)}`;
    expect([...(parseMig(text, list).get('GPU-a')?.instanceOf ?? [])]).toEqual([[4242, 1]]);
  });

  test('by the list alone, or by the XML alone', () => {
    expect(
      parseMig('', list)
        .get('GPU-a')
        ?.instances.map(({ profile, memUsedMiB }) => [profile, memUsedMiB]),
    ).toEqual([
      ['1g.10gb', null],
      ['1c.2g.20gb', null],
    ]);
    expect(
      parseMig(xml, '')
        .get('GPU-a')
        ?.instances.map(({ uuid, memUsedMiB }) => [uuid, memUsedMiB]),
    ).toEqual([
      [null, 12],
      [null, 9001],
    ]);
  });

  test('hostile text: cut at every byte, anything at all, 10 MB in one line', () => {
    for (let length = 0; length <= xml.length; length += 1)
      parseMig(xml.slice(0, length), list.slice(0, length));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void parseMig(text, text)),
    );
    for (const filling of [' ', '<', 'x', '<uuid>']) {
      const line = filling.repeat(10_000_000 / filling.length);
      expect(parseMig(`<gpu>\n${line}`, `GPU 0: ${line}`).size).toBe(0);
    }
  });
});
