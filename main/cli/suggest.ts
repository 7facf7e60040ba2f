import { closestMatch } from 'leven';

/** `Did you mean h100-01?`, the nearest of these names to what was typed; empty where none is near, or it is one of them. */
export function didYouMean(typed: string, names: readonly string[]): string {
  // More typing errors than that are unlikely, and a long text must not cost a long comparison with each of a thousand names.
  if (typed.length > 100) return '';
  const lower = typed.toLowerCase();
  const nearest = closestMatch(
    lower,
    names.map((name) => name.toLowerCase()),
    // Beyond two letters in five it is another name.
    { maxDistance: Math.ceil(typed.length * 0.4) },
  );
  const name = names.find((each) => each.toLowerCase() === nearest);
  return name === undefined || name === typed ? '' : `Did you mean ${name}?`;
}

/** Sentences one after the other; empty ones are left out. */
export function sentences(...each: readonly string[]): string {
  return each.filter((sentence) => sentence !== '').join(' ');
}
