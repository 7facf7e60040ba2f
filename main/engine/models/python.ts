/** Values of Python that a server has written as text. Pure. */

/** Whether the text is what `str(None)` gives. */
export function isNone(text: string): boolean {
  return text.trim() === 'None';
}
