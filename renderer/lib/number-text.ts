/** Numbers in fields: as people write them, in the unit that suits them. */

import type { Language } from '#common/language.ts';
import type { NumberRange } from '#common/settings-form.ts';

export interface NumberForm {
  /** Of the stored number. */
  readonly range: NumberRange;
  /** How many of the stored unit are one of the shown unit: 1000 for milliseconds shown as seconds. */
  readonly factor: number;
}

/** The stored number that the text says; null where it says none, or one that is not allowed. A comma may stand for the point. */
export function readNumber(text: string, { range, factor }: NumberForm): number | null {
  const plain = text.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.');
  if (!/^\d{1,12}(?:\.\d{1,6})?$/.test(plain)) return null;
  const value = Number(plain) * factor;
  // 0.3 * 1000 is not quite 300.
  const rounded = Math.round(value * 1e6) / 1e6;
  if (range.whole && !Number.isInteger(rounded)) return null;
  return rounded >= range.from && rounded <= range.to ? rounded : null;
}

/** The text for a stored number, without separators of thousands. */
export function writeNumber(value: number, factor: number, language: Language): string {
  return new Intl.NumberFormat(language, { useGrouping: false, maximumFractionDigits: 6 }).format(
    value / factor,
  );
}

/** A port of a list, or null. */
export function readPort(text: string): number | null {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}
