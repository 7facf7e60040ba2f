import { memo } from 'react';
import type { Forward } from '#common/forwards.ts';
import { roles } from '../components/table-roles.ts';
import { ForwardDetails } from './ForwardDetails.tsx';

interface Props {
  readonly forward: Forward;
  readonly index: number;
  readonly rowRef: ((row: HTMLElement | null) => void) | undefined;
}

/** The id of what a forward's row unfolds, for its button. */
export function forwardDetailsId(id: string): string {
  return `forward-details-${encodeURIComponent(id)}`;
}

export const ForwardDetailsRow = memo(function ForwardDetailsRow({ forward, index, rowRef }: Props) {
  return (
    <tr
      ref={rowRef}
      className="details-row"
      id={forwardDetailsId(forward.id)}
      data-index={index}
      aria-rowindex={index + 2}
      {...roles.row}
    >
      <td colSpan={10} {...roles.cell}>
        <ForwardDetails forward={forward} />
      </td>
    </tr>
  );
});
