import { useMemo, useState } from 'react';
import type { Failure } from '#common/failure.ts';
import { type HistoryRange, historyRanges, rangeMs, type SourcePast, type Track } from '#common/history.ts';
import { knownSince, silenceOf, withPasts } from '../state/past.ts';
import { useAppState } from '../state/services.ts';
import { type Past, type Subject, usePast } from './use-past.ts';
import { useTrack } from './use-track.ts';

/** What some charts of one subject show, and how far back. */
export interface ChartHistory {
  readonly ranges: readonly HistoryRange[];
  readonly range: HistoryRange;
  readonly setRange: (range: HistoryRange) => void;
  /** What was measured here, with what sources of Prometheus know of the rest. Undefined while it is asked for. */
  readonly track: Track | undefined;
  /** Rows further apart than this have a silence between them. */
  readonly leastSilenceMs: number;
  readonly note: HistoryNote;
  /** Asks the sources again. */
  readonly askAgain: () => void;
}

/** What is to be said of it in one line. */
export type HistoryNote =
  | { readonly kind: 'none' }
  | { readonly kind: 'reading' }
  | { readonly kind: 'not-read'; readonly source: string; readonly failure: Failure }
  | { readonly kind: 'partial'; readonly source: string; readonly detail: string }
  /** Nothing is known of the beginning of the range. */
  | { readonly kind: 'begins'; readonly atMs: number };

/** A week is more than the app keeps itself. */
const ownRanges: readonly HistoryRange[] = ['half-hour', 'day'];
const noPasts: readonly SourcePast[] = [];
/** Less than this share of a range without data at its beginning is not worth a line. */
const missingShare = 0.05;

/** The history of a host or server by its id, kept current while the component is there. */
export function useHistory(id: string, subject: Subject): ChartHistory {
  const hasSources = useAppState(({ snapshot }) => snapshot?.settings.prometheus.some(isEnabled) ?? false);
  const [chosen, setRange] = useState<HistoryRange>('half-hour');
  const ranges = hasSources ? historyRanges : ownRanges;
  const range = ranges.includes(chosen) ? chosen : 'day';
  const own = useTrack(id, 'day');
  const [past, askAgain] = usePast(subject, range);
  const pasts = past.kind === 'none' ? noPasts : past.pasts;
  const track = useMemo(() => own && withPasts(own, pasts), [own, pasts]);
  const note = useMemo(() => noteOf(past, track, range), [past, track, range]);
  return { ranges, range, setRange, track, leastSilenceMs: silenceOf(pasts), note, askAgain };
}

function isEnabled({ enabled }: { readonly enabled: boolean }): boolean {
  return enabled;
}

function noteOf(past: Past, track: Track | undefined, range: HistoryRange): HistoryNote {
  if (past.kind === 'none') return { kind: 'none' };
  if (past.kind === 'asking') return { kind: 'reading' };
  for (const one of past.pasts) {
    if (one.kind === 'failed') return { kind: 'not-read', source: one.source, failure: one.failure };
    if (one.partial !== null) return { kind: 'partial', source: one.source, detail: one.partial };
  }
  const atMs = track === undefined ? null : knownSince(track);
  const fromMs = (track?.times.at(-1) ?? 0) - rangeMs[range];
  return atMs !== null && atMs - fromMs > missingShare * rangeMs[range]
    ? { kind: 'begins', atMs }
    : { kind: 'none' };
}
