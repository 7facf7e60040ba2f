import type { Formats } from '#common/format.ts';
import type { ScanState } from '#common/snapshot.ts';
import { ProgressBar } from '../components/ProgressBar.tsx';
import { Icon } from '../icons/Icon.tsx';
import { donePct } from '../lib/format.ts';
import { frameWords } from '../lib/frame-words.ts';
import { useFormats, useWords } from '../state/language.ts';
import { useAppState } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { useNow } from '../state/use-now.ts';
import css from './ScanBar.module.css';

const notYet: ScanState = { kind: 'never' };

export function ScanBar() {
  const scan = useAppState(({ snapshot }) => snapshot?.scan) ?? notYet;
  const loaded = useAppState(({ snapshot }) => snapshot !== null);
  const call = useCall();
  const words = useWords(frameWords);
  const formats = useFormats();
  const text = !loaded || scan.kind === 'running' ? '' : outcome(scan, words, formats);
  return (
    <section className={css.scan} aria-label={words.scan} data-scan={scan.kind}>
      {scan.kind === 'running' ? <Running scan={scan} /> : <p className={css.text}>{text}</p>}
      {scan.kind === 'running' ? (
        <button type="button" className={`button ${css.button}`} onClick={() => void call('scan.cancel', {})}>
          <Icon name="stop" />
          {words.cancel}
        </button>
      ) : (
        <button
          type="button"
          className={`button ${css.button}`}
          title={text}
          disabled={!loaded || scan.kind === 'never'}
          onClick={() => void call('scan.start', {})}
        >
          <Icon name="rescan" />
          {words.rescan}
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
  const text = `${words.scanning(scan.done, scan.total)} · ${formats.elapsed(now - scan.startedAt)}`;
  return (
    <>
      <p className={css.text}>{text}</p>
      <ProgressBar className={css.progress} label={words.scan} value={pct} max={100} />
      <b className={css.pct} title={text}>
        {formats.pct(pct)}
      </b>
    </>
  );
}

function outcome(
  scan: Exclude<ScanState, { kind: 'running' }>,
  words: (typeof frameWords)['en'],
  formats: Formats,
): string {
  // It begins with the window.
  if (scan.kind === 'never') return '';
  const at = formats.clock(scan.finishedAt);
  if (scan.kind === 'cancelled') return words.scanCancelled(scan.done, scan.total, at);
  return words.scanned(scan.total, formats.elapsed(scan.finishedAt - scan.startedAt), at);
}
