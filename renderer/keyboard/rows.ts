/** Up and down through the rows of a view, whatever is in them. */

import { useEffect } from 'react';

const rowSelector = 'tbody > tr, [data-row]';
const focusable = 'button:not(:disabled), a[href], input:not(:disabled), select:not(:disabled)';

/**
 * Moves the focus to the row above or below for an arrow key, `j` or `k`, onto the same of its controls; answers whether it
 * moved. Arrows scroll as ever until a row has the focus; `j` begins with the first one.
 */
export function moveInRows(main: HTMLElement | null, key: string): boolean {
  const step = key === 'arrowdown' || key === 'j' ? 1 : key === 'arrowup' || key === 'k' ? -1 : 0;
  if (main === null || step === 0) return false;
  const rows = rowsIn(main);
  const { activeElement } = document;
  const current = rows.findIndex((row) => row.contains(activeElement));
  if (current < 0 && key.startsWith('arrow')) return false;
  const next = rows[current < 0 ? 0 : current + step];
  if (next === undefined) return false;
  const column = activeElement instanceof HTMLElement ? controls(rows[current]).indexOf(activeElement) : 0;
  const target = controlAt(next, column);
  target?.focus();
  target?.scrollIntoView({ block: 'nearest' });
  return target !== undefined;
}

/**
 * Keeps the focus in the page: what has it may go with any change of the state, also by what it did. The focus goes to what stands
 * in its place then: in its row, in the row that has moved up, else the view.
 */
export function useKeptFocus(main: React.RefObject<HTMLElement | null>): void {
  useEffect(() => {
    let last: FocusPlace | null = null;
    const onFocusIn = ({ target }: FocusEvent) => {
      last = target instanceof HTMLElement ? placeOf(target) : null;
    };
    const observer = new MutationObserver(() => {
      if (last === null || last.element.isConnected || document.activeElement !== document.body) return;
      const { list, row, control } = last;
      const rows = list?.isConnected ? rowsIn(list) : [];
      const target = controlAt(rows[Math.min(row, rows.length - 1)], control) ?? main.current;
      target?.focus({ preventScroll: true });
    });
    document.addEventListener('focusin', onFocusIn);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener('focusin', onFocusIn);
      observer.disconnect();
    };
  }, [main]);
}

/** What has the focus, with its list, where it is in a row: which row, and which of its controls. */
interface FocusPlace {
  readonly element: HTMLElement;
  readonly list: HTMLElement | null;
  readonly row: number;
  readonly control: number;
}

function placeOf(element: HTMLElement): FocusPlace {
  const row = element.closest<HTMLElement>(rowSelector);
  const list = row?.parentElement ?? null;
  return {
    element,
    list,
    row: row === null || list === null ? -1 : rowsIn(list).indexOf(row),
    control: controls(row).indexOf(element),
  };
}

function rowsIn(place: HTMLElement): readonly HTMLElement[] {
  return [...place.querySelectorAll<HTMLElement>(rowSelector)].filter((row) => controls(row).length > 0);
}

function controls(row: HTMLElement | null | undefined): readonly HTMLElement[] {
  return [...(row?.querySelectorAll<HTMLElement>(focusable) ?? [])];
}

/** That of its controls, or its last one. */
function controlAt(row: HTMLElement | undefined, index: number): HTMLElement | undefined {
  const all = controls(row);
  return all[Math.min(Math.max(0, index), all.length - 1)];
}
