/** Wildcards as OpenSSH (ssh_config(5) PATTERNS, known_hosts) knows them, in time linear per star. */

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

function plainToken(char: string): Token {
  if (char === '*') return 'star';
  return char === '?' ? () => true : (other) => other === char;
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
