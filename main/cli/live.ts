import { asOf } from '#common/freshness.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { exitCodes, type Io, interruption } from './io.ts';
import { type Frame, frameOf } from './live-frame.ts';
import type { LiveState } from './live-keys.ts';
import { showLive } from './live-screen.ts';
import type { CommonOptions, TopOptions } from './options.ts';
import { progressLine } from './progress.ts';
import { answerCode, printView, type Session, scanAll, scanned, textStyle } from './session.ts';
import type { TextStyle } from './table.ts';
import { throttle } from './throttle.ts';
import type { View } from './view.ts';

/** Calls `print` now and after changes, at most once per cadence of measuring, until the interruption. */
export async function printChanges(
  { engine, cadenceMs }: Session,
  io: Io,
  print: (snapshot: Snapshot) => void,
): Promise<void> {
  const printed = throttle(() => print(asOf(engine.snapshot(), Date.now())), cadenceMs);
  printed.now();
  const unsubscribe = engine.subscribe(printed.now);
  await interruption(io);
  unsubscribe();
  printed.stop();
}

export interface LiveOptions extends CommonOptions {
  readonly once?: true;
}

/** Of a screen that measures at a pace of its own. */
export interface LiveTopOptions extends LiveOptions, TopOptions {}

export interface LiveCommand {
  /** Prints the Snapshot as one JSON object. */
  readonly print: (snapshot: Snapshot) => void;
  readonly view: (snapshot: Snapshot, style: TextStyle) => View;
  /** It shows the servers of this computer too. */
  readonly thisComputer?: true;
  /** What it takes beyond a scan to know everything once. */
  readonly beforeOnce?: () => Promise<void>;
  /** What is to be said when it has ended after one look; a number is what to end with in place of the usual code. */
  readonly afterOnce?: (snapshot: Snapshot) => number | null;
  /** What follows the first scan, however often the Snapshot is shown afterwards. */
  readonly afterScan?: () => Promise<void>;
}

/**
 * Live on a terminal until `q`; with --json without --once one object a line, again whenever something changed; once where
 * the output is neither. Returns the exit code.
 */
export async function runLive(
  session: Session,
  options: LiveOptions,
  io: Io,
  command: LiveCommand,
): Promise<number> {
  const { engine } = session;
  const { thisComputer = false } = command;
  // Beside the scan: what is here does not wait for hosts.
  const looking = thisComputer ? engine.lookAround({ loads: true }) : Promise.resolve();
  const isLive = !options.once && (options.json || io.out.isTTY);
  if (isLive && !options.json) {
    if (session.login && !(await scanAll(session, io))) return exitCodes.interrupted;
    // Progress and every host's failure are on the screen.
    void engine.scan().then(command.afterScan);
    engine.watch({ thisComputer });
    await showLive(io, (state) => frame(engine.snapshot(), state, io, command), engine.subscribe);
    return answerCode(engine.snapshot());
  }
  if (!(await scanAll(session, io))) return exitCodes.interrupted;
  await command.afterScan?.();
  await Promise.race([looking, interruption(io)]);
  if (isLive) {
    engine.watch({ thisComputer });
    await printChanges(session, io, command.print);
    return answerCode(engine.snapshot());
  }
  await command.beforeOnce?.();
  const snapshot = scanned(engine);
  if (options.json) command.print(snapshot);
  else printView(command.view(snapshot, textStyle(io)), io);
  return command.afterOnce?.(snapshot) ?? answerCode(snapshot);
}

function frame(snapshot: Snapshot, state: LiveState, io: Io, { view }: LiveCommand): Frame {
  const nowMs = Date.now();
  const style = textStyle(io);
  return frameOf(view(asOf(snapshot, nowMs), { ...style, nowMs }), state, {
    columns: style.width ?? 80,
    rows: io.out.rows ?? 24,
    progress: progressLine(snapshot.scan, nowMs),
    nowMs,
    colour: style.colour,
  });
}
