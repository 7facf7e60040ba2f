/** Wildcards as OpenSSH (ssh_config(5) PATTERNS, known_hosts) and glob(7) know them, in time linear per star. */

type Token = 'star' | ((char: string) => boolean);

/** Whether the whole of `text` matches: `*` is any run, `?` any one character, all else itself, case-sensitively. */
export function matchPattern(text: string, pattern: string): boolean {
  return matchTokens(text, [...pattern].map(plainToken));
}

/** Whether any pattern matches and no pattern negated by `!` does. */
export function matchPatternList(text: string, patterns: readonly string[]): boolean {
  let matched = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    if (!matchPattern(text, negated ? pattern.slice(1) : pattern)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** Whether a file name matches one component of a glob; a leading dot is matched by a dot alone. */
export function matchFileName(name: string, pattern: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  return matchTokens(name, globTokens(pattern));
}

function plainToken(char: string): Token {
  if (char === '*') return 'star';
  return char === '?' ? () => true : (other) => other === char;
}

function globTokens(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (const [part] of pattern.matchAll(/\\.|\[[!^]?\]?[^\]]*\]|./gsu)) {
    if (part.startsWith('\\')) tokens.push((char) => char === part.slice(1));
    else if (part.startsWith('[') && part.length > 1) tokens.push(bracketToken(part.slice(1, -1)));
    else tokens.push(plainToken(part));
  }
  return tokens;
}

function bracketToken(body: string): Token {
  const negated = /^[!^]/.test(body);
  const ranges = [...body.slice(negated ? 1 : 0).matchAll(/(.)-(.)|(.)/gsu)].map(
    ([, from, to, single]) => [from ?? single ?? '', to ?? single ?? ''] as const,
  );
  return (char) => ranges.some(([from, to]) => from <= char && char <= to) !== negated;
}

/** Greedy with one point to return to: a later star makes an earlier one's choice irrelevant. */
function matchTokens(text: string, tokens: readonly Token[]): boolean {
  const chars = [...text];
  let at = 0;
  let token = 0;
  let afterStar = -1;
  let resumeAt = 0;
  while (at < chars.length) {
    const current = tokens[token];
    if (current === 'star') {
      afterStar = ++token;
      resumeAt = at;
    } else if (current?.(chars[at] ?? '')) {
      at += 1;
      token += 1;
    } else if (afterStar >= 0) {
      token = afterStar;
      at = ++resumeAt;
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest === 'star');
}
