import { settingsBounds } from '#common/bounds.ts';
import type { FreeGpusWanted } from '#common/free-gpus.ts';
import type { NotificationRule } from '#common/settings.ts';
import { Icon } from '../icons/Icon.tsx';
import { editRules } from '../settings/rules.ts';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { gpuWords } from './words.ts';

/** Makes a rule of what is looked for: it notifies once, when a host has it. Not offered where there is that rule. */
export function NotifyFree({ wanted: { count, memGiB, kind } }: { readonly wanted: FreeGpusWanted }) {
  const actions = useActions();
  const words = useWords(gpuWords);
  const { rules } = useSettings().notifications;
  const asks = { kind: 'gpus-free', atLeast: count, counted: 'one-host', gpu: kind, memGiB } as const;
  const isThere = rules.some((rule) => rule.enabled && isSame(rule, asks));
  if (isThere) return <span className="dim">{words.notifies}</span>;
  const add = () => {
    const rule: NotificationRule = { id: crypto.randomUUID(), enabled: true, hosts: [], once: true, ...asks };
    void actions.changeSettings(
      editRules((all) => [...all, rule]),
      {
        title: words.notifies,
        undo: editRules((all) => all.filter(({ id }) => id !== rule.id)),
      },
    );
  };
  return (
    <button
      type="button"
      className="button"
      aria-disabled={rules.length >= settingsBounds.ruleCount}
      onClick={() => rules.length < settingsBounds.ruleCount && add()}
    >
      <Icon name="bell" />
      {words.notifyWhenFree}
    </button>
  );
}

function isSame(rule: NotificationRule, asks: Partial<NotificationRule>): boolean {
  return (
    rule.hosts.length === 0 &&
    Object.entries(asks).every(([name, value]) => rule[name as keyof NotificationRule] === value)
  );
}
