/** One picture of a live screen: as many lines as it has, none wider than it is. Pure. */

import { formatsOf } from '#common/format.ts';
import { type LiveState, type Page, withinPage } from './live-keys.ts';
import { coloured, type TextStyle } from './table.ts';
import { cutToWidth } from './text-width.ts';
import { bodyOf, headlineOf, sortableColumns, type View } from './view.ts';

export interface FrameOptions {
  readonly rows: number;
  readonly columns: number;
  /** Where the screen has its place, and what the keys do; of a scan that runs its progress. */
  readonly progress: string;
  readonly nowMs: number;
  readonly colour: boolean;
}

export interface Frame {
  readonly lines: readonly string[];
  readonly page: Page;
}

const formats = formatsOf('en');
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
/** The headline, when it was measured, the titles; and at the bottom an empty line and the footer. */
const frameLines = 5;

export function frameOf(view: View, state: LiveState, options: FrameOptions): Frame {
  const { rows, columns, nowMs, colour } = options;
  const style: TextStyle = { width: columns, colour, nowMs };
  const body = bodyOf(view, style, state);
  const height = Math.max(1, rows - frameLines);
  const page: Page = { lines: body.lines.length, height, sortable: sortableColumns(view.main) };
  const top = withinPage(state.top, page);
  const lines = [
    headlineOf(view, style),
    coloured(cutToWidth(measuredText(view, nowMs), columns), 'dim', style),
    body.titles ?? '',
    ...body.lines.slice(top, top + height),
    '',
  ];
  const shown = lines.slice(0, Math.max(0, rows - 1));
  return { lines: [...shown, footer(state, { ...options, page, top })], page };
}

/** `Measured at 14:05:12, 2 s ago; the oldest 40 s ago`. */
function measuredText({ measured }: View, nowMs: number): string {
  if (measured === null) return 'Not measured yet.';
  const { newest, oldest } = measured;
  const ago = (ms: number): string => `${formats.age(nowMs - ms)} ago`;
  const latest = `Measured at ${clock.format(newest)}, ${ago(newest)}`;
  return ago(oldest) === ago(newest) ? latest : `${latest}; the oldest ${ago(oldest)}`;
}

function footer(
  { filter, isTyping }: LiveState,
  { page, top, columns, progress }: FrameOptions & { readonly page: Page; readonly top: number },
): string {
  if (isTyping) return cutToWidth(`/${filter}▏  Enter keeps the filter, Esc drops it`, columns);
  const { lines, height } = page;
  const place = lines > height ? `${top + 1}-${Math.min(lines, top + height)} of ${lines}` : '';
  const kept = filter === '' ? '' : `/${filter}`;
  const keys =
    progress ||
    `q quits${place === '' ? '' : '  ↑↓ scroll'}  s sorts  r turns  / filters${kept === '' ? '' : '  Esc all'}`;
  return cutToWidth([place, kept, keys].filter((part) => part !== '').join('  '), columns);
}
