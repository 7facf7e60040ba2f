import { Icon } from '../icons/Icon.tsx';
import type { ColumnSort } from '../lib/column-sort.ts';
import { roles } from './table-roles.ts';

interface Props<Key extends string> {
  readonly by: Key;
  readonly label: string;
  readonly className?: string;
  /** What the label means. */
  readonly hint?: string;
  readonly sort: ColumnSort<Key>;
  readonly onSort: (key: Key) => void;
  /** What else stands in the header. */
  readonly children?: React.ReactNode;
}

/** A column's header that sorts by it, and says so. */
export function SortHeader<Key extends string>(props: Props<Key>) {
  const { by, label, className, hint, sort, onSort, children } = props;
  const direction = sort.key === by ? sort.direction : 'none';
  return (
    <th scope="col" className={className} aria-sort={direction} title={hint} {...roles.columnHeader}>
      <button type="button" className="sorter" data-direction={direction} onClick={() => onSort(by)}>
        {label}
        <Icon name="caret" />
      </button>
      {children}
    </th>
  );
}
