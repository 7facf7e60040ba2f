/** How far a launch is, on stderr: its log as it grows, and on a terminal a bar below it. */

import { setTimeout as delay } from 'node:timers/promises';
import { formatsOf } from '#common/format.ts';
import { isLive, type Launch, type LaunchId } from '#common/launches.ts';
import { shareOf } from '#common/select/launches.ts';
import { stageText } from '#common/words/launches.ts';
import type { Engine } from '#engine/engine.ts';
import type { Io, Output } from './io.ts';
import { cutToWidth } from './text-width.ts';

const formats = formatsOf('en');
const barCells = 24;
const clearLine = '\r\u001b[K';
const everyMs = 500;

/** `█████░░░░░  45 %  loading the weights, 20 %  0:07`. */
export function launchLine({ stage }: Pick<Launch, 'stage'>, elapsedMs: number): string {
  const share = shareOf(stage);
  const full = Math.floor(share * barCells);
  const percent = String(Math.floor(share * 100)).padStart(3);
  const bar = '█'.repeat(full) + '░'.repeat(barCells - full);
  return `${bar} ${percent} %  ${stageText(stage, 'en')}  ${formats.elapsed(elapsedMs)}`;
}

export function launchIn(engine: Pick<Engine, 'snapshot'>, id: LaunchId): Launch | undefined {
  return engine.snapshot().launches.find((launch) => launch.id === id);
}

/**
 * Writes the log of a launch to `output` as it grows until `isOver`, the interruption or the time is over; a host that is away for
 * a while is asked again. Returns the launch as it is then.
 */
export async function followLog(
  engine: Engine,
  id: LaunchId,
  {
    io,
    output,
    untilMs,
    isOver,
  }: {
    readonly io: Io;
    readonly output: Output;
    /** By `performance.now()`. */
    readonly untilMs: number;
    readonly isOver: (launch: Launch) => boolean;
  },
): Promise<Launch | undefined> {
  const startedAt = performance.now();
  const hasBar = io.err.isTTY === true;
  let after = 0;
  const write = async (): Promise<void> => {
    const read = async () => engine.handlers['launch.log']({ launchId: id, after });
    const part = await read().catch(() => null);
    if (hasBar) io.err.write(clearLine);
    if (part === null) return;
    after = part.next;
    output.write(part.text);
  };
  for (;;) {
    const launch = launchIn(engine, id);
    // The end of its log comes after its end is known.
    await write();
    if (launch === undefined || isOver(launch) || !isLive(launch)) return launch;
    if (io.interrupted.aborted || performance.now() >= untilMs) return launch;
    const line = launchLine(launch, performance.now() - startedAt);
    if (hasBar) io.err.write(cutToWidth(line, (io.err.columns ?? 80) - 1));
    await delay(everyMs, undefined, { signal: io.interrupted }).catch(() => undefined);
  }
}
