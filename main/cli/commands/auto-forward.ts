import { describeFailure } from '#common/failure.ts';
import type { AutoForwardStatus } from '#common/forwards.ts';
import { remedyOf } from '#common/select/remedies.ts';
import type { Settings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { plainText } from '#common/text.ts';
import { lineToType } from '../failures.ts';
import { exitCodes, type Io, printJson } from '../io.ts';
import { autoForwardsJson } from '../json.ts';
import { type LiveOptions, runLive } from '../live.ts';
import { withSession } from '../session.ts';
import type { Cell, Colour, TextStyle } from '../table.ts';
import type { View } from '../view.ts';
import { frameOfView } from '../views.ts';

export interface AutoForwardOptions extends LiveOptions {
  /** Ask these ports alone; default: every one that is found to listen. */
  readonly remotePort?: readonly number[];
  readonly localRange?: Settings['localPorts'];
  /** False: a forward whose model is gone stays. */
  readonly kill: boolean;
  readonly tmux?: true;
}

/** Forwards every model that is found, by the lists of the settings, and holds the forwards while it runs. */
export function autoForward(options: AutoForwardOptions, io: Io): Promise<number> {
  const change = (settings: Settings): Settings => ({
    ...settings,
    ...(options.localRange !== undefined && { localPorts: options.localRange }),
    autoForward: {
      ...settings.autoForward,
      enabled: true,
      tmux: options.tmux ?? settings.autoForward.tmux,
      keepGone: options.kill ? settings.autoForward.keepGone : true,
    },
  });
  return withSession({ ...options, change }, io, (session) =>
    runLive(session, options, io, {
      print: (snapshot) => printJson(io.out, autoForwardsJson(snapshot)),
      view: autoForwardsView,
      afterScan: () => session.engine.autoForward(),
      afterOnce: (snapshot) => sayWhatStays(snapshot, options, io),
    }),
  );
}

/** After one look: what does not work, and that nothing stays open but sessions. Answers with the code where that is a failure. */
function sayWhatStays(
  { autoForwards, settings }: Snapshot,
  { json }: AutoForwardOptions,
  io: Io,
): number | null {
  const failed = autoForwards.filter(({ status }) => status === 'failed');
  // For people they stand in the table.
  for (const { hostId, remotePort, failure } of json ? failed : [])
    io.err.write(
      `${plainText(hostId)}:${remotePort}: ${failure === null ? words.failed : describeFailure(failure)}\n`,
    );
  const isOpen = autoForwards.some(({ status, localPort }) => status === 'forwarded' && localPort !== null);
  if (isOpen && !settings.autoForward.tmux)
    io.err.write(
      'These forwards are closed again, as this program ends: without --once they stay until Ctrl-C, with --tmux longer.\n',
    );
  return failed.length === 0 ? null : exitCodes.failed;
}

/** One row per model that the rules know, and what they did with it. */
export function autoForwardsView(snapshot: Snapshot, style: TextStyle): View {
  // Printed once, the table outlives the forwards: an address in it would be dead.
  const isOver = style.nowMs === undefined && !snapshot.settings.autoForward.tmux;
  const rows = snapshot.autoForwards.map(({ hostId, remotePort, localPort, model, status, failure }) => {
    const isClosed = isOver && (status === 'forwarded' || status === 'already-forwarded');
    const word = isClosed ? 'closed again' : words[status];
    return {
      cells: [
        localPort === null ? '' : isClosed ? `port ${localPort}` : `http://localhost:${localPort}`,
        model ?? '',
        `${hostId}:${remotePort}`,
        {
          text: failure === null ? word : `${word}: ${describeFailure(failure)}`,
          colour: isClosed ? 'dim' : colours[status],
        },
      ] satisfies readonly Cell[],
      under:
        failure === null
          ? []
          : lineToType(remedyOf(failure, hostId), { command: 'auto-forward', source: snapshot.source }),
    };
  });
  return {
    ...frameOfView(snapshot, style, 'auto-forward'),
    main: {
      columns: [
        { title: 'LOCAL' },
        { title: 'MODEL', gives: 'name', enough: 30 },
        { title: 'FROM', gives: 'name', enough: 16 },
        { title: 'STATUS', gives: 'text', enough: 16 },
      ],
      rows,
      none: 'No model found.',
    },
  };
}

const words: Readonly<Record<AutoForwardStatus, string>> = {
  forwarded: 'forwarded',
  'already-forwarded': 'forwarded already',
  'duplicate-session': 'another program forwards it',
  'closed-model-gone': 'closed, the model is gone',
  kept: 'kept, the model is gone',
  'waiting-to-close': 'the model is gone, closes soon',
  'no-free-port': 'no free port',
  'not-allowed': 'left out',
  failed: 'failed',
};

const colours: Readonly<Record<AutoForwardStatus, Colour>> = {
  forwarded: 'green',
  'already-forwarded': 'green',
  'duplicate-session': 'dim',
  'closed-model-gone': 'dim',
  kept: 'yellow',
  'waiting-to-close': 'yellow',
  'no-free-port': 'red',
  'not-allowed': 'dim',
  failed: 'red',
};
