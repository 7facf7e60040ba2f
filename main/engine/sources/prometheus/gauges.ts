/** The gauges of all GPUs of a Prometheus, asked in parts of which one may be missing. */

import { AppError } from '#common/failure.ts';
import type { PrometheusClient } from './client.ts';
import * as queries from './queries.ts';
import { addSamples, type MeasuredGpus } from './readings.ts';
import type { Survey } from './survey.ts';

/** What one part of an answer may fail of while others come. */
const missable: ReadonlySet<AppError['code']> = new Set(['source-busy', 'source-too-many']);

interface Gauges {
  readonly measured: MeasuredGpus;
  /** What is missing; null: nothing. */
  readonly partial: string | null;
  /** All parts were answered. */
  readonly isWhole: boolean;
}

/**
 * All gauges of all GPUs, in parts that come one after the other. Errors: those of the client; of a busy server, or for an answer
 * that is too long, only where all parts fail so.
 */
export async function gaugesOf(
  client: PrometheusClient,
  known: Survey,
  signal: AbortSignal,
): Promise<Gauges> {
  const measured: MeasuredGpus = new Map();
  const matchers = known.gauges.length === 0 ? [] : known.matchers;
  const failures: AppError[] = [];
  const parts = await Promise.all(
    matchers.map(async (matcher) => {
      try {
        const answer = await client.instant(queries.gaugesQuery(known.gauges, matcher), signal);
        addSamples(measured, answer.items, known.utilFactor);
        return answer.partial;
      } catch (error) {
        if (!(error instanceof AppError && missable.has(error.code))) throw error;
        failures.push(error);
        return null;
      }
    }),
  );
  const [first] = failures;
  if (first === undefined)
    return { measured, partial: parts.find((partial) => partial !== null) ?? null, isWhole: true };
  if (failures.length === matchers.length) throw first;
  const partial = `${failures.length} of ${matchers.length} parts of the answer did not come`;
  return { measured, partial, isWhole: false };
}

/** Hosts with an exporter of GPUs whose gauges were not read: what else is known of them makes no row. */
export function hostsWithout(measured: MeasuredGpus, { identities, targets }: Survey): ReadonlySet<string> {
  return new Set(
    [...identities.keys()]
      .filter((instance) => !measured.has(instance))
      .flatMap((instance) => targets.get(instance)?.host ?? []),
  );
}
