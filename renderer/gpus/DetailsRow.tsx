import { memo } from 'react';
import type { Host, IdleRule } from '#common/model.ts';
import { roles } from '../components/table-roles.ts';
import type { ServedModel } from '../lib/models.ts';
import { HostDetails } from './HostDetails.tsx';

interface Props {
  readonly host: Host;
  readonly rule: IdleRule;
  readonly models: readonly ServedModel[];
  readonly index: number;
  readonly topPx: number | undefined;
  readonly measureRef: ((row: HTMLElement | null) => void) | undefined;
}

/** The id of what a host's row unfolds, for its button. */
export function detailsId(hostId: string): string {
  return `details-${encodeURIComponent(hostId)}`;
}

export const DetailsRow = memo(function DetailsRow({ host, rule, models, index, topPx, measureRef }: Props) {
  return (
    <tr
      ref={measureRef}
      className="details-row"
      id={detailsId(host.id)}
      style={{ top: topPx }}
      data-index={index}
      aria-rowindex={index + 2}
      {...roles.row}
    >
      <td colSpan={8} {...roles.cell}>
        <HostDetails host={host} rule={rule} models={models} />
      </td>
    </tr>
  );
});
