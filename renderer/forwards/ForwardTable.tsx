import { useMemo } from 'react';
import type { Forward } from '#common/forwards.ts';
import { DetailsRow } from '../components/DetailsRow.tsx';
import { useFoldableRows } from '../components/foldable-rows.ts';
import { roles } from '../components/table-roles.ts';
import { toggleRow } from '../components/toggle-row.ts';
import { useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { useExpanded } from '../state/use-expanded.ts';
import type { Reveal } from '../state/use-reveal.ts';
import { ForwardDetails } from './ForwardDetails.tsx';
import { ForwardRow } from './ForwardRow.tsx';
import { forwardWords } from './words.ts';

interface Props {
  readonly forwards: readonly Forward[];
  readonly reveal: Reveal | null;
}

const detailsPx = 180;
const keyOf = ({ id }: Forward) => id;

/** The forwards of this app, in the order in which they were opened. */
export function ForwardTable({ forwards, reveal }: Props) {
  const { servers } = useSnapshot();
  const [expanded, toggle] = useExpanded();
  const models = useMemo(
    () => new Map(servers.map((server) => [server.id, server.models[0]?.id ?? null])),
    [servers],
  );
  const { items, virtual, marked } = useFoldableRows({ rows: forwards, keyOf, expanded, detailsPx, reveal });
  return (
    <table className="table forwards" aria-rowcount={items.length + 1} {...roles.table}>
      <Head />
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: by keyboard the button in the row does the same */}
      <tbody {...roles.group} {...virtual.bodyProps} onClick={(event) => toggleRow(event, toggle)}>
        {virtual.rows.map((at) => {
          const item = items[at.index];
          if (item === undefined) return null;
          const { key, row: forward, isDetails } = item;
          const place = { measureRef: virtual.measureRef, ...at };
          return isDetails ? (
            <DetailsRow key={key} rowKey={forward.id} columns={10} {...place}>
              <ForwardDetails forward={forward} />
            </DetailsRow>
          ) : (
            <ForwardRow
              key={key}
              {...place}
              forward={forward}
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
