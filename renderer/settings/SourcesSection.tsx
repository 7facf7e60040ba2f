import { useState } from 'react';
import {
  mostPrometheusSources,
  newPrometheusSource,
  type PrometheusSource,
  type PrometheusState,
  sourceName,
} from '#common/prometheus.ts';
import { detailText } from '#common/words/details.ts';
import { errorWords } from '#common/words/states.ts';
import { Select } from '../fields/SelectRow.tsx';
import { SettingGroup, SettingHelp, SettingRow } from '../fields/SettingRow.tsx';
import { Switch } from '../fields/Switch.tsx';
import { Icon } from '../icons/Icon.tsx';
import type { SettingsEdit } from '../state/actions.ts';
import { useLanguage, useWords } from '../state/language.ts';
import { useActions, useAppState } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { SourceEditor } from './SourceEditor.tsx';
import css from './SourcesSection.module.css';
import { sourceWords } from './source-words.ts';

type Sources = readonly PrometheusSource[];

const editing =
  (edit: (sources: Sources) => Sources): SettingsEdit =>
  ({ prometheus }) => ({ prometheus: [...edit(prometheus)] });

const noStates: readonly PrometheusState[] = [];

/** The Prometheus servers that are read beside SSH. */
export function SourcesSection() {
  const actions = useActions();
  const words = useWords(sourceWords);
  const { prometheus } = useSettings();
  const states = useAppState(({ snapshot }) => snapshot?.prometheus) ?? noStates;
  const [edited, setEdited] = useState<PrometheusSource | null>(null);
  const isNew = edited !== null && !prometheus.some(({ id }) => id === edited.id);
  const save = async (source: PrometheusSource) => {
    const isSame = ({ id }: PrometheusSource) => id === source.id;
    const saved = (one: PrometheusSource) => (isSame(one) ? { ...source, enabled: one.enabled } : one);
    setEdited(null);
    await actions.changeSettings(editing((all) => (all.some(isSame) ? all.map(saved) : [...all, source])));
  };
  const remove = (source: PrometheusSource, place: number) => {
    void actions.changeSettings(
      editing((all) => all.filter(({ id }) => id !== source.id)),
      { title: words.removed, undo: editing((all) => all.toSpliced(place, 0, source)) },
    );
    if (edited?.id === source.id) setEdited(null);
  };
  const editor = (source: PrometheusSource) => (
    <SourceEditor
      key={source.id}
      source={source}
      secret={states.find(({ id }) => id === source.id)?.secret ?? null}
      onSave={save}
      onCancel={() => setEdited(null)}
    />
  );
  return (
    <SettingGroup help={words.intro}>
      {prometheus.length === 0 && !isNew && <SettingHelp>{words.none}</SettingHelp>}
      <ul className={css.sources}>
        {prometheus.map((source, place) => (
          <SourceItem
            key={source.id}
            source={source}
            state={states.find(({ id }) => id === source.id) ?? null}
            onEdit={() => setEdited(source.id === edited?.id ? null : source)}
            onRemove={() => remove(source, place)}
          >
            {source.id === edited?.id && editor(edited)}
          </SourceItem>
        ))}
        {isNew && <li className={css.source}>{editor(edited)}</li>}
      </ul>
      {prometheus.length < mostPrometheusSources && !isNew && (
        <button
          type="button"
          className="button"
          onClick={() => setEdited(newPrometheusSource(crypto.randomUUID(), ''))}
        >
          <Icon name="add" />
          {words.add}
        </button>
      )}
    </SettingGroup>
  );
}

interface ItemProps {
  readonly source: PrometheusSource;
  readonly state: PrometheusState | null;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
  readonly children: React.ReactNode;
}

function SourceItem({ source, state, onEdit, onRemove, children }: ItemProps) {
  const actions = useActions();
  const words = useWords(sourceWords);
  const name = sourceName(source);
  const change = (fields: Partial<PrometheusSource>) =>
    void actions.changeSettings(
      editing((all) => all.map((one) => (one.id === source.id ? { ...one, ...fields } : one))),
    );
  return (
    <li className={css.source}>
      <div className={css.head}>
        <Switch label={words.use(name)} on={source.enabled} onChange={(enabled) => change({ enabled })} />
        <div className={css.words}>
          <p>{name}</p>
          <StateLine source={source} state={state} />
        </div>
        <button type="button" className="icon-button" aria-label={words.edit(name)} onClick={onEdit}>
          <Icon name="edit" />
        </button>
        <button type="button" className="icon-button" aria-label={words.remove(name)} onClick={onRemove}>
          <Icon name="remove" />
        </button>
      </div>
      {state?.ambiguous.map((one) => (
        <SettingRow key={one.name} label={words.ambiguous(one.name)}>
          {(control) => (
            <Select
              {...control}
              value={source.joins[one.name] ?? '?'}
              choices={{
                '?': words.choose,
                ...Object.fromEntries(one.aliases.map((alias) => [alias, alias])),
                '': words.noneOfThem,
              }}
              onChange={(alias) => change({ joins: { ...source.joins, [one.name]: alias } })}
            />
          )}
        </SettingRow>
      ))}
      {children}
    </li>
  );
}

function StateLine({ source, state }: Pick<ItemProps, 'source' | 'state'>) {
  const language = useLanguage();
  const words = sourceWords[language];
  if (!source.enabled) return <p className="dim">{words.off}</p>;
  if (state === null || state.state.kind === 'waiting') return <p className="dim">{words.waiting}</p>;
  if (state.state.kind === 'failed') {
    const { code, detail } = state.state.failure;
    const text = detailText(detail, language);
    return (
      <p className="bad-text">
        {errorWords(code, language).title}
        {text !== '' && ` (${text})`}
      </p>
    );
  }
  return (
    <p className="dim">
      {words.found(state.hosts, state.gpus)}
      {state.partial !== null && ` · ${words.partial}: ${detailText(state.partial, language)}`}
    </p>
  );
}
