/** As much of a log as is shown, in letters. */
export const mostLogLetters = 65_536;

/** A log with what has come to it, cut at the front where a line begins. */
export function joinLog(before: string, part: string): string {
  const whole = before + part;
  if (whole.length <= mostLogLetters) return whole;
  const tail = whole.slice(-mostLogLetters);
  return tail.slice(tail.indexOf('\n') + 1);
}
