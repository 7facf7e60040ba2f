import { memo, useId } from 'react';
import type { LocalServer } from '#common/forwards.ts';
import { hashOf } from '#common/notices.ts';
import type { LocalRow } from '#common/this-computer.ts';
import { stateWords, whyNoModel } from '#common/words/states.ts';
import { StateMark } from '../components/StateMark.tsx';
import { roles } from '../components/table-roles.ts';
import { engineOf, serverMoods } from '../lib/server-state.ts';
import { useLanguage, useWords } from '../state/language.ts';
import { useActions, useAppState, useSnapshot } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { Action } from './RowActions.tsx';
import { SectionHead } from './SectionHead.tsx';
import { SectionTable } from './SectionTable.tsx';
import { sectionWords } from './section-words.ts';

/** Model servers that answer on this computer. `rows` are those that the filter leaves. */
export function LocalSection({ rows }: { readonly rows: readonly LocalRow[] }) {
  const { localServers, source } = useSnapshot();
  const call = useCall();
  const words = useWords(sectionWords);
  const id = useId();
  return (
    <section className="section" aria-labelledby={id}>
      <SectionHead
        id={id}
        title={words.onThisComputer}
        what={words.onThisComputerWhat}
        lookedAt={undefined}
        refreshName={words.refreshLocal}
        onRefresh={() => call('local.refresh', {})}
      />
      {localServers.length === 0 ? (
        <p className="section-note">
          <strong>{words.noLocal}.</strong> {words.noLocalHint}
          {source.kind === 'demo' && ` ${words.noLocalDemo}`}
        </p>
      ) : rows.length === 0 ? (
        <p className="section-note">{words.noneMatches}</p>
      ) : (
        <LocalTable rows={rows} />
      )}
    </section>
  );
}

function LocalTable({ rows }: { readonly rows: readonly LocalRow[] }) {
  const words = useWords(sectionWords);
  return (
    <SectionTable
      className="local"
      columns={[
        { title: words.port },
        { title: words.model },
        { title: words.engine, className: 'wide-2' },
        { title: words.servedBy },
        { title: words.state, className: 'wide-1' },
      ]}
    >
      {rows.map((row) => (
        <LocalTableRow key={row.key} row={row} />
      ))}
    </SectionTable>
  );
}

const LocalTableRow = memo(function LocalTableRow({ row }: { readonly row: LocalRow }) {
  const actions = useActions();
  const language = useLanguage();
  const words = useWords(sectionWords);
  const { server, model } = row;
  const { port, state } = server;
  return (
    <tr {...roles.row}>
      <td {...roles.cell}>{`localhost:${port}`}</td>
      <th scope="row" {...roles.rowHeader}>
        <span className={model === null ? 'cut dim' : 'cut'} title={model ?? undefined}>
          {model ?? whyNoModel(state, language).title}
        </span>
      </th>
      <td className="cut wide-2" title={engineOf(server)} {...roles.cell}>
        {engineOf(server)}
      </td>
      <td className="cut" {...roles.cell}>
        <ServedBy owner={server.owner} />
      </td>
      <td className="wide-1" {...roles.cell}>
        <StateMark mood={serverMoods[state.kind]} word={stateWords[language].server[state.kind]} />
      </td>
      <td className="row-actions" {...roles.cell}>
        <Action
          icon="copy"
          name={words.copyBaseUrl(port)}
          onPress={() => void actions.copy(`http://localhost:${port}/v1`, words.baseUrl)}
        />
      </td>
    </tr>
  );
});

/** A program of this computer, or what forwards it here. */
function ServedBy({ owner }: Pick<LocalServer, 'owner'>) {
  const words = useWords(sectionWords);
  const foreign = useAppState(({ snapshot }) =>
    snapshot?.elsewhere.forwards.find(({ id }) => owner.kind === 'foreign' && id === owner.foreignId),
  );
  if (owner.kind === 'process') {
    const name = words.process(owner.command ?? words.unknownProcess, owner.pid);
    return <span title={name}>{name}</span>;
  }
  if (owner.kind === 'forward') {
    return (
      <a className="quiet-link" href={hashOf({ view: 'forwards', id: owner.forwardId })}>
        {words.thisApp(owner.forwardId)}
      </a>
    );
  }
  if (foreign === undefined) return null;
  const holder = foreign.owner;
  const name = holder.kind === 'tmux' ? words.byTmux(holder.session) : words.bySsh(holder.pid);
  return <span title={name}>{name}</span>;
}
