import { memo } from 'react';
import type { Model, ModelServer } from '#common/model.ts';
import { roles } from '../components/table-roles.ts';
import { ModelDetails } from './ModelDetails.tsx';

interface Props {
  /** Of the row that it belongs to. */
  readonly id: string;
  readonly alias: string;
  readonly server: ModelServer;
  readonly model: Model | null;
  readonly index: number;
  readonly topPx: number | undefined;
  readonly measureRef: ((row: HTMLElement | null) => void) | undefined;
}

/** The id of what a model's row unfolds, for its button. */
export function modelDetailsId(id: string): string {
  return `details-${encodeURIComponent(id)}`;
}

export const ModelDetailsRow = memo(function ModelDetailsRow(props: Props) {
  const { id, index, topPx, measureRef, ...rest } = props;
  return (
    <tr
      ref={measureRef}
      className="details-row"
      style={{ top: topPx }}
      id={modelDetailsId(id)}
      data-index={index}
      aria-rowindex={index + 2}
      {...roles.row}
    >
      <td colSpan={12} {...roles.cell}>
        <ModelDetails {...rest} />
      </td>
    </tr>
  );
});
