import { useMemo } from 'react';
import type { Forward } from '#common/forwards.ts';
import { roles } from '../components/table-roles.ts';
import { toggleRow } from '../components/toggle-row.ts';
import { useRowPx, useVirtualRows } from '../components/virtual-rows.ts';
import { useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { useExpanded } from '../state/use-expanded.ts';
import { type Reveal, useReveal } from '../state/use-reveal.ts';
import { useSameList } from '../state/use-same-list.ts';
import { ForwardDetailsRow } from './ForwardDetailsRow.tsx';
import { ForwardRow } from './ForwardRow.tsx';
import { forwardWords } from './words.ts';

interface Props {
  readonly forwards: readonly Forward[];
  readonly reveal: Reveal | null;
}

const detailsPx = 180;

/** The forwards of this app, in the order in which they were opened. */
export function ForwardTable({ forwards, reveal }: Props) {
  const { servers } = useSnapshot();
  const rowPx = useRowPx();
  const [expanded, toggle] = useExpanded();
  const models = useMemo(
    () => new Map(servers.map((server) => [server.id, server.models[0]?.id ?? null])),
    [servers],
  );
  const items = forwards.flatMap((forward) => {
    const row = { key: forward.id, forward, isDetails: false };
    return expanded.has(forward.id)
      ? [row, { ...row, key: `${forward.id}\ndetails`, isDetails: true }]
      : [row];
  });
  const keys = useSameList(items.map(({ key }) => key));
  const virtual = useVirtualRows({
    keys,
    estimatePx: (index) => (items[index]?.isDetails ? detailsPx : rowPx),
  });
  const marked = useReveal(reveal, keys, virtual.scrollTo);
  return (
    <table className="table forwards" aria-rowcount={items.length + 1} {...roles.table}>
      <Head />
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: by keyboard the button in the row does the same */}
      <tbody {...roles.group} {...virtual.bodyProps} onClick={(event) => toggleRow(event, toggle)}>
        {virtual.rows.map((at) => {
          const item = items[at.index];
          if (item === undefined) return null;
          const { key, forward, isDetails } = item;
          const place = { forward, measureRef: virtual.measureRef, ...at };
          return isDetails ? (
            <ForwardDetailsRow key={key} {...place} />
          ) : (
            <ForwardRow
              key={key}
              {...place}
              model={models.get(forward.id) ?? null}
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

function Head() {
  const words = useWords(forwardWords);
  const title = (label: string, className?: string, hint?: string) => (
    <th scope="col" className={className} title={hint} {...roles.columnHeader}>
      {label}
    </th>
  );
  return (
    <thead {...roles.group}>
      <tr aria-rowindex={1} {...roles.row}>
        {title(words.local)}
        {title(words.remote)}
        {title(words.state, 'wide-1')}
        {title(words.origin, 'wide-4')}
        {title(words.since, 'number wide-4')}
        {title(words.connections, 'number wide-3')}
        {title(words.in, 'number wide-2', words.inHint)}
        {title(words.out, 'number wide-2', words.outHint)}
        {title(words.lastError, 'wide-3')}
        <th scope="col" {...roles.columnHeader}>
          <span className="visually-hidden">{words.actions}</span>
        </th>
      </tr>
    </thead>
  );
}
