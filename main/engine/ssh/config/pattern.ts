/** Wildcards as OpenSSH (ssh_config(5) PATTERNS, known_hosts) knows them, in time linear per star. */

import { matchTokens, type StarToken } from './star-match.ts';

/** Whether the whole of `text` matches: `*` is any run, `?` any one character, all else itself, case-sensitively. */
export function matchPattern(text: string, pattern: string): boolean {
  if (!/[*?]/.test(pattern)) return text === pattern;
  return matchTokens([...text], [...pattern].map(plainToken));
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

function plainToken(char: string): StarToken<string> {
  if (char === '*') return 'star';
  return char === '?' ? () => true : (other) => other === char;
}
