/** What the rules watch for, one watcher for each kind of rule. Each looks at a whole Snapshot and says what is news in it. */

import type { Forward } from '#common/forwards.ts';
import { isLost } from '#common/freshness.ts';
import { groupBy } from '#common/group-by.ts';
import type { Host } from '#common/hosts.ts';
import type { FreeHost, NamedModel, News, QueuedModel } from '#common/notices.ts';
import { isAway } from '#common/select/forwards.ts';
import { isIdle } from '#common/select/gpus.ts';
import { hasFailed, isUp } from '#common/select/hosts.ts';
import type { ModelServer } from '#common/servers.ts';
import type { NotificationRule } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { matchesAnyOrAll } from '../settings/globs.ts';
import { type Condition, type ConditionTimes, createCondition } from './condition.ts';

export type Rule<Kind extends NotificationRule['kind']> = Extract<NotificationRule, { kind: Kind }>;

export interface View {
  readonly snapshot: Snapshot;
  readonly nowMs: number;
  /** Whether the rule concerns this host: by its list, and not muted. */
  readonly concerns: (hostId: string) => boolean;
}

export interface Watcher {
  look(view: View): readonly News[];
}

/** Flapping is not news: times that a person would call "still" and "again". */
const times = {
  gpus: { holdMs: 0, restMs: 60_000 },
  gone: { holdMs: 30_000, restMs: 0 },
  stuck: { holdMs: 0, restMs: 30_000 },
  queueRestMs: 60_000,
  forward: { holdMs: 5000, restMs: 0 },
  host: { holdMs: 60_000, restMs: 0 },
} as const satisfies Record<string, ConditionTimes | number>;

/** Enough idle GPUs on one of the hosts of the rule, or on all of them together. */
export function watchFreeGpus(rule: Rule<'gpus-free'>, startsTold: boolean): Watcher {
  let condition: Condition | null = null;
  /** Those that fulfilled it at the latest look. */
  let before: readonly FreeHost[] = [];
  return {
    look({ snapshot, nowMs, concerns }) {
      const { id: ruleId, counted } = rule;
      const hosts = enough(freeHosts(snapshot, rule, concerns), rule);
      const holds = hosts.length > 0;
      const isUnknown =
        !holds &&
        before.some(({ hostId }) => snapshot.hosts.some((host) => host.id === hostId && isLost(host)));
      if (isUnknown) {
        condition?.pause();
        return [];
      }
      before = hosts;
      condition ??= createCondition(times.gpus, startsTold && holds);
      const begins = condition.observe(holds, nowMs) === 'begins';
      return begins ? [{ kind: 'gpus-free', ruleId, counted, hosts }] : [];
    },
  };
}

/** The hosts that fulfil the rule: those that do so alone, or all of them where they do so in total; none where they do not. */
function enough(hosts: readonly FreeHost[], { counted, atLeast }: Rule<'gpus-free'>): readonly FreeHost[] {
  if (counted === 'one-host') return hosts.filter(({ gpus }) => gpus >= atLeast);
  return hosts.reduce((sum, { gpus }) => sum + gpus, 0) >= atLeast ? hosts : [];
}

function freeHosts(
  { hosts, settings }: Snapshot,
  { gpu: name, memGiB }: Rule<'gpus-free'>,
  concerns: View['concerns'],
): readonly FreeHost[] {
  const wanted = name.toLowerCase();
  return hosts.flatMap(({ id, state, gpus }) => {
    if (!isUp(state) || !concerns(id)) return [];
    const free = gpus.filter(
      (gpu) =>
        isIdle(gpu, settings.idleRule) &&
        gpu.name.toLowerCase().includes(wanted) &&
        (memGiB === 0 || (gpu.memTotalMiB ?? 0) >= memGiB * 1024),
    );
    return free.length === 0 ? [] : [{ hostId: id, gpus: free.length }];
  });
}

/** Models that come, or that go. A host that is away takes no model with it, and brings none back. */
export function watchModels(rule: Rule<'model-up'> | Rule<'model-gone'>): Watcher {
  /** By host: the models seen at its latest look, and how long each has been gone. */
  const known = new Map<string, Map<string, { readonly named: NamedModel; readonly gone: Condition }>>();
  return {
    look({ snapshot, nowMs, concerns }) {
      const models: NamedModel[] = [];
      const servers = groupBy(snapshot.servers, ({ hostId }) => hostId);
      for (const host of snapshot.hosts) {
        if (!isUp(host.state) || host.measuredAt === null || !concerns(host.id)) {
          for (const { gone } of known.get(host.id)?.values() ?? []) gone.pause();
          continue;
        }
        const present = presentModels(servers.get(host.id) ?? [], rule.models);
        const before = known.get(host.id);
        const now = before ?? new Map();
        known.set(host.id, now);
        for (const [key, named] of present) {
          if (now.has(key)) continue;
          now.set(key, { named, gone: createCondition(times.gone) });
          // What is there at the first look is no news.
          if (before !== undefined && rule.kind === 'model-up') models.push(named);
        }
        for (const [key, { named, gone }] of now) {
          if (gone.observe(!present.has(key), nowMs) !== 'begins') continue;
          now.delete(key);
          if (rule.kind === 'model-gone') models.push(named);
        }
      }
      return models.length === 0 ? [] : [{ kind: rule.kind, models }];
    },
  };
}

function presentModels(
  servers: readonly ModelServer[],
  globs: readonly string[],
): ReadonlyMap<string, NamedModel> {
  const present = new Map<string, NamedModel>();
  for (const { id: serverId, state, models } of servers) {
    if (state.kind === 'failed' || state.kind === 'starting' || state.kind === 'lost') continue;
    for (const { id: model } of models) {
      if (matchesAnyOrAll(model, globs)) present.set(`${serverId} ${model}`, { serverId, model });
    }
  }
  return present;
}

/** Models whose server is stuck, each once until it has worked again. One of which nothing is known is as it was. */
export function watchStuck(rule: Rule<'model-stuck'>): Watcher {
  const conditions = new Map<string, Condition>();
  return {
    look({ snapshot, nowMs, concerns }) {
      const models: NamedModel[] = [];
      for (const { id: serverId, hostId, state, models: served } of snapshot.servers) {
        if (!concerns(hostId) || state.kind === 'lost') continue;
        for (const { id: model } of served) {
          if (!matchesAnyOrAll(model, rule.models)) continue;
          const key = `${serverId} ${model}`;
          const condition = conditions.get(key) ?? createCondition(times.stuck);
          conditions.set(key, condition);
          if (condition.observe(state.kind === 'stuck', nowMs) === 'begins') models.push({ serverId, model });
        }
      }
      return models.length === 0 ? [] : [{ kind: 'model-stuck', models }];
    },
  };
}

/** More waiting requests than the rule says, for as long as it says. */
export function watchQueues(rule: Rule<'queue-long'>): Watcher {
  const conditions = new Map<string, Condition>();
  return {
    look({ snapshot, nowMs, concerns }) {
      const models: QueuedModel[] = [];
      const unknown = new Map(conditions);
      for (const { id: serverId, hostId, loads } of snapshot.servers) {
        if (!concerns(hostId)) continue;
        for (const { model, waiting } of loads) {
          if (!matchesAnyOrAll(model ?? '', rule.models)) continue;
          const key = `${serverId} ${model}`;
          const queueTimes = { holdMs: rule.forMs, restMs: times.queueRestMs };
          const condition = conditions.get(key) ?? createCondition(queueTimes);
          conditions.set(key, condition);
          if (waiting === null) continue;
          unknown.delete(key);
          const begins = condition.observe(waiting > rule.over, nowMs) === 'begins';
          if (begins) models.push({ serverId, model: model ?? '', waiting });
        }
      }
      for (const condition of unknown.values()) condition.pause();
      return models.length === 0 ? [] : [{ kind: 'queue-long', models }];
    },
  };
}

/** Forwards that are lost, and those that come back after the loss was reported. One that was stopped is neither. */
export function watchForwards(): Watcher {
  const watch = watchEach<Forward>(times.forward, isAway);
  return {
    look({ snapshot, nowMs, concerns }) {
      const { begun, ended } = watch(
        snapshot.forwards.filter(({ hostId }) => concerns(hostId)),
        nowMs,
      );
      return [
        ...(begun.length > 0 ? [{ kind: 'forward-lost', forwardIds: begun } as const] : []),
        ...(ended.length > 0 ? [{ kind: 'forward-restored', forwardIds: ended } as const] : []),
      ];
    },
  };
}

/** Hosts that were up and stop answering, and those that come back after the loss was reported. */
export function watchHosts(): Watcher {
  const wasUp = new Set<string>();
  const watch = watchEach<Host>(times.host, hasFailed);
  return {
    look({ snapshot, nowMs, concerns }) {
      for (const { id, state } of snapshot.hosts) if (isUp(state)) wasUp.add(id);
      // A host that is being tried again is as it was.
      const settled = ({ state }: Host): boolean => state.kind !== 'queued' && state.kind !== 'connecting';
      const { begun, ended } = watch(
        snapshot.hosts.filter((host) => wasUp.has(host.id) && settled(host) && concerns(host.id)),
        nowMs,
      );
      return [
        ...(begun.length > 0 ? [{ kind: 'host-lost', hostIds: begun } as const] : []),
        ...(ended.length > 0 ? [{ kind: 'host-back', hostIds: ended } as const] : []),
      ];
    },
  };
}

/** One condition for each item that was ever listed: one that is left out for a while is as it was. */
function watchEach<Item extends { readonly id: string }>(
  itemTimes: ConditionTimes,
  holds: (item: Item) => boolean,
): (items: readonly Item[], nowMs: number) => { readonly begun: string[]; readonly ended: string[] } {
  const conditions = new Map<string, Condition>();
  return (items, nowMs) => {
    const begun: string[] = [];
    const ended: string[] = [];
    for (const item of items) {
      const condition = conditions.get(item.id) ?? createCondition(itemTimes);
      conditions.set(item.id, condition);
      const change = condition.observe(holds(item), nowMs);
      if (change === 'begins') begun.push(item.id);
      if (change === 'ends') ended.push(item.id);
    }
    return { begun, ended };
  };
}
