import type { Bridge } from '#common/bridge.ts';

/** Puts the text on the clipboard; resolves to whether it is there. Never rejects. */
export type CopyText = (text: string) => Promise<boolean>;

/** Copies through the desktop app where there is one, else through the browser. */
export function createCopyText(bridge: Bridge, page: Window): CopyText {
  const ways = page.vllmTray === undefined ? [] : [(text: string) => bridge.call('app.copyText', { text })];
  return async (text) => {
    for (const way of [...ways, (plain: string) => page.navigator.clipboard.writeText(plain)]) {
      try {
        await way(text);
        return true;
      } catch {
        // Refused, or not there at all outside a secure context: the next way may work.
      }
    }
    return copySelection(text, page.document);
  };
}

/** The way of old browsers: select the text in an invisible field, then copy the selection. */
function copySelection(text: string, document: Document): boolean {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'visually-hidden';
  field.setAttribute('aria-hidden', 'true');
  document.body.append(field);
  field.select();
  try {
    return document.execCommand('copy');
  } catch {
    // Not every engine has the command; the caller then tells the user.
    return false;
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}
