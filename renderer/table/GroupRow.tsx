import { Icon } from '../icons/Icon.tsx';
import css from './FoldableTable.module.css';
import type { RowGroup } from './foldable-rows.ts';
import { roles } from './table-roles.ts';

interface Props {
  readonly group: Pick<RowGroup<unknown>, 'key' | 'title' | 'headline' | 'note' | 'isFolded'>;
  /** Of the table. */
  readonly columns: number;
  readonly index: number;
  readonly topPx: number | undefined;
  readonly onToggle: (key: string) => void;
}

/** The line above the rows of a group, which folds them. */
export function GroupRow({ group, columns, index, topPx, onToggle }: Props) {
  return (
    <tr
      className={css.groupRow}
      data-alike
      data-group={group.key}
      style={{ top: topPx }}
      data-index={index}
      aria-rowindex={index + 2}
      {...roles.row}
    >
      <th scope="rowgroup" colSpan={columns} {...roles.rowHeader}>
        <button
          type="button"
          className={`expander ${css.toggle} ${css.groupToggle}`}
          aria-expanded={!group.isFolded}
          onClick={() => onToggle(group.key)}
        >
          <Icon name="chevron" />
          <span className={`${css.groupTitle} cut`}>{group.title}:</span> {group.headline}{' '}
          <span className="dim">{group.note}</span>
        </button>
      </th>
    </tr>
  );
}
