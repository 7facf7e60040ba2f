import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import { lastPart } from '#common/cut.ts';
import type { Formats } from '#common/format.ts';
import { columnName } from '#common/history.ts';
import type { Language } from '#common/language.ts';
import { fullKvPct, longQueue } from '#common/select/load.ts';
import { gpuRanges } from '#common/select/processes.ts';
import type { ModelLoad, ServerState } from '#common/servers.ts';
import { engineTitle, whyNoModel } from '#common/words/states.ts';
import { Sparkline } from '../charts/Sparkline.tsx';
import { useTrack } from '../charts/use-track.ts';
import { FavouriteMark } from '../components/Favourite.tsx';
import { Name } from '../components/Name.tsx';
import { ServerStateMark } from '../components/ServerStateMark.tsx';
import { engineOf } from '../lib/server-state.ts';
import type { Direction } from '../list/column-sort.ts';
import { useFormats, useWords } from '../state/language.ts';
import { evenSteps } from '../state/track.ts';
import type { Column, TableSpec, TextKey } from '../table/column.ts';
import { ForwardControl } from './ForwardControl.tsx';
import { KeyButton } from './KeyControl.tsx';
import { ModelMenu } from './ModelMenu.tsx';
import css from './ModelsView.module.css';
import { isBusyRow, loadOfRow, type ModelRow } from './model-groups.ts';
import { useSharedAxis } from './shared-axis.ts';
import { modelWords } from './words.ts';

const stateRanks: Readonly<Record<ServerState['kind'] | 'busy', number>> = {
  up: 0,
  busy: 1,
  starting: 2,
  sleeping: 3,
  locked: 4,
  stuck: 5,
  failed: 6,
  lost: 7,
};

type Key = TextKey<(typeof modelWords)['en']>;

interface LoadColumn extends Pick<Column<ModelRow, Key>, 'key' | 'hint' | 'fromRem' | 'align' | 'beside'> {
  readonly rem: number;
  readonly first?: Direction;
  readonly value: (load: ModelLoad) => number | null;
  readonly text: (value: number | null, formats: Formats) => ReactNode;
  readonly graph?: (row: ModelRow) => ReactNode;
}

/** A column of what a model does now: its number, or a dash. */
function loadColumn({
  rem,
  first = 'descending',
  value,
  text,
  graph,
  ...column
}: LoadColumn): Column<ModelRow, Key> {
  const numberOf = (row: ModelRow) => {
    const load = loadOfRow(row);
    return load === null ? null : value(load);
  };
  return {
    align: 'end',
    ...column,
    order: { value: numberOf, first, isLive: true },
    room: { rem },
    cell: (row, { formats }) => (
      <>
        {graph?.(row)}
        {text(numberOf(row), formats)}
      </>
    ),
  };
}

/** One row per model on a server. */
export const modelTable: TableSpec<ModelRow, Key> = {
  words: modelWords,
  name: 'models',
  keyOf: ({ key }) => key,
  hostOf: ({ server }) => server.hostId,
  sort: { key: 'server', direction: 'ascending' },
  menu: (row, place) => <ModelMenu row={row} place={place} />,
  rowData: ({ isAdapter, server }) => ({ 'data-adapter': isAdapter, 'data-state': server.state.kind }),
  columns: [
    {
      key: 'model',
      isHead: true,
      className: css.model,
      order: { value: ({ model }) => model?.id ?? null, first: 'ascending' },
      room: { least: 16, text: ({ model }) => lastPart(model?.id ?? '') },
      cell: (row, { language }) => <ModelName row={row} language={language} />,
      below: ({ server }) =>
        server.state.kind === 'locked' && <KeyButton serverId={server.id} className={css.textButton} />,
    },
    {
      key: 'server',
      fromRem: 26,
      under: 'model',
      // In the order of the SSH configuration, or the other way round.
      order: { value: (_, at) => at, first: 'ascending' },
      room: { least: 11, text: ({ server }) => server.id },
      cell: ({ server }) => (
        <Name name={`${server.hostId}:${server.port}`} title={server.id}>
          {server.hostId}
          <span className="dim">{`:${server.port}`}</span>
        </Name>
      ),
      below: ({ server: { process } }) =>
        process !== null &&
        process.gpus.length > 0 && <span className="subline">{`GPU ${gpuRanges(process.gpus)}`}</span>,
    },
    {
      key: 'engine',
      className: 'cut',
      fromRem: 76,
      under: 'server',
      order: {
        value: ({ server }) => (server.engine === null ? null : engineOf(server, 'en')),
        first: 'ascending',
      },
      room: { rem: 6.75 },
      hover: ({ server }, { language }) => engineOf(server, language),
      cell: ({ server: { engine, version } }, { language }) => (
        <>
          {engineTitle(engine, language)}
          {version !== null && <span className="dim">{` ${version}`}</span>}
        </>
      ),
    },
    {
      key: 'context',
      hint: 'contextHint',
      align: 'end',
      fromRem: 76,
      order: { value: ({ model }) => model?.maxModelLen ?? null, first: 'descending' },
      room: { rem: 4.5 },
      cell: ({ model }, { formats }) => formats.whole(model?.maxModelLen ?? null),
    },
    {
      key: 'state',
      className: css.modelState,
      fromRem: 48,
      under: 'model',
      order: {
        value: (row) => stateRanks[isBusyRow(row) ? 'busy' : row.server.state.kind],
        first: 'ascending',
        isLive: true,
      },
      room: { rem: 7.25 },
      cell: (row) => <ServerStateMark state={row.server.state} busy={isBusyRow(row)} />,
    },
    loadColumn({
      key: 'running',
      fromRem: 42,
      rem: 3.75,
      value: ({ running }) => running,
      text: (value, { count }) => count(value),
    }),
    loadColumn({
      key: 'waiting',
      fromRem: 42,
      rem: 3.75,
      value: ({ waiting }) => waiting,
      text: (value, { count }) =>
        value === null || value === 0 ? (
          count(value)
        ) : (
          <b className={css.queue} data-long={value >= longQueue}>
            {count(value)}
          </b>
        ),
    }),
    loadColumn({
      key: 'tokensIn',
      hint: 'tokensInHint',
      fromRem: 76,
      rem: 4.5,
      value: ({ promptTokensPerSecond }) => promptTokensPerSecond,
      text: (value, { count }) => count(value),
    }),
    loadColumn({
      key: 'tokensOut',
      hint: 'tokensOutHint',
      beside: <AxisTop />,
      align: 'apart',
      fromRem: 50,
      rem: 8,
      value: ({ generationTokensPerSecond }) => generationTokensPerSecond,
      text: (value, { count }) => count(value),
      graph: (row) => <RateGraph row={row} />,
    }),
    loadColumn({
      key: 'kv',
      hint: 'kvHint',
      align: 'apart',
      fromRem: 60,
      rem: 5.25,
      value: ({ kvCachePct }) => kvCachePct,
      text: (value, { pct }) => (
        <>
          <KvBar pct={value} />
          {pct(value)}
        </>
      ),
    }),
    loadColumn({
      key: 'ttft',
      hint: 'ttftHint',
      first: 'ascending',
      fromRem: 60,
      rem: 3.75,
      value: ({ ttft }) => ttft?.p50Ms ?? null,
      text: (value, { latency }) => latency(value),
    }),
    {
      key: 'forward',
      room: { rem: 9.75 },
      cell: ({ server, model, forward, why }) => (
        <ForwardControl server={server} modelId={model?.id ?? null} forward={forward} why={why} />
      ),
    },
  ],
};

/** What a row is of, or why its server shows no model. */
export function ModelName({ row, language }: { readonly row: ModelRow; readonly language: Language }) {
  const { model, server, isAdapter } = row;
  if (model === null) {
    const { title: why, detail } = whyNoModel(server.state, language);
    return (
      <span className="dim cut" title={[why, detail].filter(Boolean).join('\n')}>
        {why}
      </span>
    );
  }
  const words = modelWords[language];
  const short = lastPart(model.id);
  const folders = model.id.endsWith(short) ? model.id.slice(0, -short.length) : '';
  return (
    <>
      <FavouriteMark kind="models" name={model.id} />
      <Name name={model.id}>
        <span className={css.folders}>{folders}</span>
        {model.id === '' ? <span className="dim">{words.unnamed}</span> : model.id.slice(folders.length)}
      </Name>
      {isAdapter && <span className="dim cut">{` ${words.adapter}`}</span>}
    </>
  );
}

/** How far the KV cache is filled; its number stands beside it. */
function KvBar({ pct }: { readonly pct: number | null }) {
  if (pct === null) return null;
  return (
    <span className={css.kvBar} data-full={pct >= fullKvPct} aria-hidden="true">
      <span style={{ width: `${Math.min(100, pct)}%` }} />
    </span>
  );
}

const steps = { spanMs: 30 * 60_000, count: 60 };

/** The tokens that a model generated over the last half hour. */
function RateGraph({ row }: { readonly row: ModelRow }) {
  const load = loadOfRow(row);
  const axis = useSharedAxis();
  const track = useTrack(row.server.id, 'recent');
  const top = useSyncExternalStore(axis.subscribe, axis.top);
  // As the metrics name it.
  const values =
    load === null ? [] : evenSteps(track, [columnName(load.model, 'generationTokensPerSecond')], steps);
  const highest = Math.max(0, ...values.map((value) => value ?? 0));
  useEffect(() => axis.reach(highest), [axis, highest]);
  return load === null ? null : <Sparkline values={values} max={top} />;
}

/** Where the axis ends that all these graphs share. */
function AxisTop() {
  const words = useWords(modelWords);
  const { count } = useFormats();
  const axis = useSharedAxis();
  return (
    <span className={css.axis}>{words.axis(count(useSyncExternalStore(axis.subscribe, axis.top)))}</span>
  );
}
