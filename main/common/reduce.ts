/**
 * How the Snapshot changes: the engine reduces events, compares two Snapshots into a Patch, and every receiver applies
 * that Patch with the same code.
 */

import { applyDelta, type Delta, difference } from './delta.ts';
import type { Forward } from './forwards.ts';
import {
  assertNever,
  type Host,
  type ModelServer,
  type Problem,
  type Prompt,
  type ScanState,
  type Snapshot,
  type Source,
  type UnknownHostKey,
} from './model.ts';
import type { Settings } from './settings.ts';

export type Event =
  /** The configuration was read: these hosts, in this order; hosts known already keep what was learnt of them. */
  | ({ readonly kind: 'hosts-listed' } & Pick<Snapshot, 'hosts' | 'excludedAliases' | 'problems'>)
  | { readonly kind: 'host-changed'; readonly host: Host }
  /** Something is wrong with the configuration that was not seen when it was read. */
  | { readonly kind: 'problem-found'; readonly problem: Problem }
  /** All model servers of one host, replacing what was known of that host. */
  | { readonly kind: 'servers-found'; readonly hostId: string; readonly servers: readonly ModelServer[] }
  | { readonly kind: 'forward-changed'; readonly forward: Forward }
  | { readonly kind: 'forward-closed'; readonly forwardId: string }
  | { readonly kind: 'scan-changed'; readonly scan: ScanState }
  | { readonly kind: 'prompts-changed'; readonly prompts: readonly Prompt[] }
  | { readonly kind: 'host-key-met'; readonly hostKey: UnknownHostKey }
  | { readonly kind: 'host-keys-accepted'; readonly keyIds: readonly string[] }
  /** These parts of the Snapshot are as given now. */
  | { readonly kind: 'parts-changed'; readonly parts: Partial<Pick<Snapshot, OwnedPart>> };

/** Parts of which one piece of the engine is the only owner, which therefore replaces them whole. */
type OwnedPart =
  | 'settings'
  | 'autoForwards'
  | 'elsewhere'
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
      return { ...snapshot, hosts: replace(snapshot.hosts, event.host) };
    case 'problem-found':
      return { ...snapshot, problems: [...snapshot.problems, event.problem] };
    case 'servers-found': {
      const servers = mergeServers(snapshot, event.hostId, event.servers);
      return servers === snapshot.servers ? snapshot : { ...snapshot, servers };
    }
    case 'forward-changed':
      return { ...snapshot, forwards: put(snapshot.forwards, event.forward) };
    case 'forward-closed':
      return { ...snapshot, forwards: snapshot.forwards.filter((forward) => forward.id !== event.forwardId) };
    case 'scan-changed':
      return { ...snapshot, scan: event.scan };
    case 'prompts-changed':
      return { ...snapshot, prompts: event.prompts };
    case 'host-key-met':
      return { ...snapshot, hostKeys: put(snapshot.hostKeys, event.hostKey) };
    case 'host-keys-accepted':
      return { ...snapshot, hostKeys: snapshot.hostKeys.filter(({ id }) => !event.keyIds.includes(id)) };
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
    scan: { kind: 'never' },
    settings,
    autoForwards: [],
    elsewhere: { tmux: 'unknown', processes: 'unknown', forwards: [], lookedAt: null },
    localServers: [],
    testPrompts: [],
    apiKeys: { serverIds: [], kept: false },
    notices: [],
    problems: [],
    prompts: [],
    hostKeys: [],
  };
}

interface Identified {
  readonly id: string;
}

function replace<T extends Identified>(items: readonly T[], item: T): readonly T[] {
  const at = items.findIndex(({ id }) => id === item.id);
  return at < 0 ? items : items.with(at, item);
}

function put<T extends Identified>(items: readonly T[], item: T): readonly T[] {
  return items.some((old) => old.id === item.id) ? replace(items, item) : [...items, item];
}

type Listing = Pick<Snapshot, 'hosts' | 'excludedAliases' | 'problems'>;

function listHosts(snapshot: Snapshot, { hosts: listed, excludedAliases, problems }: Listing): Snapshot {
  const known = new Map(snapshot.hosts.map((host) => [host.id, host]));
  const hosts = listed.map((host) => known.get(host.id) ?? host);
  const ids = new Set(hosts.map((host) => host.id));
  return {
    ...snapshot,
    hosts,
    excludedAliases,
    problems,
    servers: inOrder(
      snapshot.servers.filter((server) => ids.has(server.hostId)),
      hosts,
    ),
  };
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

/** What changed in a list. */
export interface ListPatch<T extends Identified> {
  /** Whole items: those that are new. */
  readonly added: readonly T[];
  /** What changed in items that were there before, by id. */
  readonly steps?: readonly (readonly [id: string, step: Delta])[];
  /** The ids in order, where membership or order changed. */
  readonly order: readonly string[] | null;
}

/** Parts that a patch carries whole: they are small, or change seldom. */
const wholeParts = [
  'scan',
  'excludedAliases',
  'settings',
  'autoForwards',
  'elsewhere',
  'localServers',
  'testPrompts',
  'apiKeys',
  'notices',
  'problems',
  'prompts',
  'hostKeys',
] as const satisfies readonly (keyof Snapshot)[];

type WholeParts = Pick<Snapshot, (typeof wholeParts)[number]>;

/** The step from one revision to the next; an absent field did not change. */
export interface Patch extends Partial<WholeParts> {
  readonly revision: number;
  readonly hosts?: ListPatch<Host>;
  readonly servers?: ListPatch<ModelServer>;
  readonly forwards?: ListPatch<Forward>;
}

/**
 * Compares by identity, which finds the items quickly because every Snapshot shares what did not change, and these field by
 * field. Null: nothing changed.
 */
export function diff(before: Snapshot, after: Snapshot): Patch | null {
  const hosts = diffList(before.hosts, after.hosts);
  const servers = diffList(before.servers, after.servers);
  const forwards = diffList(before.forwards, after.forwards);
  const whole = wholeParts.filter((part) => before[part] !== after[part]).map((part) => [part, after[part]]);
  const patch: Patch = {
    revision: before.revision + 1,
    ...(hosts && { hosts }),
    ...(servers && { servers }),
    ...(forwards && { forwards }),
    ...Object.fromEntries(whole),
  };
  return Object.keys(patch).length > 1 ? patch : null;
}

function diffList<T extends Identified>(before: readonly T[], after: readonly T[]): ListPatch<T> | null {
  if (before === after) return null;
  const old = new Map(before.map((item) => [item.id, item]));
  const added = after.filter(({ id }) => !old.has(id));
  const steps = after.flatMap((item) => {
    const step = old.has(item.id) ? difference(old.get(item.id), item) : undefined;
    return step === undefined ? [] : [[item.id, step] as const];
  });
  const sameOrder =
    before.length === after.length && before.every((item, index) => item.id === after[index]?.id);
  if (added.length === 0 && steps.length === 0 && sameOrder) return null;
  const order = sameOrder ? null : after.map((item) => item.id);
  return { added, ...(steps.length > 0 && { steps }), order };
}

/** Applies the patch, or answers 'gap' when one was missed and the whole Snapshot must be asked for. */
export function applyPatch(snapshot: Snapshot, patch: Patch): Snapshot | 'gap' {
  if (patch.revision <= snapshot.revision) return snapshot;
  if (patch.revision !== snapshot.revision + 1) return 'gap';
  const { hosts, servers, forwards, ...whole } = patch;
  return {
    ...snapshot,
    ...whole,
    hosts: applyList(snapshot.hosts, hosts),
    servers: applyList(snapshot.servers, servers),
    forwards: applyList(snapshot.forwards, forwards),
  };
}

function applyList<T extends Identified>(items: readonly T[], patch: ListPatch<T> | undefined): readonly T[] {
  if (patch === undefined) return items;
  const steps = new Map(patch.steps);
  const next = items.map((item) => {
    const step = steps.get(item.id);
    return step === undefined ? item : (applyDelta(item, step) as T);
  });
  if (patch.order === null) return next;
  const known = new Map([...next, ...patch.added].map((item) => [item.id, item]));
  return patch.order.flatMap((id) => known.get(id) ?? []);
}

/** Those of a list as it is after the patch that are new or not as they were. */
export function touched<T extends Identified>(
  items: readonly T[],
  patch: ListPatch<T> | undefined,
): readonly T[] {
  if (patch === undefined) return [];
  const ids = new Set([...patch.added.map(({ id }) => id), ...(patch.steps ?? []).map(([id]) => id)]);
  return items.filter(({ id }) => ids.has(id));
}
