import { isDeepStrictEqual } from 'node:util';
import { assertNever } from '#common/never.ts';
import type { News } from '#common/notices.ts';
import type { NotificationRule } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { matchesAnyOrAll } from '../settings/globs.ts';
import {
  type Watcher,
  watchForwards,
  watchFreeGpus,
  watchHosts,
  watchModels,
  watchQueues,
  watchStuck,
} from './events.ts';
import { watchLaunches } from './launch-events.ts';

export interface RuleNews {
  readonly rule: NotificationRule;
  readonly news: News;
}

/** Applies the rules of the settings to one Snapshot after the other. */
export interface Rules {
  /** What is news; nothing while the notifications are switched off or the first scan has not ended. */
  look(snapshot: Snapshot, nowMs: number): readonly RuleNews[];
}

/** What was true when the app started is no news; what is true when a rule is made is, because a person has just asked. */
export function createRules(): Rules {
  let scanned = false;
  let started = false;
  let watching = new Map<string, { readonly rule: NotificationRule; readonly watcher: Watcher }>();

  const follow = (rules: readonly NotificationRule[]): void => {
    const next: typeof watching = new Map();
    for (const rule of rules) {
      if (!rule.enabled) continue;
      const known = watching.get(rule.id);
      // The settings arrive as new objects with every change of any of them.
      const isSame = known !== undefined && isDeepStrictEqual(known.rule, rule);
      next.set(rule.id, isSame ? known : { rule, watcher: createWatcher(rule, !started) });
    }
    watching = next;
  };

  return {
    look(snapshot, nowMs) {
      const { enabled, rules, mutedHosts } = snapshot.settings.notifications;
      follow(enabled ? rules : []);
      started = true;
      scanned ||= snapshot.scan.kind === 'done' || snapshot.scan.kind === 'cancelled';
      if (!scanned) return [];
      const muted = new Set(mutedHosts);
      return [...watching.values()].flatMap(({ rule, watcher }) => {
        const concerns = (hostId: string): boolean =>
          !muted.has(hostId) && matchesAnyOrAll(hostId, rule.hosts);
        return watcher.look({ snapshot, nowMs, concerns }).map((one) => ({ rule, news: one }));
      });
    },
  };
}

function createWatcher(rule: NotificationRule, startsTold: boolean): Watcher {
  switch (rule.kind) {
    case 'gpus-free':
      return watchFreeGpus(rule, startsTold);
    case 'model-up':
    case 'model-gone':
      return watchModels(rule);
    case 'model-stuck':
      return watchStuck(rule);
    case 'queue-long':
      return watchQueues(rule);
    case 'forward':
      return watchForwards();
    case 'host':
      return watchHosts();
    case 'launch':
      return watchLaunches();
    default:
      return assertNever(rule);
  }
}
