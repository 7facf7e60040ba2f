type State =
  | { readonly kind: 'idle' }
  /** `next` is the run that begins when `current` is over; null: none was asked for meanwhile. */
  | { readonly kind: 'running'; readonly current: Promise<void>; readonly next: Promise<void> | null };

/**
 * Returns what runs `work` so that no two runs overlap. A run that is under way may have passed by what has changed since:
 * all calls during it share one more run after it. Each call resolves or rejects as the run that began after it.
 */
export function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let state: State = { kind: 'idle' };

  const begin = (): Promise<void> => {
    const current = work().finally(() => {
      if (state.kind === 'running' && state.next === null) state = { kind: 'idle' };
    });
    state = { kind: 'running', current, next: null };
    return current;
  };

  return () => {
    if (state.kind === 'idle') return begin();
    const next = state.next ?? state.current.then(begin, begin);
    state = { ...state, next };
    return next;
  };
}
