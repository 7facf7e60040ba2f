/**
 * The words of a command line as a person types it: blanks part them, quotes and backslashes hold blanks as in sh, and nothing
 * else has a meaning. Null where a quote is open at the end.
 */
export function splitWords(line: string): readonly string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const letter = line[at] ?? '';
    if (quote === '' && /\s/.test(letter)) {
      if (word !== null) words.push(word);
      word = null;
      continue;
    }
    if (letter === '\\' && quote !== "'" && at + 1 < line.length) {
      at += 1;
      word = `${word ?? ''}${line[at]}`;
    } else if (quote === '' && /['"]/.test(letter)) {
      quote = letter;
      word ??= '';
    } else if (letter === quote) quote = '';
    else word = `${word ?? ''}${letter}`;
  }
  if (quote !== '') return null;
  return word === null ? words : [...words, word];
}
