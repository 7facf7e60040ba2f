import { useEffect, useId, useState } from 'react';
import { isLive, type Launch } from '#common/launches.ts';
import { forwardFor } from '#common/select/forwards.ts';
import { launchesByRunning } from '#common/select/launches.ts';
import { Action } from '../components/Action.tsx';
import { useExpanded } from '../list/expanded.ts';
import { type Reveal, useRevealRequest } from '../list/reveal.ts';
import { useSameRows } from '../list/same-rows.ts';
import { useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { FoldableTable } from '../table/FoldableTable.tsx';
import { useTable } from '../table/use-table.ts';
import { type LaunchRow, launchTable } from './columns.tsx';
import { LaunchDetails } from './LaunchDetails.tsx';
import css from './LaunchesSection.module.css';
import { launchesWords } from './words.ts';

/** The launches on all hosts, those that run first. Nothing while there is none. */
export function LaunchesSection({ matches }: { readonly matches: (launch: Launch) => boolean }) {
  const snapshot = useSnapshot();
  const { launches } = snapshot;
  const words = useWords(launchesWords);
  const table = useTable(launchTable);
  const id = useId();
  const reveal = useRevealRequest();
  const [expanded, onToggle] = useExpandedFor(reveal, launches);
  const [withEnded, setWithEnded] = useState(false);
  const ended = launches.filter((launch) => !isLive(launch)).length;
  // What has failed is shown until it is old news: a person has to see why.
  const shown = launchesByRunning(snapshot).filter(
    (launch) =>
      matches(launch) &&
      (withEnded || isLive(launch) || launch.id === reveal?.id || launch.stage.kind === 'failed'),
  );
  const rows = useSameRows(
    shown.map(
      (launch): LaunchRow => ({
        launch,
        forward: forwardFor(snapshot, launch.hostId, launch.remotePort),
      }),
    ),
    launchTable.keyOf,
  );
  if (launches.length === 0) return null;
  const hidden = ended - shown.filter((launch) => !isLive(launch)).length;
  return (
    <section className={css.launches} aria-labelledby={id}>
      <div className={css.head}>
        <h2 className={css.title} id={id}>
          {words.launches}
        </h2>
        <p className={css.count}>{words.launchesCount(launches.length - ended, launches.length)}</p>
        {(withEnded || hidden > 0) && (
          <button type="button" className="button" onClick={() => setWithEnded(!withEnded)}>
            {withEnded ? words.hideEnded : words.showEnded(hidden)}
          </button>
        )}
        <LookAgain />
      </div>
      {rows.length > 0 && (
        <FoldableTable
          table={table}
          rows={rows}
          caption={words.launchesWhat}
          reveal={reveal}
          fold={{ expanded, onToggle, details, detailsPx: 420 }}
        />
      )}
    </section>
  );
}

const details = (row: LaunchRow) => <LaunchDetails row={row} />;

/** Those that another computer has started meanwhile, too. */
function LookAgain() {
  const call = useCall();
  const words = useWords(launchesWords);
  return <Action icon="rescan" name={words.lookAgain} onPress={() => void call('launch.refresh', {})} />;
}

/** The row that the address names is unfolded: it was just started, or its notice was pressed. */
function useExpandedFor(reveal: Reveal | null, launches: readonly Launch[]) {
  const [expanded, onToggle] = useExpanded();
  const [shown, setShown] = useState<Reveal | null>(null);
  const isThere = reveal !== null && launches.some(({ id }) => id === reveal.id);
  useEffect(() => {
    if (reveal === null || !isThere || reveal === shown) return;
    setShown(reveal);
    if (!expanded.has(reveal.id)) onToggle(reveal.id);
  }, [reveal, isThere, shown, expanded, onToggle]);
  return [expanded, onToggle] as const;
}
