import { AppError } from '#common/failure.ts';
import type { PrometheusSource } from '#common/prometheus.ts';
import { type Clock, createAlarm, systemClock } from '#common/timer.ts';
import { createClient, type PrometheusClient } from './client.ts';
import { firstOutlineOf } from './outline.ts';
import { type Poll, poll } from './poll.ts';
import { type ChosenLabels, type Survey, scrapeOrUsual, survey } from './survey.ts';
import type { OpenStream, SourceSecrets } from './way.ts';

export interface SourceLoopDeps {
  readonly source: PrometheusSource;
  readonly secrets: SourceSecrets;
  readonly stream: OpenStream;
  readonly timeoutMs: number;
  /** The label by which hosts are grouped at the moment; empty: none. */
  readonly groupLabel: () => string;
  /** The least time between two polls at the moment, in milliseconds. */
  readonly leastMs: () => number;
  /** Takes its time with many hosts, unless the loop is stopped meanwhile. */
  readonly onPoll: (poll: Poll, survey: Survey, signal: AbortSignal) => Promise<void> | void;
  readonly onFailure: (error: unknown) => void;
  readonly clock?: Clock | undefined;
}

/** Polls one source again and again. */
export interface SourceLoop {
  start(): void;
  /** Polls now, or joins the poll that is under way; never rejects. */
  pollNow(): Promise<void>;
  /** As to its client; ends with the loop. */
  range: PrometheusClient['range'];
  stop(): void;
}

/** Exporters are rarely sampled more often. */
const leastPollMs = 15_000;
const surveyEveryMs = 300_000;
/** What is new is looked at sooner: first after this time, then after twice that while it stays new. */
const soonestSurveyMs = 5000;
const slowestRetryMs = 300_000;

export function createSourceLoop(deps: SourceLoopDeps): SourceLoop {
  const { clock = systemClock } = deps;
  const client = createClient(deps);
  const alarm = createAlarm({ clock, background: true });
  const ending = new AbortController();
  let known: Survey | null = null;
  let surveyDueAt = 0;
  let surveyedFor = '';
  let soonMs = soonestSurveyMs;
  let failures = 0;
  let running: Promise<void> | null = null;
  let started = false;

  /** The first time the hosts of a first part are shown before the others are looked at. */
  const surveyAll = async (chosen: ChosenLabels, isFirst: boolean): Promise<Survey> => {
    const { signal } = ending;
    const first = isFirst ? await firstOutlineOf(client, signal) : null;
    if (first !== null) {
      const some = await survey(client, chosen, signal, first);
      const found = await poll(client, some, signal, chosen.hostLabel);
      const partial = found.partial ?? 'the first hosts of many have come';
      await deps.onPoll({ ...found, partial }, some, signal);
    }
    return survey(client, chosen, signal);
  };

  const look = async (): Promise<void> => {
    const now = clock.now();
    const { hostLabel } = deps.source;
    const groupLabel = deps.groupLabel();
    if (known === null || now >= surveyDueAt || groupLabel !== surveyedFor) {
      known = await surveyAll({ hostLabel, groupLabel }, known === null);
      surveyedFor = groupLabel;
      surveyDueAt = now + surveyEveryMs;
    }
    const found = await poll(client, known, ending.signal, hostLabel);
    // Of what was scraped once it is not known how often, and so not when it is stale.
    if (!found.hasNew && known.scrapeMs !== null) soonMs = soonestSurveyMs;
    else if (surveyDueAt > now + soonMs) {
      surveyDueAt = now + soonMs;
      soonMs = Math.min(surveyEveryMs, soonMs * 2);
    }
    failures = 0;
    await deps.onPoll(found, known, ending.signal);
  };

  const pollNow = (): Promise<void> => {
    running ??= look()
      .catch((error: unknown) => {
        if (ending.signal.aborted) return;
        failures += 1;
        // What is there may be another thing after a failure of what was asked.
        if (error instanceof AppError && error.code === 'source-query') known = null;
        deps.onFailure(error);
      })
      .finally(() => {
        running = null;
        if (started && !ending.signal.aborted) alarm.after(nextMs(), () => void pollNow());
      });
    return running;
  };

  const nextMs = (): number => {
    const everyMs = Math.max(leastPollMs, known === null ? 0 : scrapeOrUsual(known), deps.leastMs());
    return Math.min(everyMs * 2 ** Math.min(failures, 8), Math.max(everyMs, slowestRetryMs));
  };

  return {
    start() {
      if (started) return;
      started = true;
      void pollNow();
    },
    pollNow,
    range: (query, signal) => client.range(query, AbortSignal.any([signal, ending.signal])),
    stop() {
      ending.abort();
      alarm.cancel();
      client.close();
    },
  };
}
