/**
 * How old a number may be before it says nothing of now. What is too old is unknown, as if it had never been measured: the same
 * in the window, the tray, the terminal and what is exported. The table is in build/decisions. Pure.
 */

import type { Failure } from './failure.ts';
import type { Gpu, Host, HostSource } from './hosts.ts';
import type { HostId } from './ids.ts';
import type { LocalServer } from './local-servers.ts';
import type { OtherForwards } from './other-forwards.ts';
import { failureOf } from './select/failures.ts';
import { isUp } from './select/hosts.ts';
import type { ModelServer, ServerState } from './servers.ts';
import type { Settings } from './settings.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * `measurement`: what each measurement of a host brings, its GPUs and processes, its own load and that of its models.
 * `servers`: which model servers it has, and how they are. `computer`: its other forwards and local servers.
 */
export type NumberKind = 'measurement' | 'servers' | 'computer';

type Pace = Pick<Settings, 'cadence' | 'timeouts'>;

/** Two looks may fail to come before what they would have renewed is too old; each takes as long as it may. In milliseconds. */
export function maxAgeMs(kind: NumberKind, { cadence, timeouts }: Pace): number {
  const { gpusMs, hiddenMs, batteryMs, portsMs } = cadence;
  // A slow host is asked again only after four times as long as it took to answer.
  const everyMs = Math.max(gpusMs, hiddenMs, batteryMs, 4 * timeouts.probeMs);
  switch (kind) {
    case 'measurement':
      return everyMs + 2 * timeouts.probeMs;
    case 'servers':
      return Math.max(everyMs, portsMs) + portsMs + 2 * timeouts.probeMs;
    case 'computer':
      return 2 * portsMs + 2 * timeouts.probeMs;
  }
}

/**
 * The Snapshot as it may be shown at that time: numbers that are too old are unknown, a host that was not measured for too long
 * counts as one that has stopped answering, and its models with it. The same object, and the same parts, while nothing is.
 */
export function asOf(snapshot: Snapshot, nowMs: number): Snapshot {
  const { settings } = snapshot;
  const mostMs = {
    measurement: maxAgeMs('measurement', settings),
    servers: maxAgeMs('servers', settings),
    computer: maxAgeMs('computer', settings),
  };
  const isOld = (kind: NumberKind, atMs: number | null): boolean =>
    // What has no time was never measured, and shows nothing.
    atMs !== null && nowMs - atMs > mostMs[kind];
  const isOldOf = (source: HostSource, atMs: number | null): boolean =>
    source.kind === 'ssh' ? isOld('measurement', atMs) : atMs !== null && nowMs - atMs > source.staleAfterMs;
  const hosts = eachOf(snapshot.hosts, (host) => {
    if (isUp(host.state)) return isOldOf(host.source, host.measuredAt) ? unmeasured(host) : host;
    const { beside } = host;
    if (beside !== null && !isOldOf(beside.origin, beside.measuredAt)) return viaPrometheus(host);
    return host.gpus.some(hasNumbers) ? emptied(host) : host;
  });
  const bySource = new Map<HostId, HostSource>();
  const besides: ModelServer[] = [];
  const lost = new Map<HostId, number | null>();
  for (const host of hosts) {
    if (isLost(host)) lost.set(host.id, host.measuredAt);
    if (host.source.kind !== 'prometheus') continue;
    bySource.set(host.id, host.source);
    if (host.beside !== null) besides.push(...host.beside.servers);
  }
  const servers = eachOf(withBeside(snapshot.servers, besides), (server) => {
    const measuredAt = lost.get(server.hostId);
    if (measuredAt !== undefined) return lostServer(server, { what: 'host', since: measuredAt });
    const origin = bySource.get(server.hostId);
    if (origin !== undefined && !isOldOf(origin, server.seenAt)) return server;
    return isOld('servers', server.seenAt)
      ? lostServer(server, { what: 'look', since: server.seenAt })
      : server;
  });
  const { lookedAt } = snapshot.otherForwards;
  const isUnseen = isOld('computer', lookedAt);
  const otherForwards = isUnseen ? unseen(snapshot.otherForwards) : snapshot.otherForwards;
  const behind = { forwards: snapshot.forwards, servers };
  const localServers = eachOf(snapshot.localServers, (server) => {
    if (server.owner.kind === 'forward') return forwardedNow(server, behind);
    return isUnseen ? lostServer(server, { what: 'look', since: lookedAt }) : server;
  });
  const next: Shown = { hosts, servers, otherForwards, localServers };
  const isSame = Object.entries(next).every(([part, value]) => snapshot[part as keyof Shown] === value);
  return isSame ? snapshot : withParts(snapshot, next);
}

type Shown = Pick<Snapshot, 'hosts' | 'servers' | 'otherForwards' | 'localServers'>;
const shownOf = new WeakMap<Snapshot, Snapshot>();

function withParts(snapshot: Snapshot, parts: Shown): Snapshot {
  const known = shownOf.get(snapshot);
  const isSame =
    known !== undefined &&
    Object.entries(parts).every(([part, value]) => known[part as keyof Shown] === value);
  if (isSame) return known;
  const made = { ...snapshot, ...parts };
  shownOf.set(snapshot, made);
  return made;
}

/** What answers at the port of a forward of this app, which may be away or closed since the latest look; null: nothing. */
function forwardedNow(
  server: LocalServer,
  { forwards, servers }: Pick<Snapshot, 'forwards' | 'servers'>,
): LocalServer | null {
  const { owner } = server;
  const forward = forwards.find(({ id }) => owner.kind === 'forward' && id === owner.forwardId);
  if (forward === undefined || forward.localPort !== server.port) return null;
  const failure = failureOf(forward.state) ?? failureOf(forward.health);
  if (failure !== null) return failedServer(server, failure);
  const state = servers.find(({ id }) => id === forward.id)?.state;
  return state?.kind === 'lost' ? lostServer(server, state) : server;
}

/** Whether it was measured once, and is not any more. */
export function isLost({ state }: Host): boolean {
  return state.kind === 'stale';
}

/** The row of a host that SSH does not reach, with what Prometheus says of it. */
const viaPrometheus = once((host: Host): Host => {
  const { beside } = host;
  if (beside === null) return host;
  const { origin, gpus, measuredAt, driverVersion, cudaVersion, system } = beside;
  const source = { ...origin, ssh: host.state };
  return { ...host, state: { kind: 'up' }, source, gpus, measuredAt, driverVersion, cudaVersion, system };
});

/** Servers that Prometheus knows in place of the same ones that SSH has lost. */
function withBeside(
  servers: readonly ModelServer[],
  besides: readonly ModelServer[],
): readonly ModelServer[] {
  if (besides.length === 0) return servers;
  const others = new Map(besides.map((server) => [server.id, server]));
  const shown = servers.map((server) => {
    const other = others.get(server.id);
    others.delete(server.id);
    return other === undefined || server.state.kind === 'up' ? server : { ...server, ...other };
  });
  return [...shown, ...others.values()];
}

/** What is left of a host that has stopped answering: what it is, and nothing of what it does. */
export function withoutNumbers(host: Host): Host {
  const system = host.system && { ...host.system, load1: null, memUsedMiB: null };
  return { ...host, system, gpus: host.gpus.map(gpuWithoutNumbers) };
}

const emptied = once(withoutNumbers);

function hasNumbers({ utilPct, memUsedMiB, processes, job }: Gpu): boolean {
  return utilPct !== null || memUsedMiB !== null || processes.length > 0 || job !== undefined;
}

function gpuWithoutNumbers({ job: _job, ...gpu }: Gpu): Gpu {
  const { powerLimitW, pciBusId } = gpu.details;
  return {
    ...gpu,
    utilPct: null,
    memUsedMiB: null,
    temperatureC: null,
    powerW: null,
    processes: [],
    problem: null,
    samples: 0,
    idleStreak: 0,
    instances: gpu.instances?.map((one) => ({ ...one, memUsedMiB: null, processes: [] })) ?? null,
    details: {
      powerLimitW,
      pciBusId,
      fanPct: null,
      smClockMHz: null,
      memClockMHz: null,
      eccUncorrected: null,
      throttleReasons: [],
    },
  };
}

/** What is left of a model server of which nothing is known any more: which it was, and since when. */
export function lostServer<Server extends ModelServer | LocalServer>(
  server: Server,
  { what, since }: Pick<LostState, 'what' | 'since'>,
): Server {
  const known = server.state.kind === 'lost' ? server : (lostServers.get(server) as Server | undefined);
  const isSame = known?.state.kind === 'lost' && known.state.what === what && known.state.since === since;
  if (isSame) return known;
  const loads = 'loads' in server && server.loads.length > 0 ? { loads: [] } : {};
  const process = 'process' in server && server.process !== null ? { process: null } : {};
  const made = { ...server, ...loads, ...process, state: { kind: 'lost', what, since } as const };
  lostServers.set(server, made);
  return made;
}

type LostState = Extract<ServerState, { readonly kind: 'lost' }>;
const lostServers = new WeakMap<object, object>();

function failedServer(server: LocalServer, failure: Failure): LocalServer {
  if (failureOf(server.state) === failure) return server;
  const known = failedServers.get(server);
  if (known !== undefined && failureOf(known.state) === failure) return known;
  const made = { ...server, state: { kind: 'failed', failure } as const };
  failedServers.set(server, made);
  return made;
}

const failedServers = new WeakMap<LocalServer, LocalServer>();

const unmeasured = once((host: Host): Host => {
  const failure = {
    code: 'not-measured',
    step: 'probe',
    detail: '',
    command: null,
    nextAttemptAt: null,
  } as const;
  return { ...withoutNumbers(host), state: { kind: 'stale', failure } };
});

const unseen = once((otherForwards: OtherForwards): OtherForwards => {
  const forwards = otherForwards.forwards.map((forward) => ({
    ...forward,
    models: [],
    state: { kind: 'unknown' as const },
  }));
  return { ...otherForwards, forwards };
});

/** Made once for each object, so that what is shown stays the same object while what is known does. */
function once<Item extends object>(make: (item: Item) => Item): (item: Item) => Item {
  const made = new WeakMap<Item, Item>();
  return (item) => {
    const known = made.get(item) ?? make(item);
    made.set(item, known);
    return known;
  };
}

const lists = new WeakMap<readonly unknown[], readonly unknown[]>();

/** The list itself while every item stays as it is, and the same other list while the others are the same. Null: left out. */
function eachOf<Item>(items: readonly Item[], show: (item: Item) => Item | null): readonly Item[] {
  const from = items.findIndex((item) => show(item) !== item);
  if (from < 0) return items;
  const others = items.slice(from).map(show);
  const shown = [...items.slice(0, from), ...others.filter((item) => item !== null)];
  const isLike = (list: readonly Item[]): boolean =>
    list.length === shown.length && shown.every((item, at) => item === list[at]);
  const known = lists.get(items) as readonly Item[] | undefined;
  if (known !== undefined && isLike(known)) return known;
  lists.set(items, shown);
  return shown;
}
