import { useEffect, useRef, useState } from 'react';
import type { Notice } from '#common/notices.ts';
import { noticeText } from '#common/words/notices.ts';
import { languageOf } from '../state/language.ts';
import { useAppState, useServices } from '../state/services.ts';
import { notify, permissionOf } from './page-notifications.ts';

const none: readonly Notice[] = [];

/** Lets the browser tell of what happens from now on, where the settings and the person want it. */
export function usePageNotifications(): void {
  const { face, store } = useServices();
  const notices = useAppState(({ snapshot }) => snapshot?.notices);
  const known = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    const { snapshot } = store.get();
    if (notices === undefined || snapshot === null) return;
    const before = known.current;
    known.current = new Set(notices.map(({ id }) => id));
    const isWanted = face === 'browser' && snapshot.settings.notifications.enabled;
    // What happened before the page was there is no news.
    if (before === null || !isWanted || permissionOf(window) !== 'granted') return;
    const language = languageOf(store.get(), window);
    for (const notice of notices)
      if (!before.has(notice.id)) notify(notice, noticeText(notice, snapshot, language));
  }, [notices, face, store]);
}

export interface BellState {
  /** Newest first. */
  readonly notices: readonly Notice[];
  /** How many of them have come since the list was last looked at. */
  readonly unseen: number;
  readonly onSeen: () => void;
}

export function useBell(): BellState {
  const notices = useAppState(({ snapshot }) => snapshot?.notices) ?? none;
  const loaded = useAppState(({ snapshot }) => snapshot !== null);
  const latest = notices.at(-1)?.id ?? '';
  const [seen, setSeen] = useState<string | null>(null);
  if (loaded && seen === null) setSeen(latest);
  const place = notices.findIndex(({ id }) => id === seen);
  return {
    notices: notices.toReversed(),
    unseen: seen === null ? 0 : notices.length - 1 - place,
    onSeen: () => setSeen(latest),
  };
}
