import type { Snapshot } from '#common/model.ts';
import { exitCodes, type Io, interruption, printLines } from './io.ts';
import type { CommonOptions } from './options.ts';
import { progressLine } from './progress.ts';
import { answerCode, type Session, scanAll, textStyle } from './session.ts';
import type { TextStyle } from './table.ts';
import { cutToWidth } from './text-width.ts';
import { cutToHeight } from './views.ts';

/** Four times a second is as much as eyes can use, and little enough for a slow terminal. */
const redrawEveryMs = 250;

const screen = {
  enter: '\u001b[?1049h\u001b[?25l',
  leave: '\u001b[?25h\u001b[?1049l',
  home: '\u001b[H',
  clearLine: '\u001b[K',
  clearBelow: '\u001b[J',
} as const;

/**
 * Shows the Snapshot on the terminal's other screen and redraws when it changed, until `q` or an interruption; then the
 * terminal is as it was.
 */
export async function showLive(
  { engine }: Session,
  io: Io,
  view: (snapshot: Snapshot) => readonly string[],
): Promise<void> {
  const { out, keyboard } = io;
  const draw = () => {
    const lines = view(engine.snapshot()).map((line) => `${line}${screen.clearLine}`);
    out.write(`${screen.home}${lines.join('\r\n')}${screen.clearBelow}`);
  };
  const redraw = throttle(draw, redrawEveryMs);
  const key = createQuitKey(io);
  keyboard.setRawMode?.(true);
  keyboard.resume();
  out.write(screen.enter);
  out.on('resize', redraw.now);
  const unsubscribe = engine.subscribe(redraw.now);
  try {
    draw();
    await Promise.race([key.pressed, interruption(io)]);
  } finally {
    unsubscribe();
    out.off('resize', redraw.now);
    redraw.stop();
    key.stop();
    keyboard.setRawMode?.(false);
    keyboard.pause();
    out.write(screen.leave);
  }
}

/** Raw mode hands Ctrl-C over as a key. */
function createQuitKey({ keyboard }: Io): { readonly pressed: Promise<void>; stop(): void } {
  let stop = (): void => undefined;
  const pressed = new Promise<void>((resolve) => {
    const listen = (keys: Buffer) => {
      if (/[qQ\u0003]/.test(keys.toString('latin1'))) resolve();
    };
    keyboard.on('data', listen);
    stop = () => keyboard.off('data', listen);
  });
  return { pressed, stop: () => stop() };
}

/** Runs `work` at once when the latest run is long enough ago, otherwise once when it is. */
function throttle(work: () => void, everyMs: number): { now(): void; stop(): void } {
  let ranAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const run = () => {
    timer = undefined;
    ranAt = performance.now();
    work();
  };
  return {
    now() {
      timer ??= setTimeout(run, Math.max(0, ranAt + everyMs - performance.now()));
    },
    stop: () => clearTimeout(timer),
  };
}

/** Calls `print` now and after changes, at most once per cadence of measuring, until the interruption. */
export async function printChanges(
  { engine, cadenceMs }: Session,
  io: Io,
  print: (snapshot: Snapshot) => void,
): Promise<void> {
  const printed = throttle(() => print(engine.snapshot()), cadenceMs);
  printed.now();
  const unsubscribe = engine.subscribe(printed.now);
  await interruption(io);
  unsubscribe();
  printed.stop();
}

export interface LiveOptions extends CommonOptions {
  readonly once?: true;
}

export interface LiveCommand {
  /** Prints the Snapshot as one JSON object. */
  readonly print: (snapshot: Snapshot) => void;
  readonly view: (snapshot: Snapshot, style: TextStyle) => readonly string[];
  /** What it takes beyond a scan to know everything once. */
  readonly beforeOnce?: () => Promise<void>;
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
  const isLive = !options.once && (options.json || io.out.isTTY);
  if (isLive && !options.json) {
    if (session.login && !(await scanAll(session, io))) return exitCodes.interrupted;
    // Progress and every host's failure are on the screen.
    void engine.scan().then(command.afterScan);
    engine.watch();
    await showLive(session, io, (snapshot) => frame(snapshot, io, command));
    return answerCode(engine.snapshot());
  }
  if (!(await scanAll(session, io))) return exitCodes.interrupted;
  await command.afterScan?.();
  if (isLive) {
    engine.watch();
    await printChanges(session, io, command.print);
    return answerCode(engine.snapshot());
  }
  await command.beforeOnce?.();
  const snapshot = engine.snapshot();
  if (options.json) command.print(snapshot);
  else printLines(io.out, command.view(snapshot, textStyle(io)));
  return answerCode(snapshot);
}

function frame(snapshot: Snapshot, io: Io, { view }: LiveCommand): readonly string[] {
  const footer = progressLine(snapshot.scan, Date.now()) || 'q quits';
  const height = (io.out.rows ?? 24) - 2;
  return [
    ...cutToHeight(view(snapshot, textStyle(io)), height),
    '',
    cutToWidth(footer, io.out.columns ?? 80),
  ];
}
