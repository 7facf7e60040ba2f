import { useState } from 'react';

/** `--row` of tokens.css. */
const rowRem = 2.75;

/** The height of a row of the style sheet in pixels. */
export function useRowPx(): number {
  return rowRem * useRemPx();
}

/** A rem in pixels, read once per component: asking makes the browser work out the styles. */
export function useRemPx(): number {
  const [remPx] = useState(
    () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16,
  );
  return remPx;
}
