import type { Io } from './io.ts';

/** What a person typed; `gave-up` for Ctrl-D or when the question went away, `interrupted` for Ctrl-C. */
export type Typed =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'gave-up' }
  | { readonly kind: 'interrupted' };

export interface LineOptions {
  /** Whether what is typed may be seen. */
  readonly echo: boolean;
  /** Ends the reading: the answer is no longer awaited. */
  readonly signal: AbortSignal;
}

const keys = {
  enter: '\r',
  interrupt: '\u0003',
  end: '\u0004',
  backspace: '\u007f',
  eraseLine: '\u0015',
} as const;

/** Arrow keys and their like. */
const sequences = /\u001b(?:\[[\d;]*[A-Za-z~]|O.)?/g;

/** Whether a person sits there who can be asked. */
export function hasPerson({ keyboard, err }: Pick<Io, 'keyboard' | 'err'>): boolean {
  return keyboard.isTTY === true && err.isTTY === true && keyboard.setRawMode !== undefined;
}

/**
 * Reads one line from the terminal key by key, so that a secret never shows. Backspace and Ctrl-U erase. The terminal is
 * as it was afterwards, however it ends.
 */
export async function readLine(
  { keyboard, err }: Pick<Io, 'keyboard' | 'err'>,
  options: LineOptions,
): Promise<Typed> {
  const { echo, signal } = options;
  let text = '';
  let stop = (): void => undefined;
  const show = (what: string): void => {
    if (echo) err.write(what);
  };
  const typed = new Promise<Typed>((resolve) => {
    const abandon = (): void => resolve({ kind: 'gave-up' });
    const press = (key: string): void => {
      if (key === keys.enter || key === '\n') resolve({ kind: 'line', text });
      else if (key === keys.interrupt) resolve({ kind: 'interrupted' });
      else if (key === keys.end) abandon();
      else if (key === keys.backspace || key === '\b') erase(1);
      else if (key === keys.eraseLine) erase(text.length);
      else if (key >= ' ') {
        text += key;
        show(key);
      }
    };
    const erase = (count: number): void => {
      const kept = [...text];
      const gone = kept.splice(Math.max(0, kept.length - count));
      show('\b \b'.repeat(gone.length));
      text = kept.join('');
    };
    const listen = (pressed: Buffer): void => {
      for (const key of pressed.toString().replace(sequences, '')) press(key);
    };
    keyboard.on('data', listen);
    if (signal.aborted) abandon();
    signal.addEventListener('abort', abandon, { once: true });
    stop = () => {
      keyboard.off('data', listen);
      signal.removeEventListener('abort', abandon);
    };
  });
  keyboard.setRawMode?.(true);
  keyboard.resume();
  try {
    return await typed;
  } finally {
    stop();
    keyboard.setRawMode?.(false);
    keyboard.pause();
    err.write('\n');
  }
}
