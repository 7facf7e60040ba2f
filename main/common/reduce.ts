/** How the Snapshot changes in the engine: by events. */

import { difference } from './delta.ts';
import type { Problem } from './failure.ts';
import type { Forward } from './forwards.ts';
import { gatewayOff } from './gateway.ts';
import type { Host } from './hosts.ts';
import type { Launch } from './launches.ts';
import { assertNever } from './never.ts';
import type { PrometheusState } from './prometheus.ts';
import type { Prompt, UnknownHostKey } from './prompts.ts';
import type { ModelServer } from './servers.ts';
import type { Settings } from './settings.ts';
import type { ScanState, Snapshot, Source } from './snapshot.ts';

export type Event =
  /** The configuration was read: these hosts, in this order; hosts known already keep what was learnt of them. */
  | ({ readonly kind: 'hosts-listed' } & Pick<Snapshot, 'hosts' | 'excludedAliases' | 'problems'>)
  /** `at`: where it stood in the list when that was looked at last. */
  | { readonly kind: 'host-changed'; readonly host: Host; readonly at?: number }
  /** Many at once: one by one, each costs a walk through the list. */
  | { readonly kind: 'hosts-changed'; readonly hosts: readonly Host[] }
  /** Something is wrong with the configuration that was not seen when it was read. */
  | { readonly kind: 'problem-found'; readonly problem: Problem }
  | { readonly kind: 'problem-gone'; readonly code: Problem['code'] }
  /** All model servers of one host, replacing what was known of that host. */
  | { readonly kind: 'servers-found'; readonly hostId: string; readonly servers: readonly ModelServer[] }
  | { readonly kind: 'forward-changed'; readonly forward: Forward }
  | { readonly kind: 'forward-closed'; readonly forwardId: string }
  /** All launches of one host, replacing what was known of that host. */
  | { readonly kind: 'launches-found'; readonly hostId: string; readonly launches: readonly Launch[] }
  | { readonly kind: 'scan-changed'; readonly scan: ScanState }
  | { readonly kind: 'prompts-changed'; readonly prompts: readonly Prompt[] }
  | { readonly kind: 'host-key-met'; readonly hostKey: UnknownHostKey }
  | { readonly kind: 'host-keys-accepted'; readonly keyIds: readonly string[] }
  /** All that Prometheus says now, in place of what it said before. */
  | ({ readonly kind: 'prometheus-read' } & PrometheusRows)
  /** These parts of the Snapshot are as given now. */
  | { readonly kind: 'parts-changed'; readonly parts: Partial<Pick<Snapshot, OwnedPart>> };

export interface PrometheusRows {
  /** Hosts that SSH does not measure. */
  readonly hosts: readonly Host[];
  /** Their model servers. */
  readonly servers: readonly ModelServer[];
  /** Of hosts of the SSH configuration that Prometheus knows, or has known; the others stay as they are. */
  readonly beside: ReadonlyMap<string, Pick<Host, 'beside' | 'labels' | 'group'>>;
  readonly states: readonly PrometheusState[];
}

/** Parts of which one piece of the engine is the only owner, which therefore replaces them whole. */
type OwnedPart =
  | 'settings'
  | 'gateway'
  | 'autoForwards'
  | 'otherForwards'
  | 'localServers'
  | 'testPrompts'
  | 'apiKeys'
  | 'notices';

/** Returns the next Snapshot, or the same object when the event changes nothing. The revision stays: patches count it. */
export function reduce(snapshot: Snapshot, event: Event): Snapshot {
  switch (event.kind) {
    case 'hosts-listed':
      return listHosts(snapshot, event);
    case 'host-changed':
      return { ...snapshot, hosts: replace(snapshot.hosts, event.host, event.at) };
    case 'hosts-changed': {
      const changed = new Map(event.hosts.map((host) => [host.id, host]));
      if (changed.size === 0) return snapshot;
      return { ...snapshot, hosts: snapshot.hosts.map((host) => changed.get(host.id) ?? host) };
    }
    case 'problem-found':
      return { ...snapshot, problems: [...snapshot.problems, event.problem] };
    case 'problem-gone':
      return { ...snapshot, problems: snapshot.problems.filter(({ code }) => code !== event.code) };
    case 'servers-found': {
      const servers = mergeServers(snapshot, event.hostId, event.servers);
      return servers === snapshot.servers ? snapshot : { ...snapshot, servers };
    }
    case 'forward-changed':
      return { ...snapshot, forwards: put(snapshot.forwards, event.forward) };
    case 'forward-closed':
      return { ...snapshot, forwards: snapshot.forwards.filter((forward) => forward.id !== event.forwardId) };
    case 'launches-found': {
      const others = snapshot.launches.filter(({ hostId }) => hostId !== event.hostId);
      const launches = [...others, ...event.launches];
      return { ...snapshot, launches: launches.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)) };
    }
    case 'scan-changed':
      return { ...snapshot, scan: event.scan };
    case 'prompts-changed':
      return { ...snapshot, prompts: event.prompts };
    case 'host-key-met':
      return { ...snapshot, hostKeys: put(snapshot.hostKeys, event.hostKey) };
    case 'host-keys-accepted':
      return { ...snapshot, hostKeys: snapshot.hostKeys.filter(({ id }) => !event.keyIds.includes(id)) };
    case 'prometheus-read':
      return readPrometheus(snapshot, event);
    case 'parts-changed':
      return { ...snapshot, ...event.parts };
    default:
      return assertNever(event);
  }
}

export function emptySnapshot(source: Source, settings: Settings): Snapshot {
  return {
    revision: 0,
    source,
    hosts: [],
    excludedAliases: [],
    servers: [],
    forwards: [],
    gateway: gatewayOff,
    launches: [],
    scan: { kind: 'never' },
    settings,
    autoForwards: [],
    otherForwards: { tmux: 'unknown', processes: 'unknown', forwards: [], lookedAt: null },
    localServers: [],
    testPrompts: [],
    apiKeys: { serverIds: [], kept: false },
    prometheus: [],
    notices: [],
    problems: [],
    prompts: [],
    hostKeys: [],
  };
}

interface Identified {
  readonly id: string;
}

function replace<T extends Identified>(items: readonly T[], item: T, likelyAt = -1): readonly T[] {
  const isThere = items[likelyAt]?.id === item.id;
  const at = isThere ? likelyAt : items.findIndex(({ id }) => id === item.id);
  return at < 0 ? items : items.with(at, item);
}

function put<T extends Identified>(items: readonly T[], item: T): readonly T[] {
  return items.some((old) => old.id === item.id) ? replace(items, item) : [...items, item];
}

type Listing = Pick<Snapshot, 'hosts' | 'excludedAliases' | 'problems'>;

function listHosts(snapshot: Snapshot, { hosts: listed, excludedAliases, problems }: Listing): Snapshot {
  const known = new Map(snapshot.hosts.map((host) => [host.id, host]));
  const others = snapshot.hosts.filter(({ source }) => source.kind === 'prometheus');
  const own = listed.map((host) => {
    const before = known.get(host.id);
    if (before === undefined || before.group === host.group) return before ?? host;
    return { ...before, group: host.group };
  });
  const hosts = [...own, ...others];
  const ids = new Set(hosts.map((host) => host.id));
  return {
    ...snapshot,
    hosts,
    excludedAliases,
    problems,
    launches: snapshot.launches.filter(({ hostId }) => ids.has(hostId)),
    servers: inOrder(
      snapshot.servers.filter((server) => ids.has(server.hostId)),
      hosts,
    ),
  };
}

function readPrometheus(
  snapshot: Snapshot,
  { hosts: own, servers, beside, states }: PrometheusRows,
): Snapshot {
  const ssh = snapshot.hosts
    .filter(({ source }) => source.kind === 'ssh')
    .map((host) => {
      const next = beside.get(host.id);
      if (next === undefined) return host;
      const isSame =
        next.beside === host.beside &&
        next.group === host.group &&
        difference(host.labels, next.labels) === undefined;
      return isSame ? host : { ...host, ...next };
    });
  const hosts = [...ssh, ...own];
  const sshIds = new Set(ssh.map(({ id }) => id));
  const others = snapshot.servers.filter(({ hostId }) => sshIds.has(hostId));
  const prometheus = difference(snapshot.prometheus, states) === undefined ? snapshot.prometheus : states;
  return { ...snapshot, hosts, servers: inOrder([...others, ...servers], hosts), prometheus };
}

function mergeServers(
  snapshot: Snapshot,
  hostId: string,
  found: readonly ModelServer[],
): readonly ModelServer[] {
  const { servers } = snapshot;
  const first = servers.findIndex((server) => server.hostId === hostId);
  // A host that never answered has had none.
  if (first < 0 && found.length === 0) return servers;
  const isLast = servers[first + found.length]?.hostId !== hostId;
  // Most often they are the same ones with other numbers, many times a second.
  if (first >= 0 && isLast && found.every(({ id }, at) => id === servers[first + at]?.id))
    return servers.toSpliced(first, found.length, ...found);
  const others = servers.filter((server) => server.hostId !== hostId);
  return inOrder([...others, ...found], snapshot.hosts);
}

function inOrder(servers: readonly ModelServer[], hosts: readonly Host[]): readonly ModelServer[] {
  const position = new Map(hosts.map((host, index) => [host.id, index]));
  return [...servers].sort(
    (a, b) => (position.get(a.hostId) ?? 0) - (position.get(b.hostId) ?? 0) || a.port - b.port,
  );
}
