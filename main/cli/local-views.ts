/** What the commands about this computer print for people. */

import { describeFailure } from '#common/errors.ts';
import type { ForeignForward, LocalServer } from '#common/forwards.ts';
import { assertNever, type Snapshot } from '#common/model.ts';
import { failureOf } from '#common/select.ts';
import { localRows } from '#common/this-computer.ts';
import { stateWords, whyNoModel } from '#common/words/states.ts';
import { type Cell, type Colour, formatTable, type TextStyle } from './table.ts';

/** One row per model on a port of this computer, and whose it is. */
export function localView(snapshot: Snapshot, style: TextStyle): readonly string[] {
  const rows = localRows(snapshot).map(({ server, model, hostId, remotePort }): readonly Cell[] => [
    String(server.port),
    model ?? { text: `(${whyNoModel(server.state, 'en').title})`, colour: 'yellow' },
    server.engine ?? '',
    hostId === null ? '' : `${hostId}:${remotePort}`,
    ownerOf(server, snapshot),
  ]);
  if (rows.length === 0) return ['No model answers on this computer.'];
  return formatTable(
    [
      { title: 'PORT', align: 'right' },
      { title: 'MODEL', flexible: true },
      { title: 'ENGINE' },
      { title: 'FROM', flexible: true },
      { title: 'BY', flexible: true },
    ],
    rows,
    style,
  );
}

function ownerOf({ owner }: LocalServer, { elsewhere }: Snapshot): string {
  switch (owner.kind) {
    case 'process':
      return [owner.command, owner.pid === null ? null : `(${owner.pid})`].filter((part) => part).join(' ');
    case 'forward':
      return 'this app';
    case 'foreign': {
      const foreign = elsewhere.forwards.find(({ id }) => id === owner.foreignId);
      return foreign === undefined ? '' : holderOf(foreign);
    }
    default:
      return assertNever(owner);
  }
}

/** The forwards that other programs hold: tmux sessions and ssh processes, each with its state and the reason for it. */
export function elsewhereView(
  { elsewhere: { forwards, tmux, processes } }: Snapshot,
  style: TextStyle,
): readonly string[] {
  const table = forwards.length === 0 ? ['No other program forwards.'] : forwardsTable(forwards, style);
  const unseen = [
    ...(tmux === 'missing' ? ['There is no tmux on this computer.'] : []),
    ...(processes === 'unsupported' ? ['Plain ssh processes cannot be listed on this system.'] : []),
  ];
  return unseen.length === 0 ? table : [...table, '', ...unseen];
}

function forwardsTable(forwards: readonly ForeignForward[], style: TextStyle): readonly string[] {
  return formatTable(
    [
      { title: 'HELD BY', flexible: true },
      { title: 'HOST', flexible: true },
      { title: 'REMOTE', align: 'right' },
      { title: 'LOCAL', align: 'right' },
      { title: 'MODEL', flexible: true },
      { title: 'STATE', flexible: true },
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
function holderOf({ owner }: ForeignForward): string {
  return owner.kind === 'tmux' ? `tmux ${owner.session}` : `ssh (${owner.pid})`;
}

const stateColours: Readonly<Record<ForeignForward['state']['kind'], Colour>> = {
  unknown: 'dim',
  answering: 'green',
  'no-model': 'yellow',
  dead: 'red',
};

function stateCell({ state }: ForeignForward): Cell {
  const name = stateWords.en.foreign[state.kind];
  const failure = failureOf(state);
  const text = failure === null ? name : `${name}: ${describeFailure(failure)}`;
  return { text, colour: stateColours[state.kind] };
}
