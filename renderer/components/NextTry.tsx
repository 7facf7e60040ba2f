import { frameWords } from '../lib/frame-words.ts';
import { useFormats, useWords } from '../state/language.ts';
import { useNow } from '../state/use-now.ts';

/** `next try in 7 s`, counted down by the second. */
export function NextTry({ atMs }: { readonly atMs: number }) {
  const words = useWords(frameWords);
  const { age } = useFormats();
  const secondsLeft = Math.ceil((atMs - useNow(true)) / 1000);
  return secondsLeft > 0 ? words.nextTry(age(secondsLeft * 1000)) : words.tryingSoon;
}
