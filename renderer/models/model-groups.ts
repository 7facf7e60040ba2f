/** The rows of the Models view: a base model with its adapters below it, and by which column they stand. Pure. */

import type { ErrorCode } from '#common/failure.ts';
import { canForward } from '#common/select/forwards.ts';
import { isBusy } from '#common/select/load.ts';
import { loadOf, type ModelRow as ServedModel } from '#common/select/servers.ts';
import type { ModelLoad } from '#common/servers.ts';
import { compareValues, type Direction } from '../list/column-sort.ts';
import type { ColumnOrder } from '../table/column.ts';

/** A model, or a server that shows none, as its row shows it. */
export interface ModelRow extends Omit<ServedModel, 'host'> {
  /** It stands below its base. */
  readonly isAdapter: boolean;
  /** Why it cannot be forwarded; null when it can. */
  readonly why: ErrorCode | null;
}

/** What stays together however the table is sorted. */
export interface ModelGroup {
  /** That of its first row. */
  readonly key: string;
  readonly base: ModelRow;
  readonly rows: readonly ModelRow[];
}

/** In the order of the rows, in which adapters follow their base. */
export function modelGroups(served: readonly ServedModel[]): readonly ModelGroup[] {
  const groups: { key: string; base: ModelRow; rows: ModelRow[] }[] = [];
  for (const { host, ...model } of served) {
    const permission = canForward(host, model.server);
    const row = { ...model, why: permission.ok ? null : permission.why };
    const last = groups.at(-1);
    if (last !== undefined && isAdapterOf(model, last.base)) last.rows.push({ ...row, isAdapter: true });
    else {
      const base = { ...row, isAdapter: false };
      groups.push({ key: row.key, base, rows: [base] });
    }
  }
  return groups;
}

/** Whether it is a LoRA adapter of a model that the same server serves. */
function isAdapterOf({ server, model }: Omit<ServedModel, 'host'>, base: ModelRow): boolean {
  return (
    server.id === base.server.id && model !== null && model.parent !== null && model.parent === base.model?.id
  );
}

/** How busy the model of a row is; null where its server says nothing of it. */
export function loadOfRow({ server, model }: ModelRow): ModelLoad | null {
  return model === null ? null : loadOf(server, model);
}

/** See `isBusy`. */
export function isBusyRow(row: ModelRow): boolean {
  return isBusy(row.server.state, loadOfRow(row));
}

/** Those first whose model is a favourite, by its id; the order is else as it was. */
export function favouritesFirst<One>(
  all: readonly One[],
  favourites: readonly string[],
  rowOf: (one: One) => ModelRow,
): readonly One[] {
  const wanted = new Set(favourites);
  const rank = (one: One) => (wanted.has(rowOf(one).model?.id ?? '') ? 0 : 1);
  return [...all].sort((a, b) => rank(a) - rank(b));
}

/**
 * Sorted by the values of their first rows; unknown ones come last, equal ones stay in the order in which they come, which is
 * that of the SSH configuration.
 */
export function sortedGroups(
  groups: readonly ModelGroup[],
  { value }: ColumnOrder<ModelRow>,
  direction: Direction,
): readonly ModelGroup[] {
  return groups
    .map((group, at) => ({ group, value: value(group.base, at) }))
    .sort((a, b) => compareValues(a.value, b.value, direction))
    .map(({ group }) => group);
}
