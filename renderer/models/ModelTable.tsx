import { useState, useSyncExternalStore } from 'react';
import { forwardPermission, type ModelRow } from '#common/select.ts';
import { SortHeader } from '../components/SortHeader.tsx';
import { roles } from '../components/table-roles.ts';
import { toggleRow } from '../components/toggle-row.ts';
import { useRowPx, useVirtualRows } from '../components/virtual-rows.ts';
import { isAdapterOf, type ModelSort, type ModelSortKey } from '../lib/model-groups.ts';
import { useFormats, useWords } from '../state/language.ts';
import { useExpanded } from '../state/use-expanded.ts';
import { type Reveal, useReveal } from '../state/use-reveal.ts';
import { useSameList } from '../state/use-same-list.ts';
import { ModelDetailsRow } from './ModelDetailsRow.tsx';
import { ModelTableRow } from './ModelTableRow.tsx';
import { createSharedAxis, type SharedAxis } from './shared-axis.ts';
import { modelWords } from './words.ts';

interface Props {
  readonly rows: readonly ModelRow[];
  readonly sort: ModelSort;
  readonly onSort: (key: ModelSortKey) => void;
  readonly reveal: Reveal | null;
}

interface Item {
  readonly key: string;
  readonly row: ModelRow;
  readonly isAdapter: boolean;
  readonly isDetails: boolean;
}

const detailsPx = 560;
/** Below it the graph of a model that idles would look like one of work. */
const leastTopPerSecond = 100;

export function ModelTable({ rows, sort, onSort, reveal }: Props) {
  const [axis] = useState(() => createSharedAxis(leastTopPerSecond));
  const rowPx = useRowPx();
  const [expanded, toggle] = useExpanded();
  const items = itemsOf(rows, expanded);
  const keys = useSameList(items.map(({ key }) => key));
  const virtual = useVirtualRows({
    keys,
    estimatePx: (index) => (items[index]?.isDetails ? detailsPx : rowPx),
  });
  const marked = useReveal(reveal, keys, virtual.scrollTo);
  return (
    <table className="table models" aria-rowcount={items.length + 1} {...roles.table}>
      <Head sort={sort} onSort={onSort} axis={axis} />
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: by keyboard the button in the row does the same */}
      <tbody {...roles.group} {...virtual.bodyProps} onClick={(event) => toggleRow(event, toggle)}>
        {virtual.rows.map((place) => {
          const item = items[place.index];
          if (item === undefined) return null;
          const { key, row, isAdapter, isDetails } = item;
          const permission = forwardPermission(row.host);
          const shared = {
            id: row.key,
            alias: row.host.alias,
            server: row.server,
            model: row.model,
            measureRef: virtual.measureRef,
            ...place,
          };
          return isDetails ? (
            <ModelDetailsRow key={key} {...shared} />
          ) : (
            <ModelTableRow
              key={key}
              {...shared}
              isAdapter={isAdapter}
              forward={row.forward}
              why={permission.ok ? null : permission.why}
              axis={axis}
              expanded={expanded.has(key)}
              marked={marked === key}
              onToggle={toggle}
            />
          );
        })}
      </tbody>
    </table>
  );
}

function Head({ sort, onSort, axis }: Pick<Props, 'sort' | 'onSort'> & { readonly axis: SharedAxis }) {
  const words = useWords(modelWords);
  const { whole } = useFormats();
  const top = whole(useSyncExternalStore(axis.subscribe, axis.top));
  const by = { sort, onSort };
  return (
    <thead {...roles.group}>
      <tr aria-rowindex={1} {...roles.row}>
        <SortHeader by="model" label={words.model} {...by} />
        <SortHeader by="server" label={words.server} {...by} />
        <SortHeader by="engine" label={words.engine} className="wide-4" {...by} />
        <SortHeader
          by="context"
          label={words.context}
          hint={words.contextHint}
          className="number wide-4"
          {...by}
        />
        <SortHeader by="state" label={words.state} className="wide-1" {...by} />
        <SortHeader by="running" label={words.running} className="number wide-1" {...by} />
        <SortHeader by="waiting" label={words.waiting} className="number wide-1" {...by} />
        <SortHeader
          by="tokensIn"
          label={words.tokensIn}
          hint={words.tokensInHint}
          className="number wide-4"
          {...by}
        />
        <SortHeader
          by="tokensOut"
          label={words.tokensOut}
          hint={words.tokensOutHint(top)}
          className="number rate wide-2"
          {...by}
        >
          <span className="axis wide-3">{words.axis(top)}</span>
        </SortHeader>
        <SortHeader by="kvCache" label={words.kv} hint={words.kvHint} className="number wide-3" {...by} />
        <SortHeader by="ttft" label={words.ttft} hint={words.ttftHint} className="number wide-3" {...by} />
        <th scope="col" {...roles.columnHeader}>
          {words.forward}
        </th>
      </tr>
    </thead>
  );
}

function itemsOf(rows: readonly ModelRow[], expanded: ReadonlySet<string>): readonly Item[] {
  let base: ModelRow | null = null;
  return rows.flatMap((row): readonly Item[] => {
    const isAdapter = base !== null && isAdapterOf(row, base);
    if (!isAdapter) base = row;
    const item = { key: row.key, row, isAdapter, isDetails: false };
    return expanded.has(row.key) ? [item, { ...item, key: `${row.key}\ndetails`, isDetails: true }] : [item];
  });
}
