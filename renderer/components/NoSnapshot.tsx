import { errors } from '#common/errors.ts';
import { useAppState, useServices } from '../state/services.ts';
import { EmptyState } from './EmptyState.tsx';

const rows = ['1', '2', '3', '4', '5', '6', '7', '8'];

/** The place of a view before the first Snapshot: rows of the same height, without words or movement. */
export function NoSnapshot() {
  const { store } = useServices();
  const failure = useAppState((state) => (state.link === 'open' ? state.failure : null));
  if (failure !== null) {
    return (
      <EmptyState title={errors[failure].title} action={{ label: 'Try again', onClick: store.reload }}>
        <p>{errors[failure].hint}</p>
      </EmptyState>
    );
  }
  return (
    <div className="skeleton" role="status" aria-label="Loading">
      {rows.map((row) => (
        <div key={row} className="skeleton-row">
          <span className="skeleton-text" />
          <span className="skeleton-text" />
        </div>
      ))}
    </div>
  );
}
