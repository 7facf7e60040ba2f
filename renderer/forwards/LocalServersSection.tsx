import { useId } from 'react';
import type { Formats } from '#common/format.ts';
import type { LocalRow } from '#common/local-rows.ts';
import type { LocalServer } from '#common/local-servers.ts';
import { isOpenToNetwork } from '#common/other-forwards.ts';
import type { ModelLoad } from '#common/servers.ts';
import { stateWords, whyNoModel } from '#common/words/states.ts';
import { Action } from '../components/Action.tsx';
import { Name } from '../components/Name.tsx';
import { ServerStateMark } from '../components/ServerStateMark.tsx';
import { engineOf } from '../lib/server-state.ts';
import { useWords } from '../state/language.ts';
import { useActions, useAppState, useSnapshot } from '../state/services.ts';
import type { Column, TableSpec, TextKey } from '../table/column.ts';
import { FoldableTable } from '../table/FoldableTable.tsx';
import { useTable } from '../table/use-table.ts';
import forwardsViewCss from './ForwardsView.module.css';
import css from './LocalServersSection.module.css';
import sectionHeadCss from './SectionHead.module.css';
import { SectionHead } from './SectionHead.tsx';
import { sectionWords } from './section-words.ts';

interface Props {
  /** Those that the filter leaves; forwards of this app are not among them, which have a table of their own. */
  readonly rows: readonly LocalRow[];
  /** How many there are without the filter. */
  readonly all: number;
}

/** Local servers: model servers that answer on this computer. */
export function LocalServersSection({ rows, all }: Props) {
  const { source } = useSnapshot();
  const words = useWords(sectionWords);
  const table = useTable(localTable);
  const id = useId();
  return (
    <section className={sectionHeadCss.section} aria-labelledby={id}>
      <SectionHead id={id} title={words.localServers} what={words.localServersWhat} />
      {all === 0 ? (
        <p className={sectionHeadCss.note}>
          <strong>{words.noLocalServers}.</strong> {words.noLocalServersHint}
          {source.kind === 'demo' && ` ${words.noLocalServersDemo}`}
        </p>
      ) : rows.length === 0 ? (
        <p className={sectionHeadCss.note}>{words.noneMatches}</p>
      ) : (
        <FoldableTable table={table} rows={rows} />
      )}
    </section>
  );
}

type Key = TextKey<(typeof sectionWords)['en']>;

interface LoadColumn extends Pick<Column<LocalRow, Key>, 'fromRem'> {
  readonly key: Key;
  readonly number: (load: ModelLoad) => number | null;
  readonly format: keyof Pick<Formats, 'count' | 'pct'>;
}

/** A column of what a model does now: its number, or a dash. */
function loadColumn({ key, fromRem, number, format }: LoadColumn): Column<LocalRow, Key> {
  return {
    key,
    align: 'end',
    ...(fromRem !== undefined && { fromRem }),
    room: { rem: 4.25 },
    cell: ({ load }, { formats }) => formats[format](load && number(load)),
  };
}

const localTable: TableSpec<LocalRow, Key> = {
  words: sectionWords,
  name: 'local-servers',
  keyOf: ({ key }) => key,
  columns: [
    {
      key: 'port',
      room: { rem: 7 },
      cell: ({ server }) => `localhost:${server.port}`,
    },
    {
      key: 'model',
      isHead: true,
      room: { least: 14, text: ({ model }) => model ?? '' },
      cell: ({ server, model }, { language }) =>
        model === null ? (
          <span className="cut dim" title={whyNoModel(server.state, language).title}>
            {whyNoModel(server.state, language).title}
          </span>
        ) : (
          <Name name={model} />
        ),
    },
    {
      key: 'engine',
      className: 'cut',
      fromRem: 50,
      room: { rem: 8 },
      cell: ({ server }, { language }) => engineOf(server, language),
      hover: ({ server }, { language }) => engineOf(server, language),
    },
    {
      key: 'servedBy',
      className: 'cut',
      room: { least: 26, text: ({ server: { owner } }) => ('command' in owner && owner.command) || '' },
      cell: ({ server }) => <ServedBy owner={server.owner} />,
    },
    loadColumn({ key: 'running', fromRem: 54, number: ({ running }) => running, format: 'count' }),
    loadColumn({ key: 'waiting', fromRem: 54, number: ({ waiting }) => waiting, format: 'count' }),
    loadColumn({
      key: 'tokensOut',
      fromRem: 64,
      number: ({ generationTokensPerSecond }) => generationTokensPerSecond,
      format: 'count',
    }),
    loadColumn({ key: 'kv', fromRem: 64, number: ({ kvCachePct }) => kvCachePct, format: 'pct' }),
    {
      key: 'state',
      className: css.localState,
      fromRem: 42,
      room: { rem: 6 },
      cell: ({ server }) => <ServerStateMark state={server.state} />,
    },
    {
      key: 'actions',
      titleIsHidden: true,
      className: forwardsViewCss.rowActions,
      room: { rem: 1.5 },
      cell: ({ server }) => <CopyBaseUrl port={server.port} />,
    },
  ],
};

function CopyBaseUrl({ port }: { readonly port: number }) {
  const actions = useActions();
  const words = useWords(sectionWords);
  return (
    <Action
      icon="copy"
      name={words.copyBaseUrl(port)}
      onPress={() => void actions.copy(`http://localhost:${port}/v1`, words.baseUrl)}
    />
  );
}

/** A program of this computer, or what forwards it here. */
function ServedBy({ owner }: Pick<LocalServer, 'owner'>) {
  const words = useWords(sectionWords);
  const states = useWords(stateWords);
  const other = useAppState(({ snapshot }) =>
    snapshot?.otherForwards.forwards.find(
      ({ id }) => owner.kind === 'other-forward' && id === owner.otherForwardId,
    ),
  );
  if (owner.kind === 'process') {
    const process = words.process(owner.command ?? words.unknownProcess, owner.pid);
    const name = owner.session === undefined ? process : words.inTmux(process, owner.session);
    return <span title={name}>{name}</span>;
  }
  if (owner.kind === 'copy') {
    const name = words.byCopy(`${owner.hostId}:${owner.remotePort}`, owner.pid);
    return <span title={name}>{name}</span>;
  }
  if (other === undefined) return null;
  const holder = other.owner;
  const name = holder.kind === 'tmux' ? words.byTmux(holder.session) : words.bySsh(holder.pid);
  const shown = isOpenToNetwork(other) ? `${name}, ${states.openToNetwork}` : name;
  return <span title={shown}>{shown}</span>;
}
