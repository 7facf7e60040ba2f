/** The gauges of all GPUs of a Prometheus, asked in parts: those that move often, the others with each survey. */

import { AppError } from '#common/failure.ts';
import type { PrometheusClient } from './client.ts';
import { adderTo, createSeriesReader, type MeasuredGpus } from './measured.ts';
import * as queries from './queries.ts';
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
 * The gauges that move, of all GPUs, and the faults that there are, in parts that come one after the other. Errors: those of the
 * client; of a busy server, or for an answer that is too long, only where all parts fail so.
 */
export async function gaugesOf(
  client: PrometheusClient,
  { paces: { moving, faults }, matchers, seriesOf }: Pick<Survey, 'paces' | 'matchers' | 'seriesOf'>,
  signal: AbortSignal,
): Promise<Gauges> {
  const measured: MeasuredGpus = new Map();
  const failures: AppError[] = [];
  const asked = moving.length + faults.length === 0 ? [] : matchers;
  const parts = await Promise.all(
    asked.map(async (matcher) => {
      const part: MeasuredGpus = new Map();
      const add = adderTo(part, seriesOf);
      const each = (names: readonly string[], query: string): Promise<string | null> | null =>
        names.length === 0 ? null : client.each(query, add, signal);
      try {
        const partials = await Promise.all([
          each(moving, queries.gaugesQuery(moving, matcher)),
          each(faults, queries.faultsQuery(faults, matcher)),
        ]);
        for (const [instance, gpus] of part) measured.set(instance, gpus);
        return partials.find((partial) => partial !== null) ?? null;
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
  if (failures.length === asked.length) throw first;
  const partial = `${failures.length} of ${asked.length} parts of the answer did not come`;
  return { measured, partial, isWhole: false };
}

/** What stays the same of all GPUs; asked for too seldom to remember its series. Errors: those of the client. */
export async function constantsOf(
  client: PrometheusClient,
  { paces: { constant }, matchers, utilFactor }: Pick<Survey, 'paces' | 'matchers' | 'utilFactor'>,
  signal: AbortSignal,
): Promise<{ readonly constants: MeasuredGpus; readonly partial: string | null }> {
  const constants: MeasuredGpus = new Map();
  const add = adderTo(constants, createSeriesReader(utilFactor));
  const partials = await Promise.all(
    (constant.length === 0 ? [] : matchers).map((matcher) =>
      client.each(queries.gaugesQuery(constant, matcher), add, signal),
    ),
  );
  return { constants, partial: partials.find((partial) => partial !== null) ?? null };
}

/** Hosts with an exporter of GPUs whose gauges were not read: what else is known of them makes no row. */
export function hostsWithout(measured: MeasuredGpus, { identities, targets }: Survey): ReadonlySet<string> {
  return new Set(
    [...identities.keys()]
      .filter((instance) => !measured.has(instance))
      .flatMap((instance) => targets.get(instance)?.host ?? []),
  );
}
