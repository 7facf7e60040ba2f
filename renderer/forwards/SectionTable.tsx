import type { ReactNode } from 'react';
import { roles } from '../components/table-roles.ts';
import { useWords } from '../state/language.ts';
import { sectionWords } from './section-words.ts';

export interface Column {
  readonly title: string;
  /** The class of one that goes first where the window is narrow. */
  readonly className?: 'wide-1' | 'wide-2';
}

interface Props {
  readonly className: string;
  readonly columns: readonly Column[];
  /** The rows, each ending with a cell of actions. */
  readonly children: ReactNode;
}

export function SectionTable({ className, columns, children }: Props) {
  const words = useWords(sectionWords);
  return (
    <table className={`table ${className}`} {...roles.table}>
      <thead {...roles.group}>
        <tr {...roles.row}>
          {columns.map(({ title, className: hiding }) => (
            <th key={title} scope="col" className={hiding} {...roles.columnHeader}>
              {title}
            </th>
          ))}
          <th scope="col" {...roles.columnHeader}>
            <span className="visually-hidden">{words.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody {...roles.group}>{children}</tbody>
    </table>
  );
}
