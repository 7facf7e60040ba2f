import { memo } from 'react';
import type { Forward } from '#common/forwards.ts';
import { roles } from '../components/table-roles.ts';
import { ForwardDetails } from './ForwardDetails.tsx';

interface Props {
  readonly forward: Forward;
  readonly index: number;
  readonly topPx: number | undefined;
  readonly measureRef: ((row: HTMLElement | null) => void) | undefined;
}

/** The id of what a forward's row unfolds, for its button. */
export function forwardDetailsId(id: string): string {
  return `forward-details-${encodeURIComponent(id)}`;
}

export const ForwardDetailsRow = memo(function ForwardDetailsRow(props: Props) {
  const { forward, index, topPx, measureRef } = props;
  return (
    <tr
      ref={measureRef}
      className="details-row"
      style={{ top: topPx }}
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
