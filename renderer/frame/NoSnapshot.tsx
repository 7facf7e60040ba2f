import { errorWords } from '#common/words/states.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { frameWords } from '../lib/frame-words.ts';
import { useLanguage } from '../state/language.ts';
import { useView } from '../state/route.ts';
import { useAppState, useServices } from '../state/services.ts';
import css from './NoSnapshot.module.css';

const rows = ['1', '2', '3', '4', '5', '6', '7', '8'];

/** The place of a view before the first Snapshot: rows of the same height, without words or movement. */
export function NoSnapshot() {
  const { store } = useServices();
  const language = useLanguage();
  const words = frameWords[language];
  const view = useView();
  const heading = <h1 className="visually-hidden">{words.views[view]}</h1>;
  const failure = useAppState((state) => (state.link === 'open' ? state.failure : null));
  if (failure !== null) {
    const { title, hint } = errorWords(failure, language);
    return (
      <>
        {heading}
        <EmptyState title={title} action={{ label: words.tryAgain, onClick: store.reload }}>
          <p>{hint}</p>
        </EmptyState>
      </>
    );
  }
  return (
    <>
      {heading}
      <div className={css.skeleton} role="status" aria-label={words.loading}>
        {rows.map((row) => (
          <div key={row} className={css.row}>
            <span className={css.text} />
            <span className={css.text} />
          </div>
        ))}
      </div>
    </>
  );
}
