import { useEffect, useRef, useState } from 'react';
import { settingsBounds } from '#common/bounds.ts';
import type { NotificationRule } from '#common/settings.ts';
import { rangeOfRule } from '#common/settings-form.ts';
import { NumberRow, type Unit } from '../fields/NumberRow.tsx';
import { SelectRow } from '../fields/SelectRow.tsx';
import { SwitchRow } from '../fields/Switch.tsx';
import { TextRow } from '../fields/TextRow.tsx';
import { useWords } from '../state/language.ts';
import { GlobsRow } from './GlobsRow.tsx';
import css from './RuleEditor.module.css';
import { ruleWords } from './rule-words.ts';

type RuleOf<Kind extends NotificationRule['kind']> = Extract<NotificationRule, { kind: Kind }>;

interface Props<Rule extends NotificationRule> {
  readonly rule: Rule;
  readonly onChange: (change: Partial<Rule>) => void;
}

interface EditorProps {
  readonly rule: NotificationRule;
  readonly onSave: (rule: NotificationRule) => void;
  readonly onCancel: () => void;
}

/** The fields of a rule, until they are saved. */
export function RuleEditor({ rule, onSave, onCancel }: EditorProps) {
  const words = useWords(ruleWords);
  const [draft, setDraft] = useState(rule);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.querySelector('input')?.focus();
    form.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <form
      ref={form}
      className={css.editor}
      aria-label={words.kinds[rule.kind]}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const bad = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
        if (bad) bad.focus();
        else onSave(draft);
      }}
    >
      <RuleFields rule={draft} onChange={(change) => setDraft({ ...draft, ...change } as NotificationRule)} />
      <div className={css.actions}>
        <button type="button" className="button" onClick={onCancel}>
          {words.cancel}
        </button>
        <button type="submit" className="button button-accent">
          {words.save}
        </button>
      </div>
    </form>
  );
}

function RuleFields({ rule, onChange }: Props<NotificationRule>) {
  const words = useWords(ruleWords);
  return (
    <>
      {rule.kind === 'gpus-free' && <FreeGpus rule={rule} onChange={onChange} />}
      {rule.kind === 'queue-long' && <LongQueue rule={rule} onChange={onChange} />}
      {'models' in rule && (
        <GlobsRow
          of="models"
          label={words.models}
          values={rule.models}
          onChange={(names) => onChange({ models: [...names] })}
        />
      )}
      <GlobsRow
        of="hosts"
        label={words.hosts}
        values={rule.hosts}
        onChange={(names) => onChange({ hosts: [...names] })}
      />
    </>
  );
}

function FreeGpus({ rule, onChange }: Props<RuleOf<'gpus-free'>>) {
  const words = useWords(ruleWords);
  return (
    <>
      <RuleNumber rule={rule} onChange={onChange} name="atLeast" label={words.atLeast} />
      <SelectRow
        label={words.counted}
        help={words.countedHelp}
        value={rule.counted}
        choices={words.countedOptions}
        onChange={(counted) => onChange({ counted })}
      />
      <TextRow
        label={words.gpu}
        help={words.gpuHelp}
        placeholder={words.gpuHint}
        most={settingsBounds.gpuLength}
        value={rule.gpu}
        onChange={(gpu) => onChange({ gpu })}
      />
      <RuleNumber rule={rule} onChange={onChange} name="memGiB" unit="gib" label={words.memGiB} />
      <SwitchRow
        label={words.onceRow}
        help={words.onceHelp}
        on={rule.once}
        onChange={(once) => onChange({ once })}
      />
    </>
  );
}

function LongQueue({ rule, onChange }: Props<RuleOf<'queue-long'>>) {
  const words = useWords(ruleWords);
  return (
    <>
      <RuleNumber rule={rule} onChange={onChange} name="over" label={words.over} />
      <RuleNumber rule={rule} onChange={onChange} name="forMs" unit="seconds" label={words.forMs} />
    </>
  );
}

interface RuleNumberProps<Rule extends NotificationRule> extends Props<Rule> {
  readonly name: Extract<
    { [Name in keyof Rule]: Rule[Name] extends number ? Name : never }[keyof Rule],
    string
  >;
  readonly label: string;
  readonly help?: string;
  readonly unit?: Unit;
}

function RuleNumber<Rule extends NotificationRule>({ rule, onChange, name, ...row }: RuleNumberProps<Rule>) {
  return (
    <NumberRow
      {...row}
      range={rangeOfRule(rule.kind, name)}
      value={Number(rule[name])}
      onChange={(value) => onChange({ [name]: value } as unknown as Partial<Rule>)}
    />
  );
}
