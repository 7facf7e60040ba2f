import { useState } from 'react';
import type { Host, IdleRule } from '#common/hosts.ts';
import { Icon } from '../icons/Icon.tsx';
import { useSameRows } from '../list/same-rows.ts';
import { useWords } from '../state/language.ts';
import { FoldableTable } from '../table/FoldableTable.tsx';
import { useTable } from '../table/use-table.ts';
import css from './GpuTable.module.css';
import { gpuTable } from './gpu-columns.tsx';
import { gpuWords } from './words.ts';

interface Props {
  readonly host: Host;
  readonly rule: IdleRule;
}

/** Every GPU of a host, and who is on it; names where they differ, and what few look for when it is asked for. */
export function GpuTable({ host, rule }: Props) {
  const words = useWords(gpuWords);
  const table = useTable(gpuTable);
  const [showsMore, setShowsMore] = useState(false);
  const { id: hostId, measuredAt } = host;
  const rows = useSameRows(
    host.gpus.map((gpu) => ({ hostId, gpu, rule, measuredAt })),
    gpuTable.keyOf,
  );
  const differ = new Set(host.gpus.map(({ name }) => name)).size > 1;
  const hidden = new Set([...(differ ? [] : ['name']), ...(showsMore ? [] : ['details'])]);
  return (
    <div className={css.gpuTablePlace}>
      <FoldableTable table={{ ...table, hidden }} rows={rows} caption={words.gpusOf(host.alias)} />
      <button
        type="button"
        className="expander small dim"
        aria-expanded={showsMore}
        onClick={() => setShowsMore(!showsMore)}
      >
        <Icon name="chevron" />
        {words.moreOfGpus}
      </button>
    </div>
  );
}
