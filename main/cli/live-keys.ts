/** What the keys do on a live screen. Pure. */

import { type Arrangement, asTheyCome } from './view.ts';

export interface LiveState extends Arrangement {
  /** Lines of the body that are above the screen. */
  readonly top: number;
  /** A filter is being typed: letters belong to it. */
  readonly isTyping: boolean;
}

export const atTheTop: LiveState = { ...asTheyCome, top: 0, isTyping: false };

/** What is on the screen while a key is pressed. */
export interface Page {
  /** Lines that the body has, and of which the screen shows. */
  readonly lines: number;
  readonly height: number;
  /** Columns by which the rows can be sorted, by index. */
  readonly sortable: readonly number[];
}

const named: Readonly<Record<string, string>> = {
  '\u001b[A': 'up',
  '\u001bOA': 'up',
  k: 'up',
  '\u001b[B': 'down',
  '\u001bOB': 'down',
  j: 'down',
  '\u001b[5~': 'page up',
  b: 'page up',
  '\u001b[6~': 'page down',
  ' ': 'page down',
  '\u001b[H': 'top',
  '\u001b[1~': 'top',
  '\u001bOH': 'top',
  g: 'top',
  '\u001b[F': 'end',
  '\u001b[4~': 'end',
  '\u001bOF': 'end',
  G: 'end',
};

const keyPattern = /\u001b\[[0-?]*[ -/]*[@-~]|\u001bO.|[\s\S]/gu;
const longestFilter = 100;

/** The keys in what a terminal has sent: a character each, or the whole sequence of one that has none. */
export function keysOf(text: string): readonly string[] {
  return text.match(keyPattern) ?? [];
}

/** What a key makes of the state; `quit` where it ends the screen. */
export function press(state: LiveState, key: string, page: Page): LiveState | 'quit' {
  if (key === '\u0003') return 'quit';
  const moved = state.isTyping && key.length === 1 ? null : move(state.top, named[key], page);
  if (moved !== null) return { ...state, top: moved };
  if (state.isTyping) return typeFilter(state, key);
  switch (key) {
    case 'q':
    case 'Q':
      return 'quit';
    case '/':
      return { ...state, isTyping: true };
    case '\u001b':
      return { ...state, filter: '', top: 0 };
    case 's':
      return sorted(state, page.sortable, 1);
    case 'S':
      return sorted(state, page.sortable, -1);
    case 'r':
      return { ...state, isTurned: !state.isTurned, top: 0 };
    default:
      return state;
  }
}

/** Where the screen stands when it shows nothing beyond the last line. */
export function withinPage(top: number, { lines, height }: Page): number {
  return Math.max(0, Math.min(top, lines - height));
}

function move(top: number, name: string | undefined, page: Page): number | null {
  const to = (line: number): number => withinPage(line, page);
  // One line of the page before stays, so that the eye finds its place.
  const page1 = Math.max(1, page.height - 1);
  switch (name) {
    case 'up':
      return to(top - 1);
    case 'down':
      return to(top + 1);
    case 'page up':
      return to(top - page1);
    case 'page down':
      return to(top + page1);
    case 'top':
      return 0;
    case 'end':
      return to(page.lines);
    default:
      return null;
  }
}

/** The next column in the row of them, with the rows' own order between the last and the first. */
function sorted(state: LiveState, sortable: readonly number[], step: 1 | -1): LiveState {
  const choices = [null, ...sortable];
  const at = Math.max(0, choices.indexOf(state.sortedBy));
  const sortedBy = choices[(at + step + choices.length) % choices.length] ?? null;
  return { ...state, sortedBy, isTurned: false, top: 0 };
}

function typeFilter(state: LiveState, key: string): LiveState {
  const { filter } = state;
  switch (key) {
    case '\r':
    case '\n':
      return { ...state, isTyping: false };
    case '\u001b':
      return { ...state, isTyping: false, filter: '', top: 0 };
    case '\u007f':
    case '\b':
      if (filter === '') return { ...state, isTyping: false };
      return { ...state, filter: [...filter].slice(0, -1).join(''), top: 0 };
    case '\u0015':
      return { ...state, filter: '', top: 0 };
    default:
      // No control characters, and no marks that cannot be seen.
      if (!/^\P{C}$/u.test(key) || filter.length >= longestFilter) return state;
      return { ...state, filter: filter + key, top: 0 };
  }
}
