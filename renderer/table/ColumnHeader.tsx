import { memo, type ReactNode } from 'react';
import { Icon } from '../icons/Icon.tsx';
import type { ColumnSort } from '../list/column-sort.ts';
import { useLanguage } from '../state/language.ts';
import { type Column, type TableSpec, titleOf } from './column.ts';
import css from './FoldableTable.module.css';
import { roles } from './table-roles.ts';

interface Props<Row> {
  readonly spec: TableSpec<Row>;
  readonly column: Column<Row>;
  readonly sort: ColumnSort | undefined;
  readonly onSort: (key: string) => void;
}

/** The header of a column; one that sorts says which way it does. */
export const ColumnHeader = memo(function ColumnHeader<Row>({ spec, column, sort, onSort }: Props<Row>) {
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
}) as <Row>(props: Props<Row>) => ReactNode;

/** The class of the cells of a column, its header among them. */
export function cellClass<Row>({ align, className, room }: Column<Row>): string | undefined {
  const parts = [
    align !== undefined && 'number',
    align === 'apart' && css.apart,
    'ownLine' in room && css.ownLine,
    className,
  ];
  return parts.filter(Boolean).join(' ') || undefined;
}
