import { memo, type ReactNode } from 'react';
import { Icon } from '../icons/Icon.tsx';
import { useFormats, useLanguage } from '../state/language.ts';
import type { Column, TableSpec, Writing } from './column.ts';
import { detailsId } from './DetailsRow.tsx';
import css from './FoldableTable.module.css';
import { cellClass } from './TableHead.tsx';
import { roles } from './table-roles.ts';

interface Props<Row> {
  readonly spec: TableSpec<Row>;
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly below: readonly Column<Row>[];
  /** Null: it cannot be unfolded. */
  readonly expanded: boolean | null;
  /** It was asked for by the address. */
  readonly marked: boolean;
  readonly onToggle: (key: string) => void;
  readonly index: number;
  readonly topPx: number | undefined;
  readonly measureRef: ((row: HTMLElement | null) => void) | undefined;
}

/** Renders again only when its own row, the columns or its fold changed: a thousand rows share ten patches a second. */
export const TableRow = memo(function TableRow<Row>(props: Props<Row>) {
  const { spec, row, columns, expanded, index } = props;
  const writing = { language: useLanguage(), formats: useFormats() };
  const key = spec.keyOf(row);
  return (
    <tr
      ref={props.measureRef}
      className={spec.rowClass}
      data-table={spec.name}
      data-alike={spec.rowsAreAlike}
      style={{ top: props.topPx }}
      data-index={index}
      data-key={key}
      data-expanded={expanded ?? undefined}
      data-marked={props.marked}
      aria-rowindex={index + 2}
      {...spec.rowData?.(row)}
      {...roles.row}
    >
      {columns.map((column) => cell(column, props, writing))}
    </tr>
  );
}) as <Row>(props: Props<Row>) => ReactNode;

/** No component of its own: a row has many, and none changes without its row. */
function cell<Row>(
  column: Column<Row>,
  { spec, row, below, expanded, onToggle }: Props<Row>,
  writing: Writing,
): ReactNode {
  const { key, isHead, tone } = column;
  const content = column.cell(row, writing);
  const rowKey = spec.keyOf(row);
  const unfolds = isHead && expanded !== null;
  const Tag = isHead ? 'th' : 'td';
  return (
    <Tag
      key={key}
      scope={isHead ? 'row' : undefined}
      className={tone === undefined ? cellClass(column) : tone(row)}
      title={unfolds ? undefined : column.hover?.(row, writing)}
      {...(isHead ? roles.rowHeader : roles.cell)}
    >
      {unfolds ? (
        <button
          type="button"
          className={`expander ${css.toggle}`}
          aria-expanded={expanded}
          aria-controls={expanded ? detailsId(rowKey) : undefined}
          onClick={() => onToggle(rowKey)}
        >
          <Icon name="chevron" />
          {content}
        </button>
      ) : (
        content
      )}
      {column.below?.(row, writing)}
      {below.map(
        (one) => one.under === key && <Under key={one.key} column={one} row={row} writing={writing} />,
      )}
    </Tag>
  );
}

interface UnderProps<Row> {
  readonly column: Column<Row>;
  readonly row: Row;
  readonly writing: Writing;
}

/** A cell for whose column the table is too narrow. */
function Under<Row>({ column, row, writing }: UnderProps<Row>) {
  return (
    <span className={`subline ${css.under}`} title={column.hover?.(row, writing)}>
      {column.cell(row, writing)}
    </span>
  );
}
