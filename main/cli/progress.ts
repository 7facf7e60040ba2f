import { formatsOf } from '#common/format.ts';
import type { ScanState } from '#common/snapshot.ts';
import { every } from '#common/timer.ts';
import type { Engine } from '#engine/engine.ts';
import type { Output } from './io.ts';
import { cutToWidth } from './text-width.ts';

const formats = formatsOf('en');
const barCells = 24;
const clearLine = '\r\u001b[K';

/** `█████░░░░░  45 %  9 of 20 hosts  0:07`; empty where no scan runs. */
export function progressLine(scan: ScanState, now: number): string {
  if (scan.kind !== 'running') return '';
  const share = scan.total === 0 ? 1 : scan.done / scan.total;
  const full = Math.floor(share * barCells);
  const bar = '█'.repeat(full) + '░'.repeat(barCells - full);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `${bar} ${percent} %  ${scan.done} of ${scan.total} hosts  ${formats.elapsed(now - scan.startedAt)}`;
}

/** Draws the scan's progress while `work` runs, on a terminal; nothing otherwise. The line is gone afterwards. */
export async function withProgress(
  output: Output,
  engine: Pick<Engine, 'snapshot' | 'subscribe'>,
  work: Promise<void>,
): Promise<void> {
  if (output.isTTY !== true) return work;
  const draw = () => {
    const line = progressLine(engine.snapshot().scan, Date.now());
    if (line !== '') output.write(clearLine + cutToWidth(line, (output.columns ?? 80) - 1));
  };
  const unsubscribe = engine.subscribe(draw);
  // The elapsed time goes on while no host answers.
  const timer = every(500, draw);
  draw();
  try {
    await work;
  } finally {
    timer.cancel();
    unsubscribe();
    output.write(clearLine);
  }
}
