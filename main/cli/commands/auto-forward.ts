import { describeFailure } from '#common/errors.ts';
import type { AutoForwardStatus } from '#common/forwards.ts';
import type { Snapshot } from '#common/model.ts';
import type { Settings } from '#common/settings.ts';
import { type Io, printJson } from '../io.ts';
import { autoForwardsJson } from '../json.ts';
import { type LiveOptions, runLive } from '../live.ts';
import { withSession } from '../session.ts';
import { type Cell, type Colour, formatTable, type TextStyle } from '../table.ts';
import { failures, headlineOf } from '../views.ts';

export interface AutoForwardOptions extends LiveOptions {
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
    }),
  );
}

/** One row per model that the rules know, and what they did with it. */
export function autoForwardsView(snapshot: Snapshot, style: TextStyle): readonly string[] {
  const rows = snapshot.autoForwards.map(
    ({ hostId, remotePort, localPort, model, status, failure }): readonly Cell[] => [
      localPort === null ? '' : `http://localhost:${localPort}`,
      model ?? '',
      `${hostId}:${remotePort}`,
      {
        text: failure === null ? words[status] : `${words[status]}: ${describeFailure(failure)}`,
        colour: colours[status],
      },
    ],
  );
  const table = formatTable(
    [
      { title: 'LOCAL' },
      { title: 'MODEL', flexible: true },
      { title: 'FROM', flexible: true },
      { title: 'STATUS', flexible: true },
    ],
    rows,
    style,
  );
  const body = rows.length === 0 ? ['No model found.'] : table;
  return [headlineOf(snapshot, style), '', ...body, ...failures(snapshot, style)];
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
