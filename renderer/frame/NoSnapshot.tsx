import { errorWords } from '#common/words/states.ts';
import { useLanguage } from '../state/language.ts';
import { useAppState, useServices } from '../state/services.ts';
import { EmptyState } from './EmptyState.tsx';
import { frameWords } from './words.ts';

const rows = ['1', '2', '3', '4', '5', '6', '7', '8'];

/** The place of a view before the first Snapshot: rows of the same height, without words or movement. */
export function NoSnapshot() {
  const { store } = useServices();
  const language = useLanguage();
  const words = frameWords[language];
  const failure = useAppState((state) => (state.link === 'open' ? state.failure : null));
  if (failure !== null) {
    const { title, hint } = errorWords(failure, language);
    return (
      <EmptyState title={title} action={{ label: words.tryAgain, onClick: store.reload }}>
        <p>{hint}</p>
      </EmptyState>
    );
  }
  return (
    <div className="skeleton" role="status" aria-label={words.loading}>
      {rows.map((row) => (
        <div key={row} className="skeleton-row">
          <span className="skeleton-text" />
          <span className="skeleton-text" />
        </div>
      ))}
    </div>
  );
}
