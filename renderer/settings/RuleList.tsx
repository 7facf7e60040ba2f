import { useState } from 'react';
import { settingsBounds } from '#common/bounds.ts';
import type { NotificationRule } from '#common/settings.ts';
import { MenuButton } from '../components/MenuButton.tsx';
import { SettingHelp } from '../fields/SettingRow.tsx';
import { Switch } from '../fields/Switch.tsx';
import { Icon } from '../icons/Icon.tsx';
import { useLanguage, useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { RuleEditor } from './RuleEditor.tsx';
import css from './RuleList.module.css';
import { ruleWords } from './rule-words.ts';
import { editRules, newRule, ruleKinds, summarise } from './rules.ts';

/** Rules are switched and removed at once, but edited aside: one that is true already tells as soon as it is stored. */
export function RuleList() {
  const actions = useActions();
  const words = useWords(ruleWords);
  const { rules } = useSettings().notifications;
  const [edited, setEdited] = useState<NotificationRule | null>(null);
  const isNew = edited !== null && !rules.some(({ id }) => id === edited.id);
  const save = (rule: NotificationRule) => {
    const isSame = ({ id }: NotificationRule) => id === rule.id;
    // Its switch is not one of the fields, and may have been moved meanwhile.
    const saved = (one: NotificationRule) => (isSame(one) ? { ...rule, enabled: one.enabled } : one);
    void actions.changeSettings(editRules((all) => (all.some(isSame) ? all.map(saved) : [...all, rule])));
    setEdited(null);
  };
  const remove = (rule: NotificationRule, place: number) => {
    void actions.changeSettings(
      editRules((all) => all.filter(({ id }) => id !== rule.id)),
      { title: words.removed, undo: editRules((all) => all.toSpliced(place, 0, rule)) },
    );
    if (edited?.id === rule.id) setEdited(null);
  };
  const editor = (rule: NotificationRule) => (
    <RuleEditor key={rule.id} rule={rule} onSave={save} onCancel={() => setEdited(null)} />
  );
  return (
    <>
      {rules.length === 0 && !isNew && <SettingHelp>{words.noRules}</SettingHelp>}
      <ul className={css.rules}>
        {rules.map((rule, place) => (
          <RuleItem
            key={rule.id}
            rule={rule}
            editor={rule.id === edited?.id && editor(edited)}
            onEdit={() => setEdited(rule.id === edited?.id ? null : rule)}
            onRemove={() => remove(rule, place)}
          />
        ))}
        {isNew && (
          <li className={css.rule}>
            <p className={css.title}>{words.kinds[edited.kind]}</p>
            {editor(edited)}
          </li>
        )}
      </ul>
      {rules.length < settingsBounds.ruleCount && !isNew && (
        <MenuButton
          className="button"
          label={words.add}
          entries={ruleKinds.map((kind) => ({
            label: words.kinds[kind],
            onSelect: () => setEdited(newRule(kind, crypto.randomUUID())),
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
  /** Its fields; false while they are closed. */
  readonly editor: React.ReactNode;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
}

function RuleItem({ rule, editor, onEdit, onRemove }: ItemProps) {
  const actions = useActions();
  const words = useWords(ruleWords);
  const { title, details } = summarise(rule, useLanguage());
  const switchTo = (enabled: boolean) =>
    void actions.changeSettings(
      editRules((all) => all.map((one) => (one.id === rule.id ? { ...one, enabled } : one))),
    );
  return (
    <li className={css.rule} data-row>
      <div className={css.head}>
        <Switch label={words.isOn(title)} on={rule.enabled} onChange={switchTo} />
        <div className={css.words}>
          <p className={css.title}>{title}</p>
          <p className="subline">{details}</p>
        </div>
        <button
          type="button"
          className="icon-button"
          title={words.edit(title)}
          aria-label={words.edit(title)}
          aria-expanded={editor !== false}
          onClick={onEdit}
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
      {editor}
    </li>
  );
}
