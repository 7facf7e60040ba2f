import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Frame } from '../../../main/cli/live-frame.ts';
import type { LiveState } from '../../../main/cli/live-keys.ts';
import { showLive } from '../../../main/cli/live-screen.ts';
import { createTerminal } from '../../support/terminal.ts';

/** A live screen of many lines; `states` is what each frame was drawn for. */
function live() {
  const terminal = createTerminal({ home: '/nowhere', size: { columns: 80, rows: 10 } });
  const states: LiveState[] = [];
  let change = (): void => undefined;
  let subscribed = false;
  const shown = showLive(
    terminal.io,
    (state): Frame => {
      states.push(state);
      return { lines: ['first', 'last'], page: { lines: 100, height: 8, sortable: [] } };
    },
    (onChange) => {
      change = onChange;
      subscribed = true;
      return () => {
        subscribed = false;
      };
    },
  );
  return { terminal, states, shown, change: () => change(), isSubscribed: () => subscribed };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a live screen', () => {
  it('stands on the other screen of the terminal, which is as it was afterwards', async () => {
    const { terminal, shown, isSubscribed } = live();
    expect(terminal.keyboard()).toEqual({ raw: true, listeners: 1 });
    expect(terminal.out()).toContain('\u001b[Kfirst\r\n\u001b[Klast\u001b[J');
    terminal.press('q');
    await shown;
    expect(terminal.out()).toMatch(/^\u001b\[\?1049h.*\u001b\[\?1049l$/s);
    expect([terminal.keyboard(), isSubscribed(), vi.getTimerCount()]).toEqual([
      { raw: false, listeners: 0 },
      false,
      0,
    ]);
  });

  it('is drawn at once after a key, and at most four times a second after changes', async () => {
    const { terminal, states, shown, change } = live();
    const before = states.length;
    terminal.press('j');
    expect([states.length - before, states.at(-1)?.top]).toEqual([1, 1]);
    for (let at = 0; at < 20; at += 1) {
      change();
      vi.advanceTimersByTime(20);
    }
    expect(states.length - before).toBeLessThanOrEqual(4);
    terminal.interrupt();
    await shown;
  });

  it('is drawn again each second, for numbers that grow old', async () => {
    const { terminal, states, shown } = live();
    const before = states.length;
    vi.advanceTimersByTime(3000);
    expect(states.length).toBeGreaterThanOrEqual(before + 2);
    terminal.press('q');
    await shown;
  });
});
