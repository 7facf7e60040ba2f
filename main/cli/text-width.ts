/** How many cells of a terminal a text takes. */

import { cutEnd } from '#common/cut.ts';

const segmenter = new Intl.Segmenter();

// Marks, joiners and other characters that are drawn over or into their neighbours.
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

// East Asian Wide and Fullwidth blocks (Unicode Standard Annex 11), and what is drawn as a picture.
const doubleWidth =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

// A fast path for what nearly all texts are: a cell for each code unit. Latin, Cyrillic, dashes, arrows, lines and blocks.
const oneCellEach =
  /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u0400-\u0482\u048a-\u052f\u2010-\u2027\u2190-\u21ff\u2500-\u259f]*$/;

// What a terminal obeys, and what reorders a line or hides in it.
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/**
 * The text on one line, without what cannot be seen. What hosts and model servers send has none of it, but an SSH configuration may
 * have some, and the terminal face is the last to pass it on.
 */
export function visible(text: string): string {
  return oneCellEach.test(text) ? text : text.replace(unseen, ' ');
}

export function textWidth(text: string): number {
  if (oneCellEach.test(text)) return text.length;
  return graphemes(text).reduce((width, grapheme) => width + graphemeWidth(grapheme), 0);
}

/** Cuts a sentence to at most `width` cells, if there is a limit; the last one is an ellipsis where something was cut. */
export function cutToWidth(text: string, width: number | null): string {
  return width === null ? text : cutEnd(text, width, textWidth);
}

/** The text in lines of at most `width` cells, broken between words; a word that is longer than a line is cut. */
export function wrapToWidth(text: string, width: number | null): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && (width === null || textWidth(longer) <= width)) lines[lines.length - 1] = longer;
    else lines.push(cutToWidth(word, width));
  }
  return lines;
}

function graphemes(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function graphemeWidth(grapheme: string): number {
  if (zeroWidth.test(grapheme)) return 0;
  return doubleWidth.test(grapheme) ? 2 : 1;
}
