/** Rules of notifications: new ones, and what one says in a line. */

import type { Language } from '#common/language.ts';
import { assertNever } from '#common/never.ts';
import { longQueue } from '#common/select/load.ts';
import type { NotificationRule } from '#common/settings.ts';
import { writeNumber } from '../lib/number-text.ts';
import type { SettingsEdit } from '../state/actions.ts';
import { ruleWords } from './rule-words.ts';

export type RuleKind = NotificationRule['kind'];

export const ruleKinds = [
  'gpus-free',
  'model-up',
  'model-gone',
  'model-stuck',
  'queue-long',
  'forward',
  'host',
  'launch',
] as const satisfies readonly RuleKind[];

/** An edit of the settings that changes the rules alone. */
export function editRules(
  edit: (rules: readonly NotificationRule[]) => readonly NotificationRule[],
): SettingsEdit {
  return ({ notifications }) => ({
    notifications: { ...notifications, rules: [...edit(notifications.rules)] },
  });
}

/** A rule of that kind that is of use as it is. */
export function newRule(kind: RuleKind, id: string): NotificationRule {
  const base = { id, enabled: true, hosts: [] };
  switch (kind) {
    case 'gpus-free':
      return { ...base, kind, atLeast: 1, counted: 'one-host', gpu: '', memGiB: 0, once: true };
    case 'model-up':
    case 'model-gone':
    case 'model-stuck':
      return { ...base, kind, models: [] };
    case 'queue-long':
      return { ...base, kind, models: [], over: longQueue, forMs: 60_000 };
    case 'forward':
    case 'host':
    case 'launch':
      return { ...base, kind };
    default:
      return assertNever(kind);
  }
}

export interface RuleSummary {
  /** What has to happen. */
  readonly title: string;
  /** To whom, and how. */
  readonly details: string;
}

/** `2 GPUs are free on one host`, `H100 · 40 GiB or more · on gpu-* · once`. */
export function summarise(rule: NotificationRule, language: Language): RuleSummary {
  const words = ruleWords[language];
  const number = (value: number, factor = 1) => writeNumber(value, factor, language);
  const hosts = rule.hosts.length === 0 ? words.anywhere : words.onHosts(rule.hosts.join(', '));
  const models = 'models' in rule ? rule.models.join(', ') : '';
  const said = (title: string, ...details: readonly string[]): RuleSummary => ({
    title,
    details: details.filter((detail) => detail !== '').join(' · '),
  });
  switch (rule.kind) {
    case 'gpus-free':
      return said(
        words.gpusFree[rule.counted](rule.atLeast),
        rule.gpu,
        rule.memGiB === 0 ? '' : words.withMemory(number(rule.memGiB)),
        hosts,
        rule.once ? words.once : '',
      );
    case 'queue-long':
      return said(words.queueOver(number(rule.over)), words.lasting(number(rule.forMs, 1000)), models, hosts);
    case 'model-up':
    case 'model-gone':
    case 'model-stuck':
    case 'forward':
    case 'host':
    case 'launch':
      return said(words.kinds[rule.kind], models, hosts);
    default:
      return assertNever(rule);
  }
}
