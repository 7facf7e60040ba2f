import { asOf } from '#common/freshness.ts';
import type { Notice } from '#common/notices.ts';
import type { SettingsChange } from '#common/settings.ts';
import { createAlarm } from '#common/timer.ts';
import type { Log } from '../diagnostics/log.ts';
import type { Store } from '../store.ts';
import { createGroups } from './group.ts';
import { createRules } from './rules.ts';

export interface NoticesDeps {
  readonly store: Store;
  readonly log: Log;
  /** Switches a rule off that was to tell once. */
  readonly changeSettings: (change: SettingsChange) => Promise<void>;
  readonly now?: () => number;
}

/** Puts what the rules of the settings watch for into the Snapshot, where every face shows it in its way. */
export interface Notices {
  start(): void;
  dispose(): void;
}

const everyMs = 1000;
/** A page that was away for long wants the latest ones, not all. */
const mostKept = 50;

export function createNotices({ store, log, changeSettings, now = Date.now }: NoticesDeps): Notices {
  const rules = createRules();
  const groups = createGroups();
  const alarm = createAlarm({ background: true });

  const publish = (notices: readonly Notice[]): void => {
    if (notices.length === 0) return;
    store.apply({
      kind: 'parts-changed',
      parts: { notices: [...store.current().notices, ...notices].slice(-mostKept) },
    });
  };

  const switchOff = (ruleId: string): void => {
    const { notifications } = store.current().settings;
    const after = notifications.rules.map((rule) =>
      rule.id === ruleId ? { ...rule, enabled: false } : rule,
    );
    changeSettings({ notifications: { ...notifications, rules: after } }).catch((error: unknown) =>
      // It could not be stored, and holds until the app ends.
      log('warn', `a notification rule stays on in the file: ${String(error)}`),
    );
  };

  const look = (): void => {
    const nowMs = now();
    const found = rules.look(asOf(store.current(), nowMs), nowMs);
    for (const { rule, news } of found) {
      groups.add(news, nowMs);
      if (rule.kind === 'gpus-free' && rule.once) switchOff(rule.id);
    }
    publish(groups.due(nowMs));
  };

  return {
    start() {
      if (alarm.isSet()) return;
      look();
      alarm.every(everyMs, look);
    },
    dispose: alarm.cancel,
  };
}
