import { useMemo, useState } from 'react';
import type { Host } from '#common/hosts.ts';
import type { HostId } from '#common/ids.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { type Hold, useHold } from '../list/hold.ts';
import { useTurn } from '../list/turn.ts';
import { orderOf } from '../table/column.ts';
import type { Table } from '../table/use-table.ts';
import { type Arrangement, arrange } from './arrange.ts';
import type { HostRow } from './columns.tsx';
import { createRanking } from './sort.ts';

/** The order of the hosts, and the handlers of the list that hold it still while the reader works there. */
export function useArrangement(
  snapshot: Snapshot,
  { spec, sort }: Table<HostRow>,
  { rowOf, lost }: { readonly rowOf: (host: Host) => HostRow; readonly lost: ReadonlySet<HostId> },
): readonly [Arrangement, Hold] {
  const [arrangement, setArrangement] = useState<Arrangement | null>(null);
  const [held, hold] = useHold();
  const order = sort && orderOf(spec, sort);
  if (sort === undefined || order === undefined) throw new Error('hosts are always sorted by a column');
  const live = order.isLive === true;
  const turn = useTurn(live);
  const rank = useMemo(() => createRanking(order, rowOf, lost), [order, rowOf, lost]);

  const next = arrange(arrangement, snapshot, { held, sort, live, turn, rank });
  // React's way to keep what the next render is compared with: set while rendering, at most once per change.
  if (next !== arrangement) setArrangement(next);
  return [next, hold];
}
