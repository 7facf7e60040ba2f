/** The rows of the Models view: a base model with its adapters below it, and by which column they stand. Pure. */

import { assertNever, type ModelLoad, type ServerState } from '#common/model.ts';
import { loadOf, type ModelRow } from '#common/select.ts';
import { engineNames } from '#common/words/states.ts';
import type { ColumnSort, FirstDirections } from './column-sort.ts';

export interface GroupedRow extends ModelRow {
  /** It stands below its base. */
  readonly isAdapter: boolean;
}

/** What stays together however the table is sorted. */
export interface ModelGroup {
  /** That of its first row. */
  readonly key: string;
  readonly base: ModelRow;
  readonly rows: readonly GroupedRow[];
}

/** In the order of the rows, in which adapters follow their base. */
export function modelGroups(rows: readonly ModelRow[]): readonly ModelGroup[] {
  const groups: { key: string; base: ModelRow; rows: GroupedRow[] }[] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (last !== undefined && isAdapterOf(row, last.base)) last.rows.push({ ...row, isAdapter: true });
    else groups.push({ key: row.key, base: row, rows: [{ ...row, isAdapter: false }] });
  }
  return groups;
}

/** Whether it is a LoRA adapter of a model that the same server serves. */
function isAdapterOf({ server, model }: ModelRow, base: ModelRow): boolean {
  return (
    server.id === base.server.id && model !== null && model.parent !== null && model.parent === base.model?.id
  );
}

/** Columns whose values change with every measurement. */
const loadValues = {
  running: (load) => load.running,
  waiting: (load) => load.waiting,
  tokensIn: (load) => load.promptTokensPerSecond,
  tokensOut: (load) => load.generationTokensPerSecond,
  kvCache: (load) => load.kvCachePct,
  ttft: (load) => load.ttft?.p50Ms ?? null,
} as const satisfies Record<string, (load: ModelLoad) => number | null>;

type LoadColumn = keyof typeof loadValues;

export type ModelSortKey = 'model' | 'server' | 'engine' | 'context' | 'state' | LoadColumn;
export type ModelSort = ColumnSort<ModelSortKey>;

/** What one looks for first: long contexts, free servers, queues. */
const firstModelDirections: FirstDirections<ModelSortKey> = {
  model: 'ascending',
  server: 'ascending',
  engine: 'ascending',
  context: 'descending',
  state: 'ascending',
  running: 'descending',
  waiting: 'descending',
  tokensIn: 'descending',
  tokensOut: 'descending',
  kvCache: 'descending',
  ttft: 'ascending',
};

export const modelSortOptions = {
  name: 'models-sort',
  fallback: { key: 'server', direction: 'ascending' } as ModelSort,
  first: firstModelDirections,
} as const;

/** Whether it stands by what changes with every measurement. */
export function isLiveModelSort({ key }: ModelSort): boolean {
  return isLoadColumn(key);
}

function isLoadColumn(key: ModelSortKey): key is LoadColumn {
  return Object.hasOwn(loadValues, key);
}

const names = new Intl.Collator('en', { numeric: true });

/**
 * Sorted by the values of their first rows; unknown ones come last, equal ones stay in the order in which they come, which is
 * that of the SSH configuration. By server they stand in that order, or the other way round.
 */
export function sortedGroups(
  groups: readonly ModelGroup[],
  { key, direction }: ModelSort,
): readonly ModelGroup[] {
  const ranked = groups.map((group, at) => ({
    group,
    value: key === 'server' ? at : sortValue(group.base, key),
  }));
  const sign = direction === 'ascending' ? 1 : -1;
  ranked.sort((a, b) => {
    if (a.value === b.value) return 0;
    if (a.value === null || b.value === null) return a.value === null ? 1 : -1;
    return sign * compare(a.value, b.value);
  });
  return ranked.map(({ group }) => group);
}

function compare(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : names.compare(String(a), String(b));
}

const stateRanks: Readonly<Record<ServerState['kind'], number>> = {
  up: 0,
  starting: 1,
  sleeping: 2,
  locked: 3,
  failed: 4,
};

function sortValue(
  { server, model }: ModelRow,
  key: Exclude<ModelSortKey, 'server'>,
): number | string | null {
  if (isLoadColumn(key)) {
    const load = model === null ? null : loadOf(server, model);
    return load === null ? null : loadValues[key](load);
  }
  switch (key) {
    case 'model':
      return model?.id ?? null;
    case 'engine':
      return server.engine === null ? null : `${engineNames[server.engine]} ${server.version ?? ''}`;
    case 'context':
      return model?.maxModelLen ?? null;
    case 'state':
      return stateRanks[server.state.kind];
    default:
      return assertNever(key);
  }
}
