import { count, formatElapsed, formatPct } from '#common/format.ts';
import type { ScanState } from '#common/model.ts';
import { Icon } from '../icons/Icon.tsx';
import { donePct, formatClock } from '../lib/format.ts';
import { useActions, useAppState } from '../state/services.ts';
import { useNow } from '../state/use-now.ts';

const notYet: ScanState = { kind: 'never' };

export function ScanBar() {
  const scan = useAppState(({ snapshot }) => snapshot?.scan) ?? notYet;
  const loaded = useAppState(({ snapshot }) => snapshot !== null);
  const actions = useActions();
  return (
    <section className="scan" aria-label="Scan">
      {scan.kind === 'running' ? (
        <Running scan={scan} />
      ) : (
        <p className="scan-text">{loaded && outcome(scan)}</p>
      )}
      {scan.kind === 'running' ? (
        <button type="button" className="button scan-button" onClick={() => void actions.cancelScan()}>
          <Icon name="stop" />
          Cancel
        </button>
      ) : (
        <button
          type="button"
          className="button scan-button"
          disabled={!loaded}
          onClick={() => void actions.scan()}
        >
          <Icon name="rescan" />
          {loaded && scan.kind === 'never' ? 'Scan' : 'Rescan'}
        </button>
      )}
    </section>
  );
}

function Running({ scan }: { readonly scan: Extract<ScanState, { kind: 'running' }> }) {
  const now = useNow(true);
  const pct = donePct(scan);
  return (
    <>
      <p className="scan-text">
        {`Scanning, ${scan.done} of ${count(scan.total, 'host')} · ${formatElapsed(now - scan.startedAt)}`}
      </p>
      <progress className="scan-progress" aria-label="Scan" value={pct} max={100} />
      <b className="scan-pct">{formatPct(pct)}</b>
    </>
  );
}

function outcome(scan: Exclude<ScanState, { kind: 'running' }>): string {
  if (scan.kind === 'never') return 'Not scanned yet';
  const at = formatClock(scan.finishedAt);
  if (scan.kind === 'cancelled')
    return `Scan cancelled at ${scan.done} of ${count(scan.total, 'host')}, ${at}`;
  const took = formatElapsed(scan.finishedAt - scan.startedAt);
  return `Scanned ${count(scan.total, 'host')} in ${took}, at ${at}`;
}
