/** What changed between two Snapshots: the engine compares them into a Patch, and every receiver applies it with the same code. */

import { applyDelta, type Delta, difference } from './delta.ts';
import type { Forward } from './forwards.ts';
import type { Host } from './hosts.ts';
import type { Launch } from './launches.ts';
import type { ModelServer } from './servers.ts';
import type { Snapshot } from './snapshot.ts';

interface Identified {
  readonly id: string;
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

/** Lists whose items are patched one by one. */
type ListedParts = 'hosts' | 'servers' | 'forwards' | 'launches';
/** The revision is the patch's own, and where hosts come from never changes. */
type FixedParts = 'revision' | 'source';

/** Parts that a patch carries whole: they are small, or change seldom. A part of the Snapshot that is missing here does not compile. */
const whole = {
  scan: true,
  excludedAliases: true,
  settings: true,
  gateway: true,
  autoForwards: true,
  otherForwards: true,
  localServers: true,
  testPrompts: true,
  apiKeys: true,
  prometheus: true,
  notices: true,
  problems: true,
  prompts: true,
  hostKeys: true,
} as const satisfies Record<Exclude<keyof Snapshot, ListedParts | FixedParts>, true>;

const wholeParts = Object.keys(whole) as readonly (keyof typeof whole)[];

type WholeParts = Pick<Snapshot, keyof typeof whole>;

/** The step from one revision to the next; an absent field did not change. */
export interface Patch extends Partial<WholeParts> {
  readonly revision: number;
  readonly hosts?: ListPatch<Host>;
  readonly servers?: ListPatch<ModelServer>;
  readonly forwards?: ListPatch<Forward>;
  readonly launches?: ListPatch<Launch>;
}

/**
 * Compares by identity, which finds the items quickly because every Snapshot shares what did not change, and these field by
 * field. Null: nothing changed.
 */
export function diff(before: Snapshot, after: Snapshot): Patch | null {
  const hosts = diffList(before.hosts, after.hosts);
  const servers = diffList(before.servers, after.servers);
  const forwards = diffList(before.forwards, after.forwards);
  const launches = diffList(before.launches, after.launches);
  const whole = wholeParts.filter((part) => before[part] !== after[part]).map((part) => [part, after[part]]);
  const patch: Patch = {
    revision: before.revision + 1,
    ...(hosts && { hosts }),
    ...(servers && { servers }),
    ...(forwards && { forwards }),
    ...(launches && { launches }),
    ...Object.fromEntries(whole),
  };
  return Object.keys(patch).length > 1 ? patch : null;
}

function diffList<T extends Identified>(before: readonly T[], after: readonly T[]): ListPatch<T> | null {
  if (before === after) return null;
  const sameOrder =
    before.length === after.length &&
    before.every((item, index) => item === after[index] || item.id === after[index]?.id);
  const old = sameOrder ? null : new Map(before.map((item) => [item.id, item]));
  const added = old === null ? [] : after.filter(({ id }) => !old.has(id));
  const steps = after.flatMap((item, index) => {
    const known = old === null ? before[index] : old.get(item.id);
    if (known === undefined || known === item) return [];
    const step = difference(known, item);
    return step === undefined ? [] : [[item.id, step] as const];
  });
  if (added.length === 0 && steps.length === 0 && sameOrder) return null;
  const order = sameOrder ? null : after.map((item) => item.id);
  return { added, ...(steps.length > 0 && { steps }), order };
}

/** Applies the patch, or answers 'gap' when one was missed and the whole Snapshot must be asked for. */
export function applyPatch(snapshot: Snapshot, patch: Patch): Snapshot | 'gap' {
  if (patch.revision <= snapshot.revision) return snapshot;
  if (patch.revision !== snapshot.revision + 1) return 'gap';
  const { hosts, servers, forwards, launches, ...whole } = patch;
  return {
    ...snapshot,
    ...whole,
    hosts: applyList(snapshot.hosts, hosts),
    servers: applyList(snapshot.servers, servers),
    forwards: applyList(snapshot.forwards, forwards),
    launches: applyList(snapshot.launches, launches),
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
