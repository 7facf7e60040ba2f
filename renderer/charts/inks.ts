/** The colours of a canvas, taken from the style sheet: a canvas knows no custom properties, and no `light-dark()`. */

export interface Inks {
  readonly text: string;
  readonly grid: string;
  /** One per series; more series begin again. */
  readonly series: readonly string[];
  /** Whether series also differ by their dashes. */
  readonly dashed: boolean;
  readonly font: string;
}

/** How many colours the style sheet has. */
export const seriesInks = 8;

/** The colour of a series, as a style has it. */
export function inkOf(series: number): string {
  return `var(--series-${series % seriesInks})`;
}

/** Reads them from an element with the ink of texts and grid, and one child per series. */
export function readInks(element: HTMLElement): Inks {
  const style = getComputedStyle(element);
  return {
    text: style.color,
    grid: style.borderTopColor,
    series: [...element.children].map((child) => getComputedStyle(child).color),
    dashed: style.getPropertyValue('--series-dashed').trim() === '1',
    font: `${style.fontSize} ${style.fontFamily}`,
  };
}

const dashes: readonly (readonly number[])[] = [[], [7, 3], [2, 2], [8, 3, 2, 3]];

export function dashOf(series: number, { dashed }: Inks): number[] {
  return dashed ? [...(dashes[series % dashes.length] ?? [])] : [];
}

/** Calls the listener whenever the look of the page changes, until the returned function is called. */
export function onLookChange(listener: () => void): () => void {
  const queries = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)'];
  const lists = queries.map((query) => window.matchMedia(query));
  for (const list of lists) list.addEventListener('change', listener);
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true });
  return () => {
    for (const list of lists) list.removeEventListener('change', listener);
    observer.disconnect();
  };
}
