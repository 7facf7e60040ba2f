import { memo, useMemo } from 'react';
import type { Host, HostId, IdleRule } from '#common/model.ts';
import { SortHeader } from '../components/SortHeader.tsx';
import { roles } from '../components/table-roles.ts';
import { toggleRow } from '../components/toggle-row.ts';
import { useRowPx, useVirtualRows } from '../components/virtual-rows.ts';
import type { ModelsByHost, ServedModel } from '../lib/models.ts';
import type { Sort, SortKey } from '../lib/sort.ts';
import { useWords } from '../state/language.ts';
import { type Reveal, useReveal } from '../state/use-reveal.ts';
import { useSameList } from '../state/use-same-list.ts';
import { DetailsRow } from './DetailsRow.tsx';
import { HostRow } from './HostRow.tsx';
import { gpuWords } from './words.ts';

interface Props {
  readonly hosts: readonly Host[];
  readonly models: ModelsByHost;
  readonly rule: IdleRule;
  readonly sort: Sort;
  readonly onSort: (key: SortKey) => void;
  readonly expanded: ReadonlySet<HostId>;
  readonly onToggle: (id: HostId) => void;
  readonly reveal: Reveal | null;
}

interface Item {
  readonly key: string;
  readonly host: Host;
  readonly isDetails: boolean;
}

const noModels: readonly ServedModel[] = [];
const detailsPx = 640;

export const HostTable = memo(function HostTable({ hosts, reveal, expanded, onToggle, ...rest }: Props) {
  const { models, rule, sort, onSort } = rest;
  const words = useWords(gpuWords);
  const items = useMemo(() => itemsOf(hosts, expanded), [hosts, expanded]);
  const keys = useSameList(useMemo(() => items.map(({ key }) => key), [items]));
  const rowPx = useRowPx();
  const virtual = useVirtualRows({
    keys,
    estimatePx: (index) => (items[index]?.isDetails ? detailsPx : rowPx),
  });
  const marked = useReveal(reveal, keys, virtual.scrollTo);
  return (
    <table className="table hosts" aria-rowcount={items.length + 1} {...roles.table}>
      <thead {...roles.group}>
        <tr aria-rowindex={1} {...roles.row}>
          <SortHeader by="host" label={words.host} sort={sort} onSort={onSort} />
          <th scope="col" {...roles.columnHeader}>
            {words.gpus}
          </th>
          <SortHeader by="free" label={words.free} sort={sort} onSort={onSort} />
          <SortHeader
            by="utilisation"
            label={words.utilisation}
            className="number load"
            sort={sort}
            onSort={onSort}
          />
          <SortHeader
            by="memory"
            label={words.memory}
            className="number wide-1"
            sort={sort}
            onSort={onSort}
          />
          <SortHeader
            by="temperature"
            label={words.temperature}
            className="number wide-2"
            sort={sort}
            onSort={onSort}
          />
          <SortHeader by="users" label={words.users} className="wide-3" sort={sort} onSort={onSort} />
          <SortHeader by="models" label={words.models} className="wide-3" sort={sort} onSort={onSort} />
        </tr>
      </thead>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: by keyboard the button in the row does the same */}
      <tbody {...roles.group} {...virtual.bodyProps} onClick={(event) => toggleRow(event, onToggle)}>
        {virtual.rows.map((place) => {
          const item = items[place.index];
          if (item === undefined) return null;
          const { key, host, isDetails } = item;
          const shown = { host, rule, models: models.get(host.id) ?? noModels, ...place };
          return isDetails ? (
            <DetailsRow key={key} measureRef={virtual.measureRef} {...shown} />
          ) : (
            <HostRow
              key={key}
              expanded={expanded.has(host.id)}
              marked={marked === key}
              onToggle={onToggle}
              {...shown}
            />
          );
        })}
      </tbody>
    </table>
  );
});

function itemsOf(hosts: readonly Host[], expanded: ReadonlySet<HostId>): readonly Item[] {
  return hosts.flatMap((host): readonly Item[] => {
    const row = { key: host.id, host, isDetails: false };
    return expanded.has(host.id) ? [row, { key: `${host.id}\ndetails`, host, isDetails: true }] : [row];
  });
}
