import { useState } from 'react';
import { isSourceUrl, type PrometheusSource, type PrometheusState } from '#common/prometheus.ts';
import { SelectRow } from '../fields/SelectRow.tsx';
import { SettingRow } from '../fields/SettingRow.tsx';
import { useWords } from '../state/language.ts';
import { useCall } from '../state/use-call.ts';
import css from './SourcesSection.module.css';
import { SourceTest } from './SourceTest.tsx';
import { sourceWords } from './source-words.ts';

interface Props {
  readonly source: PrometheusSource;
  readonly secret: PrometheusState['secret'] | null;
  readonly onSave: (source: PrometheusSource) => Promise<void>;
  readonly onCancel: () => void;
}

type TextField = 'url' | 'name' | 'user' | 'certificate' | 'key' | 'authority' | 'header' | 'hostLabel';

/** A source as it is set up; nothing of it is stored before it is saved. */
export function SourceEditor({ source, secret, onSave, onCancel }: Props) {
  const call = useCall();
  const words = useWords(sourceWords);
  const [draft, setDraft] = useState(source);
  const [login, setLogin] = useState('');
  const [header, setHeader] = useState('');
  const fits = isSourceUrl(draft.url);
  const secrets = { login: login === '' ? null : login, header: header === '' ? null : header };
  const save = async () => {
    if (!fits) return;
    const given = { ...(login !== '' && { login }), ...(header !== '' && { header }) };
    if (Object.keys(given).length > 0) await call('source.setSecret', { sourceId: draft.id, ...given });
    await onSave({ ...draft, url: draft.url.trim(), name: draft.name.trim() });
  };
  const text = (field: TextField, label: string, help?: string) => (
    <SettingRow
      label={label}
      help={help}
      error={field === 'url' && draft.url !== '' && !fits ? words.badAddress : null}
    >
      {(control) => (
        <input
          {...control}
          className="input input-pattern"
          value={draft[field]}
          maxLength={field === 'url' ? 1000 : 300}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setDraft({ ...draft, [field]: event.target.value })}
        />
      )}
    </SettingRow>
  );
  const secretRow = (label: string, value: string, isStored: boolean, onChange: (text: string) => void) => (
    <SettingRow label={label} help={secret?.kept === true ? words.secretKept : words.secretNotKept}>
      {(control) => (
        <input
          {...control}
          type="password"
          className="input input-pattern"
          value={value}
          maxLength={4096}
          autoComplete="off"
          placeholder={isStored ? words.stored : undefined}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </SettingRow>
  );
  const secretLabel = { basic: words.password, bearer: words.token, certificate: words.passphrase, none: '' };
  return (
    <div className={css.editor}>
      {text('url', words.address, words.addressHelp)}
      {text('name', words.name)}
      <SelectRow
        label={words.login}
        value={draft.login}
        choices={words.logins}
        onChange={(kind) => setDraft({ ...draft, login: kind })}
      />
      {draft.login === 'basic' && text('user', words.user)}
      {draft.login === 'certificate' && text('certificate', words.certificate)}
      {draft.login === 'certificate' && text('key', words.key)}
      {draft.login !== 'none' && secretRow(secretLabel[draft.login], login, secret?.login === true, setLogin)}
      {draft.url.startsWith('https:') && text('authority', words.authority, words.authorityHelp)}
      {text('header', words.header, words.headerHelp)}
      {draft.header !== '' && secretRow(words.headerValue, header, secret?.header === true, setHeader)}
      {text('hostLabel', words.hostLabel, words.hostLabelHelp)}
      <SourceTest source={draft} secrets={secrets} canTest={fits}>
        <button type="button" className="button button-accent" disabled={!fits} onClick={() => void save()}>
          {words.save}
        </button>
        <button type="button" className="button" onClick={onCancel}>
          {words.cancel}
        </button>
      </SourceTest>
    </div>
  );
}
