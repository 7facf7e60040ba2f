import { StringDecoder } from 'node:string_decoder';
import { every } from '#common/timer.ts';
import { type Io, interruption } from './io.ts';
import type { Frame } from './live-frame.ts';
import { atTheTop, keysOf, type LiveState, type Page, press, withinPage } from './live-keys.ts';
import { throttle } from './throttle.ts';

/** Four times a second is as much as eyes can use, and little enough for a slow terminal. */
const redrawEveryMs = 250;
const ageEveryMs = 1000;

const screen = {
  enter: '\u001b[?1049h\u001b[?25l',
  leave: '\u001b[?25h\u001b[?1049l',
  home: '\u001b[H',
  clearLine: '\u001b[K',
  clearBelow: '\u001b[J',
} as const;

/**
 * Shows frames on the terminal's other screen, a new one after changes, keys and a new size, until `q` or an interruption; then
 * the terminal is as it was.
 */
export async function showLive(
  io: Io,
  frame: (state: LiveState) => Frame,
  subscribe: (onChange: () => void) => () => void,
): Promise<void> {
  const { out, keyboard } = io;
  let state = atTheTop;
  let page: Page = { lines: 0, height: 1, sortable: [] };
  const draw = (): void => {
    const drawn = frame(state);
    page = drawn.page;
    // What has become shorter has scrolled back.
    state = { ...state, top: withinPage(state.top, page) };
    // Cleared before it is written: behind the last cell of a full line the terminal would clear that cell.
    const lines = drawn.lines.map((line) => screen.clearLine + line);
    out.write(`${screen.home}${lines.join('\r\n')}${screen.clearBelow}`);
  };
  const redraw = throttle(draw, redrawEveryMs);
  let quit = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    quit = resolve;
  });
  const decoder = new StringDecoder('utf8');
  const listen = (keys: Buffer): void => {
    for (const key of keysOf(decoder.write(keys))) {
      const next = press(state, key, page);
      if (next === 'quit') {
        quit();
        return;
      }
      state = next;
    }
    draw();
  };
  keyboard.on('data', listen);
  // Raw mode hands Ctrl-C over as a key.
  keyboard.setRawMode?.(true);
  keyboard.resume();
  out.write(screen.enter);
  out.on('resize', redraw.now);
  const unsubscribe = subscribe(redraw.now);
  // Numbers grow old, and the time until the next try passes, also when nothing changes.
  const aging = every(ageEveryMs, redraw.now);
  try {
    draw();
    await Promise.race([ended, interruption(io)]);
  } finally {
    unsubscribe();
    aging.cancel();
    out.off('resize', redraw.now);
    redraw.stop();
    keyboard.off('data', listen);
    keyboard.setRawMode?.(false);
    keyboard.pause();
    out.write(screen.leave);
  }
}
