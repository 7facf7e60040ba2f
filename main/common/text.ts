/** Text from outside is hostile: bounded in length, without control characters and without marks that reorder it. */

// Controls, format characters (zero-width and bidirectional marks, U+061C among them, tags, the byte order mark), line and
// paragraph separators, and whatever else is drawn as nothing, except for the style of an emoji: what cannot be seen must
// not tell two names apart.
const unsafe = /(?:[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?![\ufe00-\ufe0f])\p{DI})+/gu;
// A terminal escape sequence goes as a whole, so that no "[31m" stays behind.
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/g;

/** Most names and numbers: nothing in them is unsafe, a blank at an end, or of another script. */
const harmless = /^[!-~]+(?: [!-~]+)*$/;

/**
 * Returns `raw` on one line, trimmed, with runs of unsafe characters replaced by one space, at most `maxLength`
 * UTF-16 units long (the last one an ellipsis where it was cut).
 */
export function plainText(raw: string, maxLength = 200): string {
  if (raw.length <= maxLength && harmless.test(raw)) return raw;
  // Cut before cleaning, so that 10 MB of garbage cost no more than a line of it.
  const head = raw.length > maxLength * 4 ? raw.slice(0, maxLength * 4) : raw;
  const clean = head.replace(escapes, '').replace(unsafe, ' ').trim();
  if (clean.length <= maxLength && head.length === raw.length) return clean;
  return `${clean.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The same for a text of several lines: its line feeds stay, and nothing is trimmed or marked as cut. */
export function plainBlock(raw: string, maxLength: number): string {
  const head = raw.slice(0, Math.max(0, maxLength)).replace(escapes, '');
  return head
    .replaceAll('\r\n', '\n')
    .replace(unsafe, (run) => (run.includes('\n') ? '\n'.repeat(run.split('\n').length - 1) : ' '));
}

/**
 * The same text, without the page it was cut from: V8 lets a part of a string share the memory of the whole, so that a
 * name that is kept would keep all of it.
 */
export function cutLoose(text: string): string {
  return `${text} `.slice(0, -1);
}

/**
 * One word for a shell that a person pastes into: the same in bash, zsh, dash, fish and tcsh. Quotes hold everything but a
 * backslash, which fish takes for an escape there, and an exclamation mark, which tcsh takes for its history: those stand
 * outside, escaped. zsh takes a word that begins with `=` for the path of a program. Aliases come from a file and end up on a
 * clipboard.
 */
export function shellWord(word: string): string {
  if (/^(?!=)[\w@%+=:,./-]+$/.test(word)) return word;
  const parts = word.match(/[\\'!]+|[^\\'!]+/g) ?? [''];
  return parts.map((part) => (/^[\\'!]/.test(part) ? part.replace(/./g, '\\$&') : `'${part}'`)).join('');
}

/** An address and a port as URLs, the Host header and `ssh -L` and `-W` write them: `127.0.0.1:8000`, `[::1]:8000`. */
export function authorityOf(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
