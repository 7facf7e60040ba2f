/** What is remembered of a host of Prometheus from poll to poll, and the row that this makes. Pure. */

import { difference } from '#common/delta.ts';
import { AppError, toFailure } from '#common/failure.ts';
import { lostServer, withoutNumbers } from '#common/freshness.ts';
import type { Gpu, Host, HostState, IdleRule, PrometheusOrigin, PrometheusReading } from '#common/hosts.ts';
import { type HostId, prometheusHostId, serverId } from '#common/ids.ts';
import { hostWithoutSsh } from '#common/select/hosts.ts';
import type { ModelServer } from '#common/servers.ts';
import { continueSamples, sameGpu } from '../samples.ts';
import type { FoundHost, Poll } from './poll.ts';

export interface Entry {
  readonly found: FoundHost;
  /** With their counts of samples, each counted once however often it was polled. */
  readonly gpus: readonly Gpu[];
  /** By this computer's clock; null: never. */
  readonly measuredAt: number | null;
  /** Why its numbers say nothing of now; null: they do. */
  readonly failure: AppError | null;
  /** Since when Prometheus says nothing of it; null: it does. */
  readonly missingSince: number | null;
}

export interface Moment {
  readonly nowMs: number;
  readonly rule: IdleRule;
  /** Older samples are stale. */
  readonly staleAfterMs: number;
}

/** A host that is in no answer any more is shown for so long. */
const forgetAfterMs = 15 * 60_000;

/** The entry after a poll that has found the host. */
export function afterFound(
  before: Entry | undefined,
  found: FoundHost,
  { nowMs, rule, staleAfterMs }: Moment,
): Entry {
  if (found.isDown && found.gpus.length === 0)
    return {
      ...lostOf(before, found),
      failure: new AppError('exporter-down', { step: 'probe', detail: found.instance }),
    };
  const isNew = before === undefined || found.sampledS === null || before.found.sampledS !== found.sampledS;
  const gpus = isNew
    ? continueSamples(found.gpus, before?.gpus ?? [], rule)
    : sameSamples(found.gpus, before.gpus, rule);
  const isStale = found.ageMs !== null && found.ageMs > staleAfterMs;
  return {
    found,
    gpus,
    // The same sample has the same time, although clocks drift.
    measuredAt: isNew ? nowMs - (found.ageMs ?? 0) : before.measuredAt,
    failure: isStale ? new AppError('samples-stale', { step: 'probe', detail: found.instance }) : null,
    missingSince: null,
  };
}

/** The entry after an answer without the host; null: it is forgotten. */
function afterMissing(before: Entry, nowMs: number): Entry | null {
  const missingSince = before.missingSince ?? nowMs;
  if (nowMs - missingSince >= forgetAfterMs) return null;
  const failure =
    before.failure ?? new AppError('samples-stale', { step: 'probe', detail: before.found.instance });
  return { ...before, failure, missingSince };
}

/** By the name of the host. */
type Entries = Map<string, Entry>;

/** A host that has another name since more is known of it is not a second one. */
export function forgetRenamed(entries: Entries, hosts: Poll['hosts']): void {
  const instances = new Set([...hosts.values()].map(({ instance }) => instance));
  for (const [name, { found }] of entries)
    if (!hosts.has(name) && instances.has(found.instance)) entries.delete(name);
}

/** What is in no answer is stale, and then forgotten. */
export function forgetMissing(entries: Entries, hosts: Poll['hosts'], nowMs: number): void {
  for (const [name, entry] of entries) {
    if (hosts.has(name)) continue;
    const after = afterMissing(entry, nowMs);
    if (after === null) entries.delete(name);
    else entries.set(name, after);
  }
}

function lostOf(before: Entry | undefined, found: FoundHost): Omit<Entry, 'failure'> {
  if (before === undefined) return { found, gpus: [], measuredAt: null, missingSince: null };
  return { ...before, missingSince: null };
}

function sameSamples(readings: FoundHost['gpus'], before: readonly Gpu[], rule: IdleRule): readonly Gpu[] {
  return continueSamples(readings, before, rule).map((gpu, at) => {
    const { samples, idleStreak } = sameGpu(gpu, before, at) ?? gpu;
    return { ...gpu, samples, idleStreak };
  });
}

export interface RowOptions {
  readonly origin: Omit<PrometheusOrigin, 'ssh' | 'without'>;
  readonly without: 'unlisted' | 'switched-off';
  readonly group: string | null;
}

interface Row {
  readonly host: Host;
  readonly servers: readonly ModelServer[];
}

const rows = new WeakMap<Entry, { readonly options: RowOptions; readonly row: Row }>();

/** The row of a host that SSH does not measure, with its model servers; the same one while nothing of it changes. */
export function rowOf(entry: Entry, options: RowOptions): Row {
  const made = rows.get(entry);
  if (made !== undefined && difference(made.options, options) === undefined) return made.row;
  const row = newRow(entry, options);
  rows.set(entry, { options, row });
  return row;
}

function newRow(entry: Entry, { origin, without, group }: RowOptions): Row {
  const id = prometheusHostId(origin.host);
  const host: Host = {
    ...hostWithoutSsh,
    id,
    alias: origin.host,
    group,
    state: stateOf(entry),
    gpus: entry.gpus,
    measuredAt: entry.measuredAt,
    driverVersion: entry.found.driverVersion,
    system: entry.found.system,
    source: { ...origin, ssh: null, without },
    labels: entry.found.labels,
  };
  const servers = serversOf(entry, id);
  if (entry.failure === null) return { host, servers };
  const since = entry.measuredAt;
  return {
    host: withoutNumbers(host),
    servers: servers.map((server) => lostServer(server, { what: 'host', since })),
  };
}

/** What stands beside a host of the SSH configuration; null where nothing of it says anything of now. */
export function readingOf(
  entry: Entry,
  { origin, hostId, ssh }: Pick<RowOptions, 'origin'> & { readonly hostId: HostId; readonly ssh: HostState },
): PrometheusReading | null {
  if (entry.failure !== null || entry.gpus.length === 0) return null;
  return {
    origin: { ...origin, ssh, without: null },
    gpus: entry.gpus,
    measuredAt: entry.measuredAt,
    driverVersion: entry.found.driverVersion,
    cudaVersion: null,
    system: entry.found.system,
    servers: serversOf(entry, hostId),
  };
}

function stateOf({ failure, gpus, measuredAt }: Entry): HostState {
  if (failure !== null)
    return { kind: measuredAt === null ? 'unreachable' : 'stale', failure: toFailure(failure, 'probe') };
  if (gpus.length > 0) return { kind: 'up' };
  return { kind: 'no-gpu', failure: toFailure(new AppError('no-gpu-devices', { step: 'probe' }), 'probe') };
}

/** vLLM's servers; one whose instance names no port has the port 0, to which nothing can be forwarded. */
function serversOf({ found, measuredAt }: Entry, hostId: HostId): readonly ModelServer[] {
  return found.models
    .map(({ port, loads }) => ({
      id: serverId(hostId, port ?? 0),
      hostId,
      port: port ?? 0,
      address: '127.0.0.1',
      state: { kind: 'up' } as const,
      engine: 'vllm' as const,
      version: null,
      models: loads.flatMap(({ model }) =>
        model === null ? [] : [{ id: model, maxModelLen: null, parent: null }],
      ),
      loads,
      process: null,
      seenAt: measuredAt ?? 0,
    }))
    .sort((a, b) => a.port - b.port);
}
