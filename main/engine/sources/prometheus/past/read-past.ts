/** The answers to questions about the past as one track. */

import type { Track } from '#common/history.ts';
import { numberOf, type RawSeries } from '../answer.ts';
import type { PrometheusClient } from '../client.ts';
import type { Grid } from './grid.ts';
import type { Question } from './questions.ts';

export interface ReadPast {
  /** Means over steps of the grid, by this computer's clock. */
  readonly track: Track;
  /** What the server says is missing; null: nothing. */
  readonly partial: string | null;
}

export interface Reading {
  /** Of the track. */
  readonly id: string;
  readonly grid: Grid;
  /** See {@link gridOf}. */
  readonly clockAheadMs: number;
}

/** Asks all of it; the first question that fails ends the others. Errors: those of the client. */
export async function readPast(
  questions: readonly Question[],
  range: PrometheusClient['range'],
  { id, grid: { startS, endS, stepS }, clockAheadMs }: Reading,
): Promise<ReadPast> {
  const ending = new AbortController();
  try {
    const answers = await Promise.all(
      questions.map(({ query }) => range({ query, startS, endS, stepS }, ending.signal)),
    );
    const table = new Map<string, Column>();
    questions.forEach((question, at) => {
      addSeries(table, question, answers[at]?.items ?? []);
    });
    return {
      track: trackOf(id, table, clockAheadMs),
      partial: answers.map(({ partial }) => partial).find((partial) => partial !== null) ?? null,
    };
  } finally {
    ending.abort();
  }
}

/** By seconds of the server's clock. */
interface Column {
  readonly whole: Map<number, number>;
  readonly parts: Map<number, number>;
}

/** Where two questions, or two series of one, are of the same column and time, the first one counts; parts are added. */
export function addSeries(
  table: Map<string, Column>,
  { lineOf, meant }: Question,
  series: readonly RawSeries[],
): void {
  for (const { metric, values } of series) {
    const line = lineOf(metric);
    if (line === null) continue;
    const column = table.get(line.column) ?? { whole: new Map(), parts: new Map() };
    table.set(line.column, column);
    for (const [atS, text] of values) {
      const number = numberOf(text);
      const value = number === null ? null : meant(number);
      if (value === null) continue;
      if (line.isPart) column.parts.set(atS, (column.parts.get(atS) ?? 0) + value);
      else if (!column.whole.has(atS)) column.whole.set(atS, value);
    }
  }
}

function trackOf(id: string, table: ReadonlyMap<string, Column>, clockAheadMs: number): Track {
  const seconds = new Set<number>();
  for (const { whole, parts } of table.values())
    for (const atS of [...whole.keys(), ...parts.keys()]) seconds.add(atS);
  const sorted = [...seconds].sort((a, b) => a - b);
  return {
    id,
    times: sorted.map((atS) => atS * 1000 - clockAheadMs),
    columns: Object.fromEntries(
      [...table].map(([name, { whole, parts }]) => [
        name,
        sorted.map((atS) => tenths(whole.get(atS) ?? parts.get(atS) ?? null)),
      ]),
    ),
  };
}

/** More digits than a chart shows would only be carried about. */
function tenths(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
