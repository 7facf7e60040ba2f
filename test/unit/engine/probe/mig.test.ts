import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinInstances, parseMig } from '#engine/probe/mig.ts';
import { aGpu, aProcess } from '../../../samples.ts';
import { describeFixtures } from './fixtures.ts';

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

describeFixtures('nvidia', (files) => {
  const textOf = (name: string) => files.find((file) => file.name === name)?.text ?? '';

  test('the instances of real captures', () => {
    const a100 = [...parseMig(textOf('xml_a100-sxm4-v12.xml'), '').values()];
    expect(
      a100.flatMap(({ instances }) => instances.map((one) => [one.memUsedMiB, one.memTotalMiB])),
    ).toEqual(Array.from({ length: 4 }, () => [12, 19_968]));
    const h200 = [...parseMig('', textOf('list_-L_h200-mig.txt')).values()];
    expect(h200.flatMap(({ instances }) => instances.map(({ profile }) => profile))).toEqual([
      '1c.3g.71gb',
      '2c.3g.71gb',
      '2g.35gb',
      '1g.18gb',
      '1g.18gb',
    ]);
  });

  test.each(files.filter(({ name }) => /^(?:xml|list)_/.test(name)))('$name', ({ name, text }) => {
    const found = parseMig(text, text).size;
    expect(found).toBe(/a100|mig/.test(name) ? 1 : 0);
  });
});
