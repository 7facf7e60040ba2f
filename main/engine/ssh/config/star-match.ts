/** A part of a pattern: any run of units, or a test of one. */
export type StarToken<Unit> = 'star' | ((unit: Unit) => boolean);

/**
 * Whether the tokens match all units, of characters or of bytes, in time linear per star. Greedy with one point to return to: a
 * later star makes an earlier one's choice irrelevant.
 */
export function matchTokens<Unit>(units: ArrayLike<Unit>, tokens: readonly StarToken<Unit>[]): boolean {
  let at = 0;
  let token = 0;
  let afterStar = -1;
  let resumeAt = 0;
  while (at < units.length) {
    const current = tokens[token];
    if (current === 'star') {
      afterStar = ++token;
      resumeAt = at;
    } else if (current?.(units[at] as Unit)) {
      at += 1;
      token += 1;
    } else if (afterStar >= 0) {
      token = afterStar;
      at = ++resumeAt;
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest === 'star');
}
