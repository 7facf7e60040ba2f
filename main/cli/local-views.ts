/** What the commands about this computer print for people. */

import { describeFailure } from '#common/failure.ts';
import { localRows } from '#common/local-rows.ts';
import type { LocalServer } from '#common/local-servers.ts';
import { assertNever } from '#common/never.ts';
import { isOpenToNetwork, type OtherForward } from '#common/other-forwards.ts';
import { failureOf } from '#common/select/failures.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { stateWords, whyNoModel } from '#common/words/states.ts';
import { type Cell, type Colour, formatTable, type TextStyle } from './table.ts';
import { stateCell as stateCellOf } from './views.ts';

/** One row per model on a port of this computer, and whose it is. */
export function localView(snapshot: Snapshot, style: TextStyle): readonly string[] {
  const rows = localRows(snapshot).map(({ server, model, hostId, remotePort }): readonly Cell[] => [
    String(server.port),
    model ?? { text: `(${whyNoModel(server.state, 'en').title})`, colour: 'yellow' },
    server.engine ?? '',
    hostId === null ? '' : `${hostId}:${remotePort}`,
    ownerOf(server, snapshot),
    stateCellOf(server.state),
  ]);
  if (rows.length === 0) return ['There are no local servers.'];
  return formatTable(
    [
      { title: 'PORT', align: 'right' },
      { title: 'MODEL', gives: 'name', enough: 30 },
      { title: 'ENGINE', spare: 1 },
      { title: 'FROM', gives: 'name', enough: 16 },
      { title: 'BY', gives: 'name', enough: 16 },
      { title: 'STATE', gives: 'text' },
    ],
    rows,
    style,
  );
}

function ownerOf({ owner }: LocalServer, { otherForwards }: Snapshot): string {
  switch (owner.kind) {
    case 'process':
      return [
        [owner.command, owner.pid === null ? null : `(${owner.pid})`].filter((part) => part).join(' '),
        owner.session === undefined ? '' : `tmux: ${owner.session}`,
      ]
        .filter((part) => part !== '')
        .join(', ');
    case 'forward':
      return 'this app';
    case 'copy':
      return `another copy of this app (${owner.pid})`;
    case 'other-forward': {
      const other = otherForwards.forwards.find(({ id }) => id === owner.otherForwardId);
      if (other === undefined) return '';
      return isOpenToNetwork(other) ? `${holderOf(other)}, ${stateWords.en.openToNetwork}` : holderOf(other);
    }
    default:
      return assertNever(owner);
  }
}

/** The other forwards: tmux sessions and ssh processes, each with its state and the reason for it. */
export function otherForwardsView(
  { otherForwards: { forwards, tmux, processes } }: Snapshot,
  style: TextStyle,
): readonly string[] {
  const table = forwards.length === 0 ? ['There are no other forwards.'] : forwardsTable(forwards, style);
  const unseen = [
    ...(tmux === 'missing' ? ['There is no tmux on this computer.'] : []),
    ...(processes === 'unsupported' ? ['Plain ssh processes cannot be listed on this system.'] : []),
  ];
  return unseen.length === 0 ? table : [...table, '', ...unseen];
}

function forwardsTable(forwards: readonly OtherForward[], style: TextStyle): readonly string[] {
  return formatTable(
    [
      { title: 'HELD BY', gives: 'name', enough: 16 },
      { title: 'HOST', gives: 'name', enough: 16 },
      { title: 'REMOTE', align: 'right' },
      { title: 'LOCAL', align: 'right' },
      { title: 'MODEL', gives: 'name', enough: 16 },
      { title: 'STATE', gives: 'text', enough: 16 },
    ],
    forwards.map((forward): readonly Cell[] => [
      holderOf(forward),
      forward.destination,
      String(forward.remotePort),
      String(forward.localPort),
      forward.models.join(' '),
      stateCell(forward),
    ]),
    style,
  );
}

/** `tmux vllmctl_gpu1_8000_16100`, `ssh (4242)`. */
function holderOf({ owner }: OtherForward): string {
  return owner.kind === 'tmux' ? `tmux ${owner.session}` : `ssh (${owner.pid})`;
}

const stateColours: Readonly<Record<OtherForward['state']['kind'], Colour>> = {
  unknown: 'dim',
  answering: 'green',
  'no-model': 'yellow',
  dead: 'red',
};

function stateCell(forward: OtherForward): Cell {
  const { state } = forward;
  const isOpen = state.kind !== 'dead' && isOpenToNetwork(forward);
  const name = `${stateWords.en.otherForward[state.kind]}${isOpen ? `, ${stateWords.en.openToNetwork}` : ''}`;
  const failure = failureOf(state);
  const text = failure === null ? name : `${name}: ${describeFailure(failure)}`;
  return { text, colour: isOpen ? 'yellow' : stateColours[state.kind] };
}
