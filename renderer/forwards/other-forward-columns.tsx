import { memo, useState } from 'react';
import type { ForeignForward, ForeignState } from '#common/forwards.ts';
import { failureOf } from '#common/select.ts';
import { attachCommand } from '#common/this-computer.ts';
import { stateWords } from '#common/words/states.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { type Mood, StateMark } from '../components/StateMark.tsx';
import { roles } from '../components/table-roles.ts';
import { useFormats, useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { FailureCell } from './FailureCell.tsx';
import { Action } from './RowActions.tsx';
import { sectionWords } from './section-words.ts';

interface Props {
  readonly forward: ForeignForward;
}

const moods: Readonly<Record<ForeignState['kind'], Mood>> = {
  unknown: 'waiting',
  answering: 'good',
  'no-model': 'warning',
  dead: 'bad',
};

export const ForeignRow = memo(function ForeignRow({ forward }: Props) {
  const { destination, models, state } = forward;
  const words = useWords(sectionWords);
  const states = useWords(stateWords);
  return (
    <tr {...roles.row}>
      <th scope="row" {...roles.rowHeader}>
        <Owner forward={forward} />
      </th>
      <td className="cut wide-2" title={destination} {...roles.cell}>
        {destination}
      </td>
      <td {...roles.cell}>
        <span className="cut">
          {words.portsOf(`localhost:${forward.localPort}`, String(forward.remotePort))}
        </span>
      </td>
      <td className="wide-1" {...roles.cell}>
        <Models models={models} state={state} />
      </td>
      <td {...roles.cell}>
        <StateMark mood={moods[state.kind]} word={states.foreign[state.kind]} />
      </td>
      <td className="row-actions" {...roles.cell}>
        <Attach forward={forward} />
        <End forward={forward} />
      </td>
    </tr>
  );
});

function Owner({ forward: { owner } }: Props) {
  const words = useWords(sectionWords);
  const { dateTime } = useFormats();
  if (owner.kind === 'tmux') {
    return (
      <>
        <span className="cut" title={owner.session}>
          {owner.session}
        </span>
        <span className="subline">{words.tmuxSession}</span>
      </>
    );
  }
  return (
    <>
      <span title={owner.startedAt === null ? undefined : dateTime(owner.startedAt)}>
        {words.ssh(owner.pid)}
      </span>
      <span className="subline cut mono" title={owner.command}>
        {owner.command}
      </span>
    </>
  );
}

/** The models that answer through it, or why there are none. */
function Models({ models, state }: Pick<ForeignForward, 'models' | 'state'>) {
  const failure = failureOf(state);
  if (failure !== null) return <FailureCell failure={failure} />;
  return (
    <span className="cut" title={models.join('\n')}>
      {models.join(', ')}
    </span>
  );
}

function Attach({ forward }: Props) {
  const actions = useActions();
  const words = useWords(sectionWords);
  const command = attachCommand(forward);
  if (command === null || forward.owner.kind !== 'tmux') return <span className="action-place" />;
  return (
    <Action
      icon="terminal"
      name={words.copyAttach(forward.owner.session)}
      onPress={() => void actions.copy(command, words.attachCommand)}
    />
  );
}

/** Ends what holds the forward, once the person has said yes. */
function End({ forward }: Props) {
  const call = useCall();
  const words = useWords(sectionWords);
  const [asks, setAsks] = useState(false);
  const { owner, id, localPort, destination, remotePort } = forward;
  const isTmux = owner.kind === 'tmux';
  const title = isTmux ? words.endSessionTitle(owner.session) : words.endProcessTitle(owner.pid);
  return (
    <>
      <Action
        icon="end"
        name={isTmux ? words.endSession(owner.session) : words.endProcess(owner.pid)}
        onPress={() => setAsks(true)}
      />
      {asks && (
        <ConfirmDialog
          title={title}
          confirm={words.endConfirm[owner.kind]}
          onConfirm={() => call('elsewhere.kill', { id })}
          onClose={() => setAsks(false)}
        >
          <p>{words.endWhat(`localhost:${localPort}`, `${destination}:${remotePort}`)}</p>
          {!isTmux && <p className="raw">{owner.command}</p>}
        </ConfirmDialog>
      )}
    </>
  );
}
