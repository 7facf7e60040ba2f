/** One line of an ssh_config file, cut as OpenSSH cuts it (readconf.c and misc.c). */

export interface Directive {
  /** In lower case: keywords do not depend on case. */
  readonly keyword: string;
  /** All that follows the keyword and its separator, quotes still in it. */
  readonly rest: string;
}

/** The directive of a line, or null for an empty line and a comment. */
export function splitDirective(line: string): Directive | null {
  const text = trimEnd(line);
  const first = nextWord(text, 0);
  // Before the first word stands an empty one where the line begins with blanks or with one `=`.
  const keyword = first?.word === '' ? nextWord(text, first.end) : first;
  if (keyword === null || keyword.word === '' || keyword.word.startsWith('#')) return null;
  return { keyword: keyword.word.toLowerCase(), rest: text.slice(keyword.end) };
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
 * The arguments in `rest` (argv_split in misc.c): separated by blanks, either kind of quotes, `\"`, `\'`, `\\` and (outside quotes) `\ `
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
 * The words of a Match line, which ssh cuts as it cuts keywords, and not as the arguments of all others. Null when a quote is
 * not closed.
 */
export function splitCriteria(rest: string): string[] | null {
  const words: string[] = [];
  for (let at = skipBlanks(rest, 0); at < rest.length; ) {
    const next = nextWord(rest, at);
    if (next === null) return null;
    words.push(next.word);
    at = next.end;
  }
  return words;
}

interface Word {
  readonly word: string;
  /** Where the next one begins. */
  readonly end: number;
}

/**
 * A word ends at blanks with one `=` among them at most; a double quote begins a part that ends the word where it closes, behind
 * which `=` is no separator any more, and nothing is escaped (strdelim in misc.c). Null when a quote is not closed.
 */
function nextWord(text: string, start: number): Word | null {
  let at = start;
  while (at < text.length && !' \t\r"='.includes(text.charAt(at))) at += 1;
  const plain = text.slice(start, at);
  if (text.charAt(at) === '"') {
    const close = text.indexOf('"', at + 1);
    if (close === -1) return null;
    return { word: plain + text.slice(at + 1, close), end: skipBlanks(text, close + 1) };
  }
  const end = skipBlanks(text, at + 1);
  const isSeparated = text.charAt(at) === '=' || text.charAt(end) !== '=';
  return { word: plain, end: isSeparated ? end : skipBlanks(text, end + 1) };
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (at < text.length && ' \t\r'.includes(text.charAt(at))) at += 1;
  return at;
}
