import { useMemo } from 'react';
import { useExpanded } from '../list/expanded.ts';
import type { Hold } from '../list/hold.ts';
import type { Reveal } from '../list/reveal.ts';
import { useStillOrder } from '../list/use-still-order.ts';
import { useSettings } from '../state/settings.ts';
import { orderOf } from '../table/column.ts';
import { FoldableTable } from '../table/FoldableTable.tsx';
import type { Table } from '../table/use-table.ts';
import { favouritesFirst, type ModelRow } from './model-groups.ts';
import css from './ReplicaTable.module.css';
import { type Replicas, replicasOf, sortedReplicas } from './replicas.ts';

interface Props {
  readonly table: Table<Replicas>;
  /** Of the servers that a model unfolds. */
  readonly serverTable: Table<ModelRow>;
  /** In the order of the SSH configuration. The same array while they are the same. */
  readonly rows: readonly ModelRow[];
  readonly reveal: Reveal | null;
}

/** The models of the rows, each with its servers below it. */
export function ReplicaTable({ table, serverTable, rows, reveal }: Props) {
  const [expanded, onToggle] = useExpanded();
  const replicas = useMemo(() => replicasOf(rows), [rows]);
  const [order, hold] = useOrder(replicas, table);
  const shown = useMemo(() => {
    const byKey = new Map(replicas.map((one) => [one.key, one]));
    return order.flatMap((key) => byKey.get(key) ?? []);
  }, [replicas, order]);
  const asked = replicas.find((one) => one.rows.some(({ key }) => key === reveal?.id))?.key ?? null;
  const own = useMemo(() => (reveal === null || asked === null ? null : { id: asked }), [reveal, asked]);
  const details = ({ rows: servers }: Replicas) => (
    <div className={css.servers}>
      <FoldableTable table={serverTable} rows={servers} caption={servers[0].model?.id ?? ''} />
    </div>
  );
  return (
    <div {...hold}>
      <FoldableTable
        table={table}
        rows={shown}
        reveal={own}
        fold={{ expanded, onToggle, details, detailsPx: 200 }}
      />
    </div>
  );
}

function useOrder(
  replicas: readonly Replicas[],
  { spec, sort }: Table<Replicas>,
): readonly [readonly string[], Hold] {
  const order = sort && orderOf(spec, sort);
  if (sort === undefined || order === undefined) throw new Error('models are always sorted by a column');
  const { models } = useSettings().favourites;
  const sorted = sortedReplicas(replicas, order, sort.direction);
  const keys = favouritesFirst(sorted, models, ({ rows: [first] }) => first).map(({ key }) => key);
  return useStillOrder(keys, { sort, live: order.isLive === true });
}
