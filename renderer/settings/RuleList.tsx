import { useEffect, useId, useRef, useState } from 'react';
import type { NotificationRule } from '#common/settings.ts';
import { MenuButton } from '../components/MenuButton.tsx';
import { Switch } from '../fields/Switch.tsx';
import { Icon } from '../icons/Icon.tsx';
import type { SettingsEdit } from '../state/actions.ts';
import { useLanguage, useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { RuleEditor } from './RuleEditor.tsx';
import { ruleWords } from './rule-words.ts';
import { newRule, ruleKinds, summarise } from './rules.ts';

/** The schema takes no more. */
const mostRules = 100;

type Rules = readonly NotificationRule[];

/** An edit of the rules alone. */
function editing(edit: (rules: Rules) => Rules): SettingsEdit {
  return ({ notifications }) => ({
    notifications: { ...notifications, rules: [...edit(notifications.rules)] },
  });
}

export function RuleList() {
  const actions = useActions();
  const words = useWords(ruleWords);
  const { rules } = useSettings().notifications;
  const [edited, setEdited] = useState<string | null>(null);
  const [added, setAdded] = useState<string | null>(null);
  const add = (rule: NotificationRule) => {
    void actions.changeSettings(editing((all) => [...all, rule]));
    setEdited(rule.id);
    setAdded(rule.id);
  };
  const remove = (rule: NotificationRule, place: number) =>
    void actions.changeSettings(
      editing((all) => all.filter(({ id }) => id !== rule.id)),
      { title: words.removed, undo: editing((all) => all.toSpliced(place, 0, rule)) },
    );
  return (
    <>
      {rules.length === 0 && <p className="setting-help">{words.noRules}</p>}
      <ul className="rules">
        {rules.map((rule, place) => (
          <RuleItem
            key={rule.id}
            rule={rule}
            open={rule.id === edited}
            isNew={rule.id === added}
            onOpen={(open) => setEdited(open ? rule.id : null)}
            onRemove={() => remove(rule, place)}
          />
        ))}
      </ul>
      {rules.length < mostRules && (
        <MenuButton
          className="button"
          label={words.add}
          entries={ruleKinds.map((kind) => ({
            label: words.kinds[kind],
            onSelect: () => add(newRule(kind, crypto.randomUUID())),
          }))}
        >
          <Icon name="add" />
          {words.add}
        </MenuButton>
      )}
    </>
  );
}

interface ItemProps {
  readonly rule: NotificationRule;
  readonly open: boolean;
  /** It was made here, and its fields are next. */
  readonly isNew: boolean;
  readonly onOpen: (open: boolean) => void;
  readonly onRemove: () => void;
}

function RuleItem({ rule, open, isNew, onOpen, onRemove }: ItemProps) {
  const actions = useActions();
  const words = useWords(ruleWords);
  const { title, details } = summarise(rule, useLanguage());
  const editorId = useId();
  const editor = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isNew) return;
    editor.current?.querySelector('input')?.focus();
    editor.current?.scrollIntoView({ block: 'nearest' });
  }, [isNew]);
  const change = (part: Partial<NotificationRule>) =>
    void actions.changeSettings(
      editing((all) =>
        all.map((one) => (one.id === rule.id ? ({ ...one, ...part } as NotificationRule) : one)),
      ),
    );
  return (
    <li className="rule" data-row>
      <div className="rule-head">
        <Switch label={words.isOn(title)} on={rule.enabled} onChange={(enabled) => change({ enabled })} />
        <div className="rule-words">
          <p className="rule-title">{title}</p>
          <p className="subline">{details}</p>
        </div>
        <button
          type="button"
          className="icon-button"
          title={words.edit(title)}
          aria-label={words.edit(title)}
          aria-expanded={open}
          aria-controls={open ? editorId : undefined}
          onClick={() => onOpen(!open)}
        >
          <Icon name="edit" />
        </button>
        <button
          type="button"
          className="icon-button"
          title={words.remove(title)}
          aria-label={words.remove(title)}
          onClick={onRemove}
        >
          <Icon name="remove" />
        </button>
      </div>
      {open && (
        <div className="rule-editor" id={editorId} ref={editor}>
          <RuleEditor rule={rule} onChange={change} />
        </div>
      )}
    </li>
  );
}
