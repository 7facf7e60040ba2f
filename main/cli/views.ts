/** What the commands print for people: the same facts and words as the window, in plain tables. */

import { formatsOf } from '#common/format.ts';
import { freeDevices, shellOnDevices } from '#common/free-gpus.ts';
import type { Host } from '#common/hosts.ts';
import { failureOf } from '#common/select/failures.ts';
import { gpuCondition } from '#common/select/gpus.ts';
import { hasFailed, hasSsh, hostSummary, hostsByIdleFirst, isUp } from '#common/select/hosts.ts';
import { modelRows } from '#common/select/servers.ts';
import type { ServerState } from '#common/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import { headline, serverStateText, whyNoModel } from '#common/words/states.ts';
import { failedHosts } from './failures.ts';
import type { GpuGraphs } from './graphs.ts';
import { sparkline } from './sparkline.ts';
import { type Cell, formatTable, type TextStyle } from './table.ts';
import type { View } from './view.ts';

const formats = formatsOf('en');

export function hostsView(snapshot: Snapshot, style: TextStyle): readonly string[] {
  return formatTable(
    [
      { title: 'HOST', gives: 'name' },
      { title: 'ADDRESS', gives: 'name' },
      { title: 'PORT', align: 'right' },
      { title: 'USER', gives: 'text' },
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

/** Of a graph that says something with its latest part too. */
export const graphColumn = { gives: 'graph', enough: 12 } as const;

/** Hosts with the most idle GPUs first; those that gave no answer follow with the reason. */
export function gpusView(snapshot: Snapshot, style: TextStyle, graphs: GpuGraphs | null = null): View {
  const hosts = hostsByIdleFirst(snapshot).filter((host) => !hasFailed(host));
  return {
    ...frameOfView(snapshot, style, 'gpu-idle-top'),
    main: {
      columns: [
        { title: 'HOST', gives: 'name', enough: 20 },
        { title: 'IDLE', align: 'right' },
        { title: 'UTIL', align: 'right' },
        { title: 'MEM GiB', align: 'right' },
        { title: 'IDLE GPUS' },
        { title: 'GPUS', gives: 'text', enough: 16 },
        { title: 'USERS', gives: 'text' },
        { title: 'UTIL 0-100 %', ...graphColumn, spare: 2 },
        { title: 'MEM 0-100 %', ...graphColumn, spare: 1 },
      ],
      rows: hosts.map((host) => ({
        cells: [
          ...gpuRow(host, snapshot),
          ...[graphs?.utilPct, graphs?.memUsedPct].map((values) =>
            sparkline(values?.get(host.id) ?? [], 100),
          ),
        ],
      })),
      none: snapshot.hosts.length === 0 ? 'There is no host.' : 'No host has answered.',
    },
    notes: shellLine(hosts[0], snapshot, style),
  };
}

/** What all views have. */
export function frameOfView(
  snapshot: Snapshot,
  style: TextStyle,
  command: string,
): Pick<View, 'headline' | 'notes' | 'failed' | 'measured'> {
  // The demo is labelled wherever its numbers are.
  const label = snapshot.source.kind === 'demo' ? 'Demo cluster: ' : '';
  const times = snapshot.hosts.flatMap(({ state, measuredAt }) =>
    isUp(state) && measuredAt !== null ? [measuredAt] : [],
  );
  const measured = times.length === 0 ? null : { newest: Math.max(...times), oldest: Math.min(...times) };
  return {
    headline: label + headline(snapshot, 'en'),
    notes: [],
    failed: failedHosts(snapshot, style, command),
    measured,
  };
}

/** The command line of a shell on what is free at the first host; none where it would have to be cut. */
function shellLine(
  host: Host | undefined,
  { source, settings }: Snapshot,
  { width, nowMs }: TextStyle,
): readonly string[] {
  // Printed once, the line outlives the demo cluster.
  if (source.kind === 'demo' && nowMs === undefined) return [];
  const free = host === undefined ? [] : freeDevices(host, settings.idleRule);
  if (host === undefined || !hasSsh(host) || free.length === 0) return [];
  const line = shellOnDevices(source, host, free);
  return width === null || line.length <= width ? [line] : [];
}

function gpuRow(host: Host, { settings: { idleRule } }: Snapshot): readonly Cell[] {
  const { idle, total, meanUtilPct, memUsedMiB, memTotalMiB, users } = hostSummary(host, idleRule);
  if (total === 0) return [host.alias, '', '', '', '', { text: stateWords(host), colour: 'dim' }];
  const free = host.gpus.filter((gpu) => gpuCondition(gpu, idleRule) === 'idle').map(({ index }) => index);
  const broken = host.gpus.filter((gpu) => gpu.problem !== null).length;
  return [
    host.alias,
    { text: `${idle}/${total}`, value: idle, ...(idle > 0 && { colour: 'green' }) },
    { text: formats.pct(meanUtilPct), value: meanUtilPct },
    { text: `${formats.gib(memUsedMiB)}/${formats.gib(memTotalMiB)}`, value: memUsedMiB },
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

/** One row per model; a server that shows none says why. `withoutModels`: hosts that answer and have no server have a row too. */
export function modelsView(
  snapshot: Snapshot,
  style: TextStyle,
  { withoutModels = false }: { readonly withoutModels?: boolean } = {},
): View {
  const serving = new Set(snapshot.servers.map(({ hostId }) => hostId));
  const others = snapshot.hosts.filter(({ id, state }) => withoutModels && isUp(state) && !serving.has(id));
  const rows = modelRows(snapshot).map(({ host, server, model }) => ({
    cells: [
      host.alias,
      String(server.port),
      model === null ? { text: `(${whyNoModel(server.state, 'en').title})`, colour: 'yellow' } : model.id,
      server.engine ?? '',
      server.version ?? '',
      { text: model?.maxModelLen?.toString() ?? '', value: model?.maxModelLen ?? null },
      stateCell(server.state),
    ] satisfies readonly Cell[],
  }));
  return {
    ...frameOfView(snapshot, style, 'list-remote'),
    main: {
      columns: [
        { title: 'HOST', gives: 'name', enough: 20 },
        { title: 'PORT', align: 'right' },
        { title: 'MODEL', gives: 'name', enough: 36 },
        { title: 'ENGINE', spare: 3 },
        { title: 'VERSION', gives: 'text', spare: 1 },
        { title: 'CONTEXT', align: 'right', spare: 2 },
        { title: 'STATE', gives: 'text' },
      ],
      rows: [
        ...rows,
        ...others.map(({ alias }) => ({
          cells: [alias, '', { text: '(no model)', colour: 'dim' as const }],
        })),
      ],
      none: 'No model found.',
    },
  };
}

export function stateCell(state: ServerState): Cell {
  const text = serverStateText(state, Date.now(), 'en');
  return state.kind === 'up'
    ? text
    : { text, colour: state.kind === 'failed' || state.kind === 'stuck' ? 'red' : 'yellow' };
}

function stateWords({ state }: Host): string {
  const failure = failureOf(state);
  if (failure !== null) return errorsEn[failure.code].title;
  switch (state.kind) {
    case 'connecting':
      return `connecting (${state.step})`;
    case 'queued':
      return 'waiting for its turn';
    default:
      return state.kind === 'up' ? 'no GPU' : 'not looked at yet';
  }
}
