/** Up and down through the rows of a view, whatever is in them. */

const rowSelector = 'tbody > tr, [data-row]';
const focusable = 'button:not(:disabled), a[href], input:not(:disabled), select:not(:disabled)';

/**
 * Moves the focus to the row above or below for an arrow key, `j` or `k`, onto the same of its controls; answers whether it
 * moved. Arrows scroll as ever until a row has the focus; `j` begins with the first one.
 */
export function moveInRows(main: HTMLElement | null, key: string): boolean {
  const step = key === 'arrowdown' || key === 'j' ? 1 : key === 'arrowup' || key === 'k' ? -1 : 0;
  if (main === null || step === 0) return false;
  const rows = [...main.querySelectorAll<HTMLElement>(rowSelector)].filter((row) => controls(row).length > 0);
  const { activeElement } = document;
  const current = rows.findIndex((row) => row.contains(activeElement));
  if (current < 0 && key.startsWith('arrow')) return false;
  const next = rows[current < 0 ? 0 : current + step];
  if (next === undefined) return false;
  const column = activeElement instanceof HTMLElement ? controls(rows[current]).indexOf(activeElement) : 0;
  const targets = controls(next);
  const target = targets[Math.min(Math.max(0, column), targets.length - 1)];
  target?.focus();
  target?.scrollIntoView({ block: 'nearest' });
  return target !== undefined;
}

function controls(row: HTMLElement | undefined): readonly HTMLElement[] {
  return [...(row?.querySelectorAll<HTMLElement>(focusable) ?? [])];
}
