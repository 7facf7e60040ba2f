import { detailText } from '#common/words/details.ts';
import { errorWords } from '#common/words/states.ts';
import { useFormats, useLanguage } from '../state/language.ts';
import css from './HistoryNote.module.css';
import type { ChartHistory } from './use-history.ts';
import { chartWords } from './words.ts';

/** What is missing from some charts, and why, in one line; there before it says something, because it is announced. */
export function HistoryNote({ note, askAgain }: Pick<ChartHistory, 'note' | 'askAgain'>) {
  const language = useLanguage();
  const words = chartWords[language];
  const { clock } = useFormats();
  const text = (): string => {
    switch (note.kind) {
      case 'none':
        return '';
      case 'reading':
        return words.reading;
      case 'not-read': {
        const { title } = errorWords(note.failure.code, language);
        const detail = detailText(note.failure.detail, language);
        return words.notRead(note.source, detail === '' ? title : `${title} (${detail})`);
      }
      case 'partial':
        return words.partial(note.source, note.detail);
      case 'begins':
        return words.noDataBefore(clock(note.atMs));
    }
  };
  return (
    <div className={css.note} role="status" data-kind={note.kind}>
      <p>{text()}</p>
      {note.kind === 'not-read' && (
        <button type="button" className={`button ${css.again}`} onClick={askAgain}>
          {words.tryAgain}
        </button>
      )}
    </div>
  );
}
