import { useState, useSyncExternalStore } from 'react';
import { forwardPermission } from '#common/select.ts';
import { DetailsRow } from '../components/DetailsRow.tsx';
import { useFoldableRows } from '../components/foldable-rows.ts';
import { SortHeader } from '../components/SortHeader.tsx';
import { roles } from '../components/table-roles.ts';
import { toggleRow } from '../components/toggle-row.ts';
import type { GroupedRow, ModelSort, ModelSortKey } from '../lib/model-groups.ts';
import { useFormats, useWords } from '../state/language.ts';
import { useExpanded } from '../state/use-expanded.ts';
import type { Reveal } from '../state/use-reveal.ts';
import { ModelDetails } from './ModelDetails.tsx';
import { ModelTableRow } from './ModelTableRow.tsx';
import { createSharedAxis, type SharedAxis } from './shared-axis.ts';
import { modelWords } from './words.ts';

interface Props {
  readonly rows: readonly GroupedRow[];
  readonly sort: ModelSort;
  readonly onSort: (key: ModelSortKey) => void;
  readonly reveal: Reveal | null;
}

const detailsPx = 560;
const keyOf = ({ key }: GroupedRow) => key;
/** Below it the graph of a model that idles would look like one of work. */
const leastTopPerSecond = 100;

export function ModelTable({ rows, sort, onSort, reveal }: Props) {
  const [axis] = useState(() => createSharedAxis(leastTopPerSecond));
  const [expanded, toggle] = useExpanded();
  const { items, virtual, marked } = useFoldableRows({ rows, keyOf, expanded, detailsPx, reveal });
  return (
    <table className="table models" aria-rowcount={items.length + 1} {...roles.table}>
      <Head sort={sort} onSort={onSort} axis={axis} />
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: by keyboard the button in the row does the same */}
      <tbody {...roles.group} {...virtual.bodyProps} onClick={(event) => toggleRow(event, toggle)}>
        {virtual.rows.map((at) => {
          const item = items[at.index];
          if (item === undefined) return null;
          const { key, row, isDetails } = item;
          const permission = forwardPermission(row.host);
          const place = { measureRef: virtual.measureRef, ...at };
          const shown = { server: row.server, model: row.model };
          return isDetails ? (
            <DetailsRow key={key} rowKey={row.key} columns={12} {...place}>
              <ModelDetails {...shown} />
            </DetailsRow>
          ) : (
            <ModelTableRow
              key={key}
              id={key}
              {...place}
              {...shown}
              isAdapter={row.isAdapter}
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
