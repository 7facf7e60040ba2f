import type { ReactNode } from 'react';
import css from './FoldableTable.module.css';
import { roles } from './table-roles.ts';

interface Props {
  /** Of the row that unfolds it. */
  readonly rowKey: string;
  /** Of the table. */
  readonly columns: number;
  readonly index: number;
  readonly topPx: number | undefined;
  readonly measureRef: ((row: HTMLElement | null) => void) | undefined;
  /** Memoised: the row is rendered with every scroll. */
  readonly children: ReactNode;
}

/** The id of what a row unfolds, for its button. */
export function detailsId(rowKey: string): string {
  return `details-${encodeURIComponent(rowKey)}`;
}

/** What a row of a table unfolds, as wide as the table. */
export function DetailsRow({ rowKey, columns, index, topPx, measureRef, children }: Props) {
  return (
    <tr
      ref={measureRef}
      className={css.detailsRow}
      id={detailsId(rowKey)}
      style={{ top: topPx }}
      data-index={index}
      aria-rowindex={index + 2}
      {...roles.row}
    >
      <td colSpan={columns} {...roles.cell}>
        {children}
      </td>
    </tr>
  );
}
