import { roles } from '../components/table-roles.ts';
import { Icon } from '../icons/Icon.tsx';
import type { Sort, SortKey } from '../lib/sort.ts';

interface Props {
  readonly by: SortKey;
  readonly label: string;
  readonly className?: string;
  readonly sort: Sort;
  readonly onSort: (key: SortKey) => void;
}

/** A column's header that sorts by it, and says so. */
export function SortHeader({ by, label, className, sort, onSort }: Props) {
  const direction = sort.key === by ? sort.direction : 'none';
  return (
    <th scope="col" className={className} aria-sort={direction} {...roles.columnHeader}>
      <button type="button" className="sorter" data-direction={direction} onClick={() => onSort(by)}>
        {label}
        <Icon name="caret" />
      </button>
    </th>
  );
}
