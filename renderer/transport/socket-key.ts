/**
 * The key to the app's socket. The page at the printed address has it in its text; it is kept for this tab and this
 * origin, port included, and so reaches no other server of this computer, as a cookie would.
 */

import { browserSocket } from '#common/browser-socket.ts';

export interface SocketKey {
  /** Null while this page has none: it was not opened by the printed address. */
  current(): string | null;
}

const name = browserSocket.keyName;

/**
 * Takes the key out of the page, and the token out of its address. Pages of the same origin hand each other the key: one
 * that was opened from another has none of its own, and the one of an app that was started anew is older than its key.
 */
export function takeSocketKey(page: Window): SocketKey {
  const given = page.document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? null;
  let key = given ?? page.sessionStorage.getItem(name);
  const keep = (next: string): void => {
    key = next;
    page.sessionStorage.setItem(name, next);
  };

  const siblings = new BroadcastChannel(name);
  siblings.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'string') keep(data);
    else if (key !== null) siblings.postMessage(key);
  });
  if (given !== null) {
    keep(given);
    const { pathname, hash } = page.location;
    page.history.replaceState(page.history.state, '', `${pathname}${hash}`);
    siblings.postMessage(given);
  } else if (key === null) siblings.postMessage(null);
  return { current: () => key };
}
