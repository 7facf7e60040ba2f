/** Why a GPU tool failed, in the words of its output. Pure; nothing here throws. */

import { plainText } from '#common/text.ts';

/** Said of what runs around a tool, by the dynamic loader (ld.so) or by a shell without the user's locale. */
const around = [
  /^(?:ERROR: )?ld\.so: object .{0,2000}: ignored\.$/,
  /^\S{0,100}: (?:line \d{1,9}: )?warning: setlocale: /,
];

/** Whether the line says nothing of the tool itself. */
export function isAround(line: string): boolean {
  return around.some((one) => one.test(line));
}

/** A rule of the tables that the tools draw for people, or the line with their own version. */
const drawn = /^\s{0,10}(?:[+|][-=]{20}|={20})|\b(?:NVIDIA|AMD)-SMI \d|ROCm System Management Interface/m;
const asTable =
  'it prints a table for people, not the values that were asked for: a wrapper in its place may drop the options';

const mostChars = 10_000;
const warning = /^.{0,300}\.py:\d{1,7}: \w{0,40}Warning: /;
const sounding =
  /error|exception|fail|unable|cannot|can't|denied|not (?:found|loaded|initialized|supported)|no such|unrecognized/i;
const rights = /permission|denied|NO_PERM|not permitted/i;
const groups = /missing the following required groups/i;

/**
 * The sentence that says most about the failure, at most 300 characters: the error in JSON, `{"error": "..."}`, what ended a
 * Python traceback, a line that sounds like an error, or the first line. Empty where nothing was said.
 */
export function reasonIn(text: string): string {
  const bounded =
    text.length > 2 * mostChars ? `${text.slice(0, mostChars)}\n${text.slice(-mostChars)}` : text;
  const inJson = /"error" {0,3}: {0,3}"([^"]{1,300})"/.exec(bounded)?.[1];
  if (inJson !== undefined) return plainText(inJson, 300);
  const lines = linesOf(bounded);
  if (drawn.test(lines.join('\n'))) return asTable;
  const error = endOfTraceback(lines) ?? lines.find((line) => sounding.test(line) && !groups.test(line));
  // Membership in a group is what a missing right comes from, and what a person can change.
  const group =
    error === undefined || rights.test(error) ? lines.find((line) => groups.test(line)) : undefined;
  const reason = group ?? error ?? lines[0] ?? '';
  return /^\s{0,80}(?:\{|\[\s{0,80}(?:\{|$))/.test(reason)
    ? 'its JSON cannot be read'
    : plainText(reason, 300);
}

/** What the tool said: without what is said around it, and without Python's warnings and the code that they quote. */
function linesOf(text: string): readonly string[] {
  const kept: string[] = [];
  let quotes = false;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const quoted = quotes && /^\s/.test(line);
    quotes = warning.test(line);
    if (!quotes && !quoted && line.trim() !== '' && !isAround(line)) kept.push(line);
  }
  return kept;
}

const traceback = /^\s{0,10}Traceback \(most recent call last\):/;

/** The exception after the last traceback, with the lines that belong to it: `SomeException: Error code:`, `34 | ...`. */
function endOfTraceback(lines: readonly string[]): string | undefined {
  const start = lines.findLastIndex((line) => traceback.test(line));
  if (start < 0) return undefined;
  const end = lines.findIndex((line, at) => at > start && /^[A-Za-z_][\w.]{0,200}(?::|$)/.test(line));
  if (end < 0) return undefined;
  const message = lines[end] ?? '';
  return message.endsWith(':') ? `${message} ${(lines[end + 1] ?? '').trim()}` : message;
}
