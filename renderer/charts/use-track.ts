import { useCallback, useSyncExternalStore } from 'react';
import type { Track } from '#common/history.ts';
import { useServices } from '../state/services.ts';
import type { Span } from '../state/track.ts';

/** The track of a host or server, kept current while the component is there; undefined before the first answer. */
export function useTrack(id: string, span: Span): Track | undefined {
  const { history } = useServices();
  const watch = useCallback((listener: () => void) => history.watch(id, span, listener), [history, id, span]);
  return useSyncExternalStore(watch, () => history.get(id));
}
