import { useState } from 'react';
import {
  attachCommand,
  isOpenToNetwork,
  type OtherForward,
  type OtherForwardState,
} from '#common/other-forwards.ts';
import { failureOf } from '#common/select/failures.ts';
import { stateWords } from '#common/words/states.ts';
import { Action } from '../components/Action.tsx';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { Name } from '../components/Name.tsx';
import { StateMark } from '../components/StateMark.tsx';
import type { Mood } from '../lib/mood.ts';
import { useFormats, useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import type { TableSpec, TextKey } from '../table/column.ts';
import { FailureCell } from './FailureCell.tsx';
import css from './ForwardsView.module.css';
import { sectionWords } from './section-words.ts';

interface Props {
  readonly forward: OtherForward;
}

const moods: Readonly<Record<OtherForwardState['kind'], Mood>> = {
  unknown: 'waiting',
  answering: 'good',
  'no-model': 'warning',
  dead: 'bad',
};

const owner = ({ owner: by }: OtherForward) => (by.kind === 'tmux' ? by.session : by.command);

/** What other programs forward. */
export const otherForwardTable: TableSpec<OtherForward, TextKey<(typeof sectionWords)['en']>> = {
  words: sectionWords,
  name: 'other-forwards',
  keyOf: ({ id }) => id,
  columns: [
    {
      key: 'heldBy',
      isHead: true,
      room: { least: 14, text: owner },
      cell: (forward) => <Owner forward={forward} />,
    },
    {
      key: 'destination',
      fromRem: 50,
      room: { least: 11, text: ({ destination }) => destination },
      cell: ({ destination }) => <Name name={destination} />,
    },
    {
      key: 'ports',
      room: { rem: 10 },
      cell: (forward) => <Ports forward={forward} />,
    },
    {
      key: 'models',
      fromRem: 42,
      room: { least: 14, text: ({ models }) => models.join(', ') },
      cell: ({ models, state }) => <Models models={models} state={state} />,
    },
    {
      key: 'state',
      room: { rem: 7 },
      cell: ({ state }, { language }) => (
        <StateMark mood={moods[state.kind]} word={stateWords[language].otherForward[state.kind]} />
      ),
    },
    {
      key: 'actions',
      titleIsHidden: true,
      className: css.rowActions,
      room: { rem: 3.25 },
      cell: (forward) => (
        <>
          <Attach forward={forward} />
          <End forward={forward} />
        </>
      ),
    },
  ],
};

function Ports({ forward }: Props) {
  const words = useWords(sectionWords);
  const states = useWords(stateWords);
  const { localAddress, localPort, remotePort } = forward;
  return (
    <>
      <span className="cut">{words.portsOf(`localhost:${localPort}`, String(remotePort))}</span>
      {isOpenToNetwork(forward) && (
        <span className="subline" title={words.openWhat(`${localAddress}:${localPort}`)}>
          <StateMark mood="warning" word={states.openToNetwork} />
        </span>
      )}
    </>
  );
}

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
function Models({ models, state }: Pick<OtherForward, 'models' | 'state'>) {
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
  if (command === null || forward.owner.kind !== 'tmux') return <span className={css.actionPlace} />;
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
          onConfirm={() => call('otherForwards.kill', { id })}
          onClose={() => setAsks(false)}
        >
          <p>{words.endWhat(`localhost:${localPort}`, `${destination}:${remotePort}`)}</p>
          {!isTmux && <p className="raw">{owner.command}</p>}
        </ConfirmDialog>
      )}
    </>
  );
}
