import { memo } from 'react';
import type { Host, HostId, IdleRule } from '#common/model.ts';
import { DetailsRow } from '../components/DetailsRow.tsx';
import { useFoldableRows } from '../components/foldable-rows.ts';
import { SortHeader } from '../components/SortHeader.tsx';
import { roles } from '../components/table-roles.ts';
import { toggleRow } from '../components/toggle-row.ts';
import type { ModelsByHost, ServedModel } from '../lib/models.ts';
import type { Sort, SortKey } from '../lib/sort.ts';
import { useWords } from '../state/language.ts';
import type { Reveal } from '../state/use-reveal.ts';
import { HostDetails } from './HostDetails.tsx';
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

const noModels: readonly ServedModel[] = [];
const detailsPx = 640;
const keyOf = ({ id }: Host) => id;

export const HostTable = memo(function HostTable({ hosts, reveal, expanded, onToggle, ...rest }: Props) {
  const { models, rule, sort, onSort } = rest;
  const words = useWords(gpuWords);
  const { items, virtual, marked } = useFoldableRows({ rows: hosts, keyOf, expanded, detailsPx, reveal });
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
          const { key, row: host, isDetails } = item;
          const shown = { host, rule, models: models.get(host.id) ?? noModels };
          return isDetails ? (
            <DetailsRow key={key} rowKey={host.id} columns={8} measureRef={virtual.measureRef} {...place}>
              <HostDetails {...shown} />
            </DetailsRow>
          ) : (
            <HostRow
              key={key}
              {...shown}
              {...place}
              expanded={expanded.has(key)}
              marked={marked === key}
              onToggle={onToggle}
            />
          );
        })}
      </tbody>
    </table>
  );
});
