import { memo, type ReactNode } from 'react';
import { Icon } from '../icons/Icon.tsx';
import type { ColumnSort } from '../list/column-sort.ts';
import { useLanguage } from '../state/language.ts';
import { type Column, type TableSpec, titleOf } from './column.ts';
import css from './FoldableTable.module.css';
import { roles } from './table-roles.ts';

interface HeadProps<Row> {
  readonly spec: TableSpec<Row>;
  readonly columns: readonly Column<Row>[];
  readonly sort: ColumnSort | undefined;
  readonly onSort: (key: string) => void;
}

/** The headers of the columns. */
export const TableHead = memo(function TableHead<Row>({ columns, ...rest }: HeadProps<Row>) {
  return (
    <thead {...roles.group}>
      <tr aria-rowindex={1} {...roles.row}>
        {columns.map((column) => (
          <ColumnHeader key={column.key} column={column} {...rest} />
        ))}
      </tr>
    </thead>
  );
}) as <Row>(props: HeadProps<Row>) => ReactNode;

interface Props<Row> extends Omit<HeadProps<Row>, 'columns'> {
  readonly column: Column<Row>;
}

/** The header of a column; one that sorts says which way it does. */
function ColumnHeader<Row>({ spec, column, sort, onSort }: Props<Row>) {
  const { key, hint, order, beside, room } = column;
  const titleIsHidden = column.titleIsHidden || 'ownLine' in room;
  const language = useLanguage();
  const direction = sort?.key === key ? sort.direction : 'none';
  const title = titleOf(spec, key, language);
  const label = titleIsHidden ? <span className="visually-hidden">{title}</span> : title;
  return (
    <th
      scope="col"
      className={cellClass(column)}
      aria-sort={order === undefined ? undefined : direction}
      title={hint && titleOf(spec, hint, language)}
      {...roles.columnHeader}
    >
      {order === undefined ? (
        label
      ) : (
        <button type="button" className={css.sorter} data-direction={direction} onClick={() => onSort(key)}>
          {label}
          <Icon name="caret" />
        </button>
      )}
      {beside}
    </th>
  );
}

const classes = new WeakMap<object, string | undefined>();

/** The class of the cells of a column, its header among them. Made once: a row has many cells. */
export function cellClass<Row>(column: Column<Row>): string | undefined {
  if (classes.has(column)) return classes.get(column);
  const { align, className, room } = column;
  const parts = [
    align !== undefined && 'number',
    align === 'apart' && css.apart,
    'ownLine' in room && css.ownLine,
    className,
  ];
  const made = parts.filter(Boolean).join(' ') || undefined;
  classes.set(column, made);
  return made;
}
