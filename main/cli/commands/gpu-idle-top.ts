import type { Snapshot } from '#common/model.ts';
import { exitCodes, type Io, printJson, printLines } from '../io.ts';
import { gpusJson } from '../json.ts';
import { printChanges, showLive } from '../live.ts';
import type { CommonOptions } from '../options.ts';
import { progressLine } from '../progress.ts';
import { answerCode, type Session, scanAll, textStyle, withSession } from '../session.ts';
import { cutToWidth } from '../text-width.ts';
import { cutToHeight, gpusView } from '../views.ts';

export interface GpuIdleTopOptions extends CommonOptions {
  readonly once?: true;
}

/**
 * The GPUs of all hosts. Live on a terminal until `q`; with --json without --once one object a line, again whenever
 * something changed; once where the output is neither.
 */
export function gpuIdleTop(options: GpuIdleTopOptions, io: Io): Promise<number> {
  return withSession(options, io, (session) => {
    if (options.once) return once(session, options, io);
    if (options.json) return stream(session, io);
    return io.out.isTTY ? live(session, io) : once(session, options, io);
  });
}

async function once(session: Session, options: GpuIdleTopOptions, io: Io): Promise<number> {
  if (!(await scanAll(session, io))) return exitCodes.interrupted;
  const snapshot = session.engine.snapshot();
  if (options.json) printJson(io.out, gpusJson(snapshot));
  else printLines(io.out, gpusView(snapshot, textStyle(io)));
  return answerCode(snapshot);
}

async function stream(session: Session, io: Io): Promise<number> {
  if (!(await scanAll(session, io))) return exitCodes.interrupted;
  session.engine.watch();
  await printChanges(session, io, (snapshot) => printJson(io.out, gpusJson(snapshot)));
  return answerCode(session.engine.snapshot());
}

async function live(session: Session, io: Io): Promise<number> {
  // Progress and every host's failure are on the screen.
  void session.engine.scan();
  session.engine.watch();
  await showLive(session, io, (snapshot) => frame(snapshot, io));
  return answerCode(session.engine.snapshot());
}

function frame(snapshot: Snapshot, io: Io): readonly string[] {
  const footer = progressLine(snapshot.scan, Date.now()) || 'q quits';
  const height = (io.out.rows ?? 24) - 2;
  return [
    ...cutToHeight(gpusView(snapshot, textStyle(io)), height),
    '',
    cutToWidth(footer, io.out.columns ?? 80),
  ];
}
