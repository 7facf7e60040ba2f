import type { Snapshot } from '#common/snapshot.ts';
import { plainText } from '#common/text.ts';
import type { Engine } from '#engine/engine.ts';
import type { Candidate } from '#engine/models/candidates.ts';
import type { LookOptions, LookProgress } from '#engine/this-computer/observer.ts';
import { exitCodes, type Io, interruption, type Output, printJson, printLines } from './io.ts';
import { lookAround } from './look-around.ts';
import { textStyle } from './session.ts';
import type { TextStyle } from './table.ts';
import { cutToWidth } from './text-width.ts';
import { throttle } from './throttle.ts';

const redrawEveryMs = 100;

export interface ShownLook {
  /** As JSON nothing is shown before its end. */
  readonly json: boolean | undefined;
  readonly look: LookOptions;
  readonly view: (snapshot: Snapshot, style: TextStyle) => readonly string[];
  readonly toJson: (snapshot: Snapshot) => unknown;
}

/** Looks around and prints what there is; answers with the exit code. */
export async function printLook(engine: Engine, io: Io, shown: ShownLook): Promise<number> {
  const { json, look, toJson } = shown;
  const looking = json ? lookAround(engine, look) : lookAtTerminal(engine, io, shown);
  // Whatever is still asked ends with the engine.
  const snapshot = await Promise.race([looking, interruption(io).then(() => null)]);
  if (snapshot === null) return exitCodes.interrupted;
  if (json) printJson(io.out, toJson(snapshot));
  return exitCodes.ok;
}

/**
 * On a terminal the rows stand there as soon as they are known, above the ports that are still waited for; those that have not
 * answered in their time are named at the end.
 */
async function lookAtTerminal(engine: Engine, io: Io, { look, view }: ShownLook): Promise<Snapshot> {
  const style = textStyle(io);
  const screen = io.out.isTTY ? io.out : io.err;
  const area = createArea(screen);
  let progress: LookProgress = { waiting: [], hung: [] };
  const drawn = throttle(() => {
    const known = screen === io.out ? view(engine.snapshot(), style) : [];
    const { waiting } = progress;
    const rows = known.length > 1 ? known : [];
    const line = cutToWidth(`Waiting for ${ports(waiting)}`, (screen.columns ?? 80) - 1);
    area.draw(waiting.length === 0 ? rows : [...rows, line]);
  }, redrawEveryMs);
  const onProgress = (now: LookProgress): void => {
    progress = now;
    if (screen.isTTY && !io.interrupted.aborted) drawn.now();
  };
  const stop = (): void => {
    drawn.stop();
    area.clear();
  };
  io.interrupted.addEventListener('abort', stop, { once: true });
  const snapshot = await lookAround(engine, { ...look, onProgress }).finally(stop);
  io.interrupted.removeEventListener('abort', stop);
  if (io.interrupted.aborted) return snapshot;
  printLines(io.out, view(snapshot, style));
  const { hung } = progress;
  const { httpMs } = engine.snapshot().settings.timeouts;
  if (screen.isTTY && hung.length > 0) io.err.write(`No answer within ${httpMs / 1000} s: ${ports(hung)}.\n`);
  return snapshot;
}

/** `port 8000 (python3), port 9000`: of a program of this computer its name is not to be trusted either. */
function ports(candidates: readonly Candidate[]): string {
  return candidates
    .map(({ port, process }) => `port ${port}${process === null ? '' : ` (${plainText(process, 40)})`}`)
    .join(', ');
}

/** Lines at the end of a terminal's text that are written over again and again, and gone at the end. */
function createArea(output: Output): { draw(lines: readonly string[]): void; clear(): void } {
  let height = 0;
  const back = (): string => (height === 0 ? '' : `${height > 1 ? `\u001b[${height - 1}A` : ''}\r\u001b[J`);
  return {
    draw(lines) {
      // What has left the screen upwards cannot be written over: the end is what matters, as it names who is waited for.
      const shown = lines.slice(-Math.max(1, (output.rows ?? 24) - 1));
      output.write(back() + shown.join('\r\n'));
      height = shown.length;
    },
    clear() {
      if (height > 0) output.write(back());
      height = 0;
    },
  };
}
