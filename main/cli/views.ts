/** What the commands print for people: the same facts and words as the window, in plain tables. */

import { describeFailure, errors } from '#common/errors.ts';
import { formatsOf } from '#common/format.ts';
import { countEn } from '#common/language.ts';
import type { Host, Snapshot } from '#common/model.ts';
import {
  failureOf,
  gpuCondition,
  hasFailed,
  headline,
  hostSummary,
  hostsByIdleFirst,
  modelRows,
  queueRows,
} from '#common/select.ts';
import { whyNoModel } from '#common/words/states.ts';
import { axisTop, sparkline } from './sparkline.ts';
import { type Cell, coloured, formatTable, type TextStyle } from './table.ts';
import { cutToWidth } from './text-width.ts';

const formats = formatsOf('en');

export function hostsView(snapshot: Snapshot, style: TextStyle): readonly string[] {
  return formatTable(
    [
      { title: 'HOST', flexible: true },
      { title: 'ADDRESS', flexible: true },
      { title: 'PORT', align: 'right' },
      { title: 'USER', flexible: true },
    ],
    snapshot.hosts.map(({ alias, endpoint }) => [
      alias,
      endpoint?.hostname ?? '?',
      String(endpoint?.port ?? '?'),
      endpoint?.user ?? '?',
    ]),
    style,
  );
}

/** Hosts with the most idle GPUs first; those that gave no answer follow with the reason. */
export function gpusView(snapshot: Snapshot, style: TextStyle): readonly string[] {
  const hosts = hostsByIdleFirst(snapshot).filter((host) => !hasFailed(host));
  const table = formatTable(
    [
      { title: 'HOST', flexible: true },
      { title: 'IDLE', align: 'right' },
      { title: 'UTIL', align: 'right' },
      { title: 'MEM GiB', align: 'right' },
      { title: 'IDLE GPUS' },
      { title: 'GPUS', flexible: true },
      { title: 'USERS', flexible: true },
    ],
    hosts.map((host) => gpuRow(host, snapshot)),
    style,
  );
  return [headlineOf(snapshot, style), '', ...table, ...failures(snapshot, style)];
}

function gpuRow(host: Host, { settings: { idleRule } }: Snapshot): readonly Cell[] {
  const { idle, total, meanUtilPct, memUsedMiB, memTotalMiB, users } = hostSummary(host, idleRule);
  if (total === 0) return [host.alias, '', '', '', '', { text: stateWords(host), colour: 'dim' }];
  const free = host.gpus.filter((gpu) => gpuCondition(gpu, idleRule) === 'idle').map(({ index }) => index);
  const broken = host.gpus.filter((gpu) => gpu.problem !== null).length;
  return [
    host.alias,
    idle > 0 ? { text: `${idle}/${total}`, colour: 'green' } : `${idle}/${total}`,
    formats.pct(meanUtilPct),
    `${formats.gib(memUsedMiB)}/${formats.gib(memTotalMiB)}`,
    ranges(free),
    gpuNames(host) + (broken > 0 ? `, ${broken} in error` : ''),
    users.join(' '),
  ];
}

/** `8 × NVIDIA H100`, one part for each kind of GPU. */
function gpuNames({ gpus }: Host): string {
  const counts = new Map<string, number>();
  for (const { name } of gpus) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, times]) => `${times} × ${name}`).join(', ');
}

/** `0-3,6`: as CUDA_VISIBLE_DEVICES counts, with runs drawn together. */
export function ranges(indices: readonly number[]): string {
  const runs: { readonly from: number; to: number }[] = [];
  for (const index of [...indices].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && index === last.to + 1) last.to = index;
    else runs.push({ from: index, to: index });
  }
  return runs.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

/** One row per model; a server that shows none says why. */
export function modelsView(snapshot: Snapshot, style: TextStyle): readonly string[] {
  const rows = modelRows(snapshot).map(({ host, server, model }): readonly Cell[] => [
    host.alias,
    String(server.port),
    model === null ? { text: `(${whyNoModel(server.state, 'en').title})`, colour: 'yellow' } : model.id,
    server.engine ?? '',
    server.version ?? '',
    model?.maxModelLen?.toString() ?? '',
  ]);
  const table = formatTable(
    [
      { title: 'HOST', flexible: true },
      { title: 'PORT', align: 'right' },
      { title: 'MODEL', flexible: true },
      { title: 'ENGINE' },
      { title: 'VERSION', flexible: true },
      { title: 'CONTEXT', align: 'right' },
    ],
    rows,
    style,
  );
  const body = rows.length === 0 ? ['No model found.'] : table;
  return [headlineOf(snapshot, style), '', ...body, ...failures(snapshot, style)];
}

export interface Graphs {
  /** Output tokens per second by the row's key, oldest first; unknown is null. */
  readonly rates: ReadonlyMap<string, readonly (number | null)[]>;
}

/** One row per model, its graph on an axis that is the same for all rows: 0 to the number in the title. */
export function queuesView(snapshot: Snapshot, style: TextStyle, graphs: Graphs | null): readonly string[] {
  const rows = queueRows(snapshot);
  const top = axisTop([...(graphs?.rates.values() ?? [])].flat());
  const cells = rows.map(({ key, host, server, load, model, forward }): readonly Cell[] => [
    host.alias,
    forward?.localPort === null || forward === null
      ? String(server.port)
      : `${server.port}→${forward.localPort}`,
    model ?? '',
    formats.count(load.running),
    (load.waiting ?? 0) > 0
      ? { text: formats.count(load.waiting), colour: 'yellow' }
      : formats.count(load.waiting),
    formats.count(load.promptTokensPerSecond),
    formats.count(load.generationTokensPerSecond),
    formats.pct(load.kvCachePct),
    formats.latency(load.ttft?.p50Ms ?? null),
    sparkline(graphs?.rates.get(key) ?? [], top),
  ]);
  const table = formatTable(
    [
      { title: 'HOST', flexible: true },
      { title: 'PORT', align: 'right' },
      { title: 'MODEL', flexible: true },
      { title: 'RUN', align: 'right' },
      { title: 'WAIT', align: 'right' },
      { title: 'TOK/S IN', align: 'right' },
      { title: 'OUT', align: 'right' },
      { title: 'KV', align: 'right' },
      { title: 'TTFT', align: 'right' },
      { title: `OUT 0-${formats.count(top)}` },
    ],
    cells,
    style,
  );
  const silent = snapshot.servers.filter(
    ({ loads, models }) => loads.length === 0 && models.length > 0,
  ).length;
  return [
    headlineOf(snapshot, style),
    '',
    ...(rows.length === 0 ? ['No server tells its load.'] : table),
    ...(silent > 0 ? ['', `${countEn(silent, 'server')} without metrics.`] : []),
    ...failures(snapshot, style),
  ];
}

/** The cause of every host that is not fully there, and one line of remedy for each kind of cause. */
export function failures({ hosts }: Snapshot, style: TextStyle): readonly string[] {
  const failed = hosts.flatMap((host) => {
    const failure = hasFailed(host) ? failureOf(host.state) : null;
    return failure === null ? [] : [{ host, failure }];
  });
  if (failed.length === 0) return [];
  const table = formatTable(
    [
      { title: 'HOST', flexible: true },
      { title: 'NO ANSWER', flexible: true },
    ],
    failed.map(({ host, failure }) => [host.alias, { text: describeFailure(failure), colour: 'red' }]),
    style,
  );
  const hints = [...new Set(failed.map(({ failure }) => errors[failure.code].hint))];
  return ['', ...table, '', ...hints.map((hint) => coloured(cutToWidth(hint, style.width), 'dim', style))];
}

function stateWords({ state }: Host): string {
  const failure = failureOf(state);
  if (failure !== null) return errors[failure.code].title;
  switch (state.kind) {
    case 'connecting':
      return `connecting (${state.step})`;
    case 'queued':
      return 'waiting for its turn';
    default:
      return state.kind === 'up' ? 'no GPU' : 'not looked at yet';
  }
}

/** The demo is labelled wherever its numbers are. */
export function headlineOf(snapshot: Snapshot, style: TextStyle): string {
  const label = snapshot.source.kind === 'demo' ? 'Demo cluster: ' : '';
  return coloured(cutToWidth(label + headline(snapshot, 'en'), style.width), 'bold', style);
}

/** `12 more lines` in place of what a screen of `height` lines cannot show. */
export function cutToHeight(lines: readonly string[], height: number): readonly string[] {
  if (lines.length <= height) return lines;
  const shown = Math.max(0, height - 1);
  return [...lines.slice(0, shown), `… ${countEn(lines.length - shown, 'more line')}`];
}
