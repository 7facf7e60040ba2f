import type { Formats } from '#common/format.ts';
import type { ScanState } from '#common/model.ts';
import { Icon } from '../icons/Icon.tsx';
import { donePct } from '../lib/format.ts';
import { useFormats, useWords } from '../state/language.ts';
import { useActions, useAppState } from '../state/services.ts';
import { useNow } from '../state/use-now.ts';
import { frameWords } from './words.ts';

const notYet: ScanState = { kind: 'never' };

export function ScanBar() {
  const scan = useAppState(({ snapshot }) => snapshot?.scan) ?? notYet;
  const loaded = useAppState(({ snapshot }) => snapshot !== null);
  const actions = useActions();
  const words = useWords(frameWords);
  const formats = useFormats();
  return (
    <section className="scan" aria-label={words.scan}>
      {scan.kind === 'running' ? (
        <Running scan={scan} />
      ) : (
        <p className="scan-text">{loaded && outcome(scan, words, formats)}</p>
      )}
      {scan.kind === 'running' ? (
        <button type="button" className="button scan-button" onClick={() => void actions.cancelScan()}>
          <Icon name="stop" />
          {words.cancel}
        </button>
      ) : (
        <button
          type="button"
          className="button scan-button"
          disabled={!loaded}
          onClick={() => void actions.scan()}
        >
          <Icon name="rescan" />
          {loaded && scan.kind === 'never' ? words.scan : words.rescan}
        </button>
      )}
    </section>
  );
}

function Running({ scan }: { readonly scan: Extract<ScanState, { kind: 'running' }> }) {
  const now = useNow(true);
  const pct = donePct(scan);
  const words = useWords(frameWords);
  const formats = useFormats();
  return (
    <>
      <p className="scan-text">
        {`${words.scanning(scan.done, scan.total)} · ${formats.elapsed(now - scan.startedAt)}`}
      </p>
      <progress className="scan-progress" aria-label={words.scan} value={pct} max={100} />
      <b className="scan-pct">{formats.pct(pct)}</b>
    </>
  );
}

function outcome(
  scan: Exclude<ScanState, { kind: 'running' }>,
  words: (typeof frameWords)['en'],
  formats: Formats,
): string {
  if (scan.kind === 'never') return words.notScanned;
  const at = formats.clock(scan.finishedAt);
  if (scan.kind === 'cancelled') return words.scanCancelled(scan.done, scan.total, at);
  return words.scanned(scan.total, formats.elapsed(scan.finishedAt - scan.startedAt), at);
}
