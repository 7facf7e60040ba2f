/** How exporters sample: how often, and in which unit. Found out from some of them. */

import { numberOf } from './answer.ts';
import type { PrometheusClient } from './client.ts';
import { oldUtilisation } from './exporters/dcgm.ts';
import type { LabelPair } from './exporters/exporter.ts';
import { anyOf } from './matchers.ts';
import type { Outline } from './outline.ts';
import * as queries from './queries.ts';
import type { Survey } from './survey.ts';

const mostSampled = 40;

/** Some exporters, all named by the same label. */
export function someOf(targets: Survey['targets']): readonly LabelPair[] {
  const names = [...targets.values()].map(({ by }) => by);
  return names.filter(([label]) => label === names[0]?.[0]).slice(0, mostSampled);
}

function matcherOf(some: readonly LabelPair[]): string {
  const values = some.map(([, value]) => value);
  return anyOf(some[0]?.[0] ?? 'instance', values);
}

/** From the times of the latest samples of these exporters; null where there are not two. */
export async function scrapeOf(
  client: PrometheusClient,
  name: string | undefined,
  some: readonly LabelPair[],
  signal: AbortSignal,
): Promise<number | null> {
  if (name === undefined || some.length === 0) return null;
  const query = queries.latestSamples(name, matcherOf(some));
  const answer = await client.matrix(query, signal).catch(lessImportant(signal));
  const gaps = (answer?.items ?? []).flatMap(({ values }) =>
    values.slice(1).map(([atS], index) => atS - (values[index]?.[0] ?? atS)),
  );
  const median = gaps.filter((gap) => gap > 0).sort((a, b) => a - b)[Math.floor(gaps.length / 2)];
  return median === undefined ? null : Math.round(median * 10) * 100;
}

/** A ratio where the largest of a day is no more than 1: the exporter's own per cents are whole. */
export async function utilFactorOf(
  client: PrometheusClient,
  { names, matchers: [matcher = '', ...others] }: Outline,
  some: readonly LabelPair[],
  signal: AbortSignal,
): Promise<1 | 100> {
  if (!names.has(oldUtilisation)) return 1;
  const [day, now] = await Promise.all([
    client
      .instant(queries.largestOfDay(oldUtilisation, matcherOf(some)), signal)
      .catch(lessImportant(signal)),
    client
      .instant(queries.largestNow(oldUtilisation, others.length > 0 ? '' : matcher), signal)
      .catch(lessImportant(signal)),
  ]);
  const values = [day, now]
    .flatMap((answer) => answer?.items ?? [])
    .map(({ value }) => numberOf(value[1]) ?? 0);
  const largest = Math.max(0, ...values.filter((value) => value < 1e6));
  return largest > 0 && largest <= 1 ? 100 : 1;
}

/** A question whose answer is not needed; when all is called off, that is said. */
function lessImportant(signal: AbortSignal): (error: unknown) => null {
  return (error) => {
    if (signal.aborted) throw error;
    return null;
  };
}
