/** One source that is asked at its cadence: what it has found, and how it is. */

import { type Failure, toFailure } from '#common/failure.ts';
import { type PrometheusSource, type PrometheusState, sourceName } from '#common/prometheus.ts';
import type { Clock } from '#common/timer.ts';
import type { Log } from '../../diagnostics/log.ts';
import type { Store } from '../../store.ts';
import { afterFound, type Entry, forgetMissing, forgetRenamed } from './entries.ts';
import { hostsAtOnce, type Poll } from './poll.ts';
import type { KnownSource } from './rows.ts';
import { createSourceLoop, type SourceLoop } from './source-loop.ts';
import type { SecretsOfSources } from './source-secrets.ts';
import { type Survey, scrapeOrUsual } from './survey.ts';
import type { OpenStream } from './way.ts';

/** A source as one host sees it; `source` is what it is called. */
export type SourceOfHost =
  | {
      readonly kind: 'knows';
      readonly source: string;
      readonly loop: SourceLoop;
      readonly entry: Entry;
      readonly survey: Survey;
    }
  /** It has never answered. */
  | { readonly kind: 'silent'; readonly source: string; readonly failure: Failure };

export interface RunningSourceDeps {
  readonly store: Store;
  readonly secrets: SecretsOfSources;
  readonly stream: OpenStream;
  readonly log: Log;
  readonly clock: Clock;
  /** The cadence may be no quicker. */
  readonly leastMs: () => number;
  /** It has found something, or failed. */
  readonly onChange: () => void;
}

export interface RunningSource {
  readonly source: () => PrometheusSource;
  readonly loop: SourceLoop;
  /** Takes another name, and other joins. */
  rename(source: PrometheusSource): void;
  known(): KnownSource;
  state(): Omit<PrometheusState, 'id' | 'ambiguous' | 'secret'>;
  /** As the host of these names in it sees it; nothing where it has answered and knows none of them. */
  seenAs(names: readonly string[]): readonly SourceOfHost[];
}

/** So many samples may be missing before a host is stale. */
const missedScrapes = 3;
/** Many hosts are brought up to date in several patches: this is longer than what the store makes one of. */
const betweenMs = 120;
/** For one query. */
export const queryTimeoutMs = 20_000;

/** What is shown of a source that is not asked. */
export const waiting: ReturnType<RunningSource['state']> = {
  state: { kind: 'waiting' },
  answeredAt: null,
  hosts: 0,
  gpus: 0,
  scrapeMs: null,
  partial: null,
};

export function openSource(first: PrometheusSource, deps: RunningSourceDeps): RunningSource {
  const { store, clock, leastMs, onChange } = deps;
  const entries = new Map<string, Entry>();
  let source = first;
  let state: PrometheusState['state'] = { kind: 'waiting' };
  let answer: { readonly at: number; readonly survey: Survey; readonly partial: string | null } | null = null;

  const staleAfterMs = (): number =>
    missedScrapes * (answer === null ? 30_000 : scrapeOrUsual(answer.survey)) + 5000;

  const onPoll = async ({ hosts, partial }: Poll, survey: Survey, signal: AbortSignal): Promise<void> => {
    const nowMs = clock.wallNow();
    state = { kind: 'up' };
    answer = { at: nowMs, survey, partial };
    const moment = { nowMs, rule: store.current().settings.idleRule, staleAfterMs: staleAfterMs() };
    for (const [at, [name, found]] of [...hosts].entries()) {
      if (at > 0 && at % hostsAtOnce === 0) {
        onChange();
        await new Promise<void>((resolve) => clock.after(betweenMs, resolve));
        if (signal.aborted) return;
      }
      entries.set(name, afterFound(entries.get(name), found, moment));
    }
    // What is missing from a partial answer is not known to be gone.
    if (partial === null) forgetMissing(entries, hosts, nowMs);
    forgetRenamed(entries, hosts);
    onChange();
  };

  const loop = createSourceLoop({
    source,
    secrets: deps.secrets.get(source.id),
    stream: deps.stream,
    timeoutMs: queryTimeoutMs,
    leastMs,
    groupLabel: () => store.current().settings.groups.label,
    onPoll,
    onFailure(error) {
      const failure = toFailure(error, 'probe');
      deps.log('info', `Prometheus ${source.id}: ${failure.code}`);
      state = { kind: 'failed', failure };
      onChange();
    },
    clock,
  });

  return {
    source: () => source,
    loop,
    rename(next) {
      source = next;
    },
    known: () => ({
      source,
      entries,
      staleAfterMs: staleAfterMs() + Math.max(15_000, leastMs()) + queryTimeoutMs,
    }),
    state: () => ({
      state,
      answeredAt: answer?.at ?? null,
      hosts: entries.size,
      gpus: [...entries.values()].reduce((sum, { gpus }) => sum + gpus.length, 0),
      scrapeMs: answer?.survey.scrapeMs ?? null,
      partial: answer?.partial ?? null,
    }),
    seenAs(names) {
      const called = sourceName(source);
      if (answer === null)
        return state.kind === 'failed' ? [{ kind: 'silent', source: called, failure: state.failure }] : [];
      const { survey } = answer;
      return names.flatMap((name): SourceOfHost[] => {
        const entry = entries.get(name);
        return entry === undefined ? [] : [{ kind: 'knows', source: called, loop, entry, survey }];
      });
    },
  };
}
