/** Reads a file of real output with the parser for its kind, into lines that a person can compare with it. */

import { expect } from 'vitest';
import { parseAmdSmi } from '#engine/probe/tools/amd-smi.ts';
import type { GpuTable } from '#engine/probe/tools/gpu-reading.ts';
import { parseMig } from '#engine/probe/tools/mig.ts';
import { gpuColumns, parseCudaVersion, parseGpuApps, parseGpus } from '#engine/probe/tools/nvidia-smi.ts';
import { parseRocmPids, parseRocmSmi } from '#engine/probe/tools/rocm-smi.ts';
import type { Fixture } from '../../../support/fixtures.ts';

export type Lines = readonly string[];

/** `index name: utilisation used/total temperature power`, then what else is known; a failure last. */
function gpuLines({ gpus, failure }: GpuTable): Lines {
  const lines = gpus.map((gpu) =>
    [
      `${gpu.index} ${gpu.name}:`,
      `${gpu.utilPct}% ${gpu.memUsedMiB}/${gpu.memTotalMiB}MiB ${gpu.temperatureC}C ${gpu.powerW}W`,
      ...Object.entries(gpu.details).flatMap(([name, value]) =>
        value === null || name === 'throttleReasons' ? [] : `${name}=${value}`,
      ),
      ...gpu.details.throttleReasons,
      ...(gpu.instances === null ? [] : ['MIG']),
      ...(gpu.unifiedMemory ? ['unified'] : []),
      ...(gpu.problem === null ? [] : [gpu.problem]),
    ].join(' '),
  );
  const long = lines.length > 8;
  return [
    ...(long ? [...lines.slice(0, 1), `... ${lines.length}`] : lines),
    ...(failure === null ? [] : [`${failure.code} ${failure.detail}`.trim()]),
  ];
}

function migLines(xml: string, list: string): Lines {
  return [...parseMig(xml, list).values()].flatMap(({ instances }) =>
    instances.map((one) => `${one.index} ${one.profile} ${one.memUsedMiB}/${one.memTotalMiB}MiB ${one.uuid}`),
  );
}

const tags =
  /<(?:gpu id=|\/gpu>|uuid>|\/?mig_device>|index>|gpu_instance_id>|compute_instance_id>|\/?fb_memory_usage>|total>|used>|\/?process_info>|pid>|used_memory>)/;

/** The XML is read alike whole and as the lines that cross the wire. */
function xmlLines(file: Fixture): Lines {
  expectNoQuery(file);
  const xml = file.text;
  const some = xml.split('\n').filter((line) => tags.test(line));
  expect(migLines(some.join('\n'), '')).toEqual(migLines(xml, ''));
  return migLines(xml, '');
}

/** What is no query is a failure to the reader of queries, never a GPU. */
function expectNoQuery({ name, text }: Fixture): void {
  const { gpus, failure } = parseGpus(text, 0);
  // This one holds the output of a query among its tables.
  if (name !== 'table_v100_drv495_repeated-snapshots.txt')
    expect([gpus, failure?.code], name).toEqual([[], 'gpu-tool-failed']);
}

function cudaLines(file: Fixture): Lines {
  expectNoQuery(file);
  return [`CUDA ${parseCudaVersion(file.text)}`];
}

/** What files without a header were asked for, as their origin says. */
const asked: Readonly<Record<string, string>> = {
  'csvlog_noheader-units_no-index.csv':
    'timestamp,utilization.gpu,utilization.memory,memory.used,memory.free,temperature.gpu,power.draw',
  'query_gb10_noheader.csv': 'memory.used,memory.total,utilization.memory',
  'query_noheader-nounits_new-NA.csv':
    'memory.total,memory.free,memory.used,temperature.gpu,fan.speed,utilization.gpu,utilization.memory',
  'query_noheader-nounits_old-Not-Supported.csv':
    'memory.total,memory.free,memory.used,temperature.gpu,fan.speed,utilization.gpu,utilization.memory',
  'query_noheader-units_unknown-error.csv':
    'name,utilization.gpu,utilization.memory,temperature.gpu,power.draw,power.limit,fan.speed,pstate,clocks.sm,clocks.mem,power.max_limit,power.default_limit',
};

function queryLines({ name, text }: Fixture): Lines {
  const columns = asked[name]?.split(',') ?? gpuColumns;
  // Where other columns were asked for, the same text is not taken for them.
  if (name.includes('noheader')) expect(parseGpus(text, 0).gpus, name).toEqual([]);
  return gpuLines(parseGpus(text, 0, columns));
}

/** By the beginning of a file's name. */
const readers: Readonly<Record<string, (file: Fixture) => Lines>> = {
  query: queryLines,
  csvlog: queryLines,
  error: ({ text }) => gpuLines(parseGpus(text, 9)),
  'compute-apps': ({ text }) =>
    parseGpuApps(text).map((app) => `${app.uuid.slice(0, 12)} ${app.pid} ${app.name} ${app.memUsedMiB}MiB`),
  list: (file) => {
    expectNoQuery(file);
    return migLines('', file.text);
  },
  xml: xmlLines,
  table: cudaLines,
  q: cudaLines,
  'amd-smi': ({ text }) => gpuLines(parseAmdSmi({ metric: text, metricCode: 0, static: '' })),
  'rocm-smi': ({ text }) => [
    ...gpuLines(parseRocmSmi(text, 0)),
    ...parseRocmPids(text).map(({ pid, name, memUsedMiB }) => `process ${pid} ${name} ${memUsedMiB}MiB`),
  ],
  narrow: ({ text }) =>
    gpuLines(parseGpus(text, 0, ['index', 'name', 'uuid', 'utilization.gpu', 'memory.used', 'memory.total'])),
};

/** Prints what is read of every file, and compares it. A file without expectations is a failure. */
export function compare(files: readonly Fixture[], expected: Readonly<Record<string, Lines>>): void {
  const said = files.map((file): [string, Lines] => {
    const read = readers[file.name.split('_', 1)[0] ?? ''];
    return [file.name, read?.(file) ?? ['no parser']];
  });
  console.table(
    said.flatMap(([file, lines]) => (lines.length === 0 ? ['-'] : lines).map((line) => ({ file, line }))),
  );
  expect(Object.fromEntries(said)).toEqual(expected);
}
