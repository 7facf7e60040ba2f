/** One line of an ssh_config file, cut as OpenSSH cuts it (readconf.c and argv_split in misc.c). */

export interface Directive {
  /** In lower case: keywords do not depend on case. */
  readonly keyword: string;
  /** All that follows the keyword and its separator, quotes still in it. */
  readonly rest: string;
}

/** The directive of a line, or null for an empty line and a comment. */
export function splitDirective(line: string): Directive | null {
  // One `=` before the keyword counts as a blank: strdelim finds an empty word, and ssh takes the next.
  const parts = /^[ \t\r\f]*(?:=[ \t\r\f]*)?"?([^ \t\r\f"=#][^ \t\r\f"=]*)"?[ \t\r\f]*=?[ \t\r\f]*/.exec(
    line,
  );
  if (parts === null) return null;
  return { keyword: (parts[1] ?? '').toLowerCase(), rest: trimEnd(line.slice(parts[0].length)) };
}

/** What a comment `# group: NAME` names, which groups the hosts of the block below it; null for any other line. */
export function splitGroupComment(line: string): string | null {
  const [, name = ''] = /^#+[ \t]*group[ \t]*:(.*)$/i.exec(line.trim()) ?? [];
  return name.trim() === '' ? null : name.trim();
}

/** By hand: a regular expression takes a time that grows with the square of a run of blanks within the line. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && ' \t\r\f'.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/**
 * The arguments in `rest`: separated by blanks, either kind of quotes, `\"`, `\'`, `\\` and (outside quotes) `\ `
 * escaped, a word that begins with `#` starting a comment. Null when a quote is not closed.
 */
export function splitArguments(rest: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < rest.length; at += 1) {
    const char = rest.charAt(at);
    const next = rest.charAt(at + 1);
    const blank = char === ' ' || char === '\t';
    if (word === null && blank) continue;
    if (word === null && char === '#') break;
    word ??= '';
    if (char === '\\' && (/["'\\]/.test(next) || (next === ' ' && quote === ''))) {
      word += next;
      at += 1;
    } else if (quote === '' && blank) {
      words.push(word);
      word = null;
    } else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
    else word += char;
  }
  if (quote !== '') return null;
  return word === null ? words : [...words, word];
}

/**
 * The words of a Match line, which ssh cuts in another way than all others (strdelim in misc.c): at blanks or one `=`; a
 * double quote begins a part that ends the word where it closes, and nothing is escaped. Null when a quote is not closed.
 */
export function splitCriteria(rest: string): string[] | null {
  const words: string[] = [];
  let at = 0;
  const skipBlanks = (): void => {
    while (' \t\r'.includes(rest.charAt(at)) && at < rest.length) at += 1;
  };
  skipBlanks();
  while (at < rest.length) {
    const start = at;
    while (at < rest.length && !' \t\r"='.includes(rest.charAt(at))) at += 1;
    const plain = rest.slice(start, at);
    if (rest.charAt(at) === '"') {
      const close = rest.indexOf('"', at + 1);
      if (close === -1) return null;
      words.push(plain + rest.slice(at + 1, close));
      at = close + 1;
    } else {
      words.push(plain);
      const separated = rest.charAt(at) === '=';
      at += 1;
      skipBlanks();
      if (!separated && rest.charAt(at) === '=') at += 1;
    }
    skipBlanks();
  }
  return words;
}
