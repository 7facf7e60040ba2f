import type { ReactNode } from 'react';
import type { Column, TableSpec } from './column.ts';
import { DetailsRow } from './DetailsRow.tsx';
import type { Fold } from './FoldableTable.tsx';
import type { FoldableItem, RowGroups } from './foldable-rows.ts';
import { GroupRow } from './GroupRow.tsx';
import { TableRow } from './TableRow.tsx';
import type { VirtualRow, VirtualRows } from './virtual-rows.ts';

/** What all rows of a table are made with. */
export interface AnyRow<Row> {
  readonly spec: TableSpec<Row>;
  readonly columns: readonly Column<Row>[];
  /** Those for which the table is too narrow. */
  readonly below: readonly Column<Row>[];
  readonly fold: Fold<Row> | undefined;
  readonly onToggle: (key: string) => void;
  readonly groups: RowGroups<Row> | undefined;
  /** The key of the row that the address asked for. */
  readonly marked: string | null;
  readonly measureRef: VirtualRows['measureRef'];
}

/** A row of a table, what it unfolds, or the line above a group. No component: it would render with every scroll. */
export function anyRow<Row extends object>(
  item: FoldableItem<Row>,
  place: VirtualRow,
  parts: AnyRow<Row>,
): ReactNode {
  const { spec, columns, fold, onToggle, groups, measureRef } = parts;
  if (item.kind === 'group')
    return (
      <GroupRow
        key={item.key}
        group={item.group}
        columns={columns.length}
        onToggle={(key) => groups?.onToggle(key)}
        {...place}
      />
    );
  const { key, row } = item;
  if (item.kind === 'details')
    return (
      <DetailsRow
        key={key}
        rowKey={spec.keyOf(row)}
        columns={columns.length}
        measureRef={measureRef}
        {...place}
      >
        {fold?.details(row)}
      </DetailsRow>
    );
  return (
    <TableRow
      key={key}
      spec={spec}
      row={row}
      columns={columns}
      below={parts.below}
      expanded={fold === undefined ? null : fold.expanded.has(key)}
      marked={parts.marked === key}
      onToggle={onToggle}
      measureRef={spec.rowsAreAlike ? undefined : measureRef}
      {...place}
    />
  );
}
