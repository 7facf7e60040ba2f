import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import { createWatcher } from '#engine/scan/watcher.ts';
import { createStore } from '#engine/store.ts';
import { host, snapshot } from '../../common/samples.ts';

const { gpusMs } = defaultSettings.cadence;
const hour = 3_600_000;

beforeEach(() => void vi.useFakeTimers({ now: 10 * hour }));
afterEach(() => void vi.useRealTimers());

/** A watcher over one host, whose measurements take as long as told. */
function watched() {
  const store = createStore(snapshot({ hosts: [host('a', { state: { kind: 'up' } })] }));
  const measuredAt: number[] = [];
  let takesMs = 0;
  const measure = async (): Promise<void> => {
    measuredAt.push(Date.now());
    if (takesMs > 0) await new Promise((resolve) => setTimeout(resolve, takesMs));
    store.apply({
      kind: 'host-changed',
      host: host('a', { state: { kind: 'up' }, measuredAt: Date.now() }),
    });
  };
  const watcher = createWatcher({
    store,
    monitor: () => ({ measure, logIn: async () => false, close: () => undefined }),
  });
  watcher.start();
  return {
    measuredAt,
    take: (ms: number) => {
      takesMs = ms;
    },
    end: () => watcher.dispose(),
  };
}

describe('a host that is watched', () => {
  it('is measured at the cadence, and one that is slow less often', async () => {
    const { measuredAt, take, end } = watched();
    await vi.advanceTimersByTimeAsync(4 * gpusMs);
    expect(measuredAt.length).toBeGreaterThanOrEqual(4);
    take(4 * gpusMs);
    await vi.advanceTimersByTimeAsync(6 * gpusMs);
    const slowest = measuredAt.length;
    await vi.advanceTimersByTimeAsync(12 * gpusMs);
    expect(measuredAt).toHaveLength(slowest);
    await vi.advanceTimersByTimeAsync(4 * gpusMs);
    expect(measuredAt).toHaveLength(slowest + 1);
    take(0);
    await vi.advanceTimersByTimeAsync(4 * gpusMs);
    await end();
  });

  it('is not taken for slow because the computer slept while it was measured', async () => {
    const { measuredAt, take, end } = watched();
    take(500);
    await vi.advanceTimersByTimeAsync(300);
    expect(measuredAt).toHaveLength(1);
    // In a sleep timers and the monotonic clock stand still, and the wall clock goes on.
    vi.setSystemTime(Date.now() + 8 * hour);
    await vi.advanceTimersByTimeAsync(500 + gpusMs + 500);
    expect(measuredAt).toHaveLength(2);
    await end();
  });

  it('is measured on when the clock is set back', async () => {
    const { measuredAt, end } = watched();
    await vi.advanceTimersByTimeAsync(300);
    vi.setSystemTime(Date.now() - 2 * hour);
    await vi.advanceTimersByTimeAsync(500);
    expect(measuredAt).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2 * gpusMs);
    expect(measuredAt.length).toBeGreaterThanOrEqual(3);
    await end();
  });
});
