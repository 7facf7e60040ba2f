/** The Models view by model: which servers serve the same one, and which of them is the least busy. Pure. */

import { groupBy } from '#common/group-by.ts';
import { leastBusy } from '#common/select/load.ts';
import { compareValues, type Direction } from '../list/column-sort.ts';
import type { ColumnOrder } from '../table/column.ts';
import { loadOfRow, type ModelRow } from './model-groups.ts';

/** A model and all that serve it under the same id; a server that shows no model stands alone. */
export interface Replicas {
  readonly key: string;
  /** In the order of the SSH configuration; at least one. */
  readonly rows: readonly [ModelRow, ...ModelRow[]];
  /** The row to forward; undefined where none may be. */
  readonly best: ModelRow | undefined;
  /** Servers that are up and report that no request waits. */
  readonly withoutQueue: number;
  /** Sums of what the servers report; null where none does. */
  readonly running: number | null;
  readonly waiting: number | null;
  readonly tokensOut: number | null;
}

/** In the order in which the models come first. */
export function replicasOf(rows: readonly ModelRow[]): readonly Replicas[] {
  const byModel = groupBy(rows, ({ model, server }) =>
    model === null ? `server ${server.id}` : `model ${model.id}`,
  );
  return [...byModel].map(([key, all]) => {
    const loads = all.map(loadOfRow);
    return {
      key,
      rows: all,
      best: leastBusy(all),
      withoutQueue: all.filter(({ server }, at) => server.state.kind === 'up' && loads[at]?.waiting === 0)
        .length,
      running: sum(loads.map((load) => load?.running ?? null)),
      waiting: sum(loads.map((load) => load?.waiting ?? null)),
      tokensOut: sum(loads.map((load) => load?.generationTokensPerSecond ?? null)),
    };
  });
}

/** Sorted by the values of a column; unknown ones last, equal ones in their order. */
export function sortedReplicas(
  replicas: readonly Replicas[],
  { value }: ColumnOrder<Replicas>,
  direction: Direction,
): readonly Replicas[] {
  return replicas
    .map((one, at) => ({ one, value: value(one, at) }))
    .sort((a, b) => compareValues(a.value, b.value, direction))
    .map(({ one }) => one);
}

/** Of those that are known. */
export function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}
