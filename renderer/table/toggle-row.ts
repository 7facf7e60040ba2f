import type { MouseEvent } from 'react';

/**
 * For the body of a table whose rows unfold and carry `data-expanded` and `data-key`: a press anywhere in a row calls
 * `onToggle` with its key, but not on its own buttons and links, and not while text is being selected.
 */
export function toggleRow({ target }: MouseEvent, onToggle: (key: string) => void): void {
  if (!(target instanceof Element) || target.closest('a, button, input, [role="menu"], dialog') !== null)
    return;
  const key = target.closest<HTMLElement>('[data-expanded]')?.dataset.key;
  if (key !== undefined && window.getSelection()?.isCollapsed !== false) onToggle(key);
}
