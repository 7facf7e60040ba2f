import type { Forward } from '#common/forwards.ts';
import { isLive, type Launch } from '#common/launches.ts';
import { Name } from '../components/Name.tsx';
import { useFormats, useWords } from '../state/language.ts';
import { useNow } from '../state/use-now.ts';
import type { TableSpec, TextKey } from '../table/column.ts';
import css from './columns.module.css';
import { LaunchActions } from './LaunchActions.tsx';
import { StageCell } from './StageCell.tsx';
import { launchesWords } from './words.ts';

export interface LaunchRow {
  readonly launch: Launch;
  /** Of its port; null where none is open. */
  readonly forward: Forward | null;
}

/** Launches: what, where, how far, and how long still. */
export const launchTable: TableSpec<LaunchRow, TextKey<(typeof launchesWords)['en']>> = {
  words: launchesWords,
  name: 'launches',
  keyOf: ({ launch }) => launch.id,
  rowData: ({ launch }) => ({ 'data-live': isLive(launch) }),
  columns: [
    {
      key: 'model',
      isHead: true,
      room: { least: 18, text: ({ launch: { model, name } }) => model ?? name },
      cell: ({ launch }) => <Model launch={launch} />,
      hover: ({ launch: { model, name } }) => `${model ?? ''} ${name}`.trim(),
    },
    {
      key: 'host',
      room: { least: 10, text: ({ launch: { hostId, remotePort } }) => `${hostId}:${remotePort}` },
      cell: ({ launch: { hostId, remotePort } }) => <Name name={`${hostId}:${remotePort}`} />,
    },
    {
      key: 'stage',
      room: { least: 34, text: () => '' },
      cell: ({ launch }) => <StageCell launch={launch} />,
    },
    {
      key: 'left',
      hint: 'leftHint',
      fromRem: 44,
      room: { rem: 5.5 },
      cell: ({ launch }) => <TimeLeft launch={launch} />,
    },
    {
      key: 'actions',
      titleIsHidden: true,
      className: css.actions,
      room: { rem: 13 },
      cell: (row) => <LaunchActions row={row} />,
    },
  ],
};

function Model({ launch: { model, name } }: { readonly launch: Launch }) {
  const words = useWords(launchesWords);
  return (
    <span className={css.model}>
      {model === null ? <span className="cut">{words.unknownModel}</span> : <Name name={model} />}
      <span className="subline cut" title={name}>
        {name}
      </span>
    </span>
  );
}

/** Renewed while it runs down. */
function TimeLeft({ launch }: { readonly launch: Launch }) {
  const { endsAt } = launch;
  const words = useWords(launchesWords);
  const { age } = useFormats();
  const runsDown = isLive(launch) && endsAt !== null;
  const now = useNow(runsDown);
  if (!isLive(launch)) return '–';
  return endsAt === null ? <span className="dim">{words.noEnd}</span> : age(Math.max(0, endsAt - now));
}
