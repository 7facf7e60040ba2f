/** How many cells of a terminal a text takes. */

const segmenter = new Intl.Segmenter();

// Marks, joiners and other characters that are drawn over or into their neighbours.
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

// East Asian Wide and Fullwidth blocks (Unicode Standard Annex 11), and what is drawn as a picture.
const doubleWidth =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

// A fast path for what nearly all texts are.
const plainAscii = /^[\u0020-\u007e]*$/;

export function textWidth(text: string): number {
  if (plainAscii.test(text)) return text.length;
  return graphemes(text).reduce((width, grapheme) => width + graphemeWidth(grapheme), 0);
}

/** Cuts a text to at most `width` cells, if there is a limit; the last one is an ellipsis where something was cut. */
export function cutToWidth(text: string, width: number | null): string {
  if (width === null || textWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const grapheme of graphemes(text)) {
    used += graphemeWidth(grapheme);
    if (used > width - 1) break;
    kept += grapheme;
  }
  return width > 0 ? `${kept}…` : '';
}

function graphemes(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function graphemeWidth(grapheme: string): number {
  if (zeroWidth.test(grapheme)) return 0;
  return doubleWidth.test(grapheme) ? 2 : 1;
}
