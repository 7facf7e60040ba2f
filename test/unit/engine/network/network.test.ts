import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { untilOnline, watchNetwork } from '#engine/network/network.ts';

describe('the watch over the network', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const watched = () => {
    const computer: { now: number; addresses: string | null } = { now: 0, addresses: 'eth0 10.0.0.2' };
    const changes: string[] = [];
    const watch = watchNetwork({
      onChange: (why) => changes.push(why),
      onShort: () => changes.push('short'),
      now: () => computer.now,
      addresses: () => computer.addresses,
      everyMs: 2000,
    });
    const look = (passedMs = 2000): void => {
      computer.now += passedMs;
      vi.advanceTimersByTime(2000);
    };
    return { computer, changes, look, watch };
  };

  it('says nothing while nothing changes, nor when the computer is merely busy', () => {
    const { changes, look } = watched();
    for (const passedMs of [2000, 2000, 9000, 2000]) look(passedMs);
    expect(changes).toEqual([]);
  });

  it('takes a jump of the clock for a sleep, once', () => {
    const { changes, look } = watched();
    look(3_600_000);
    look();
    expect(changes).toEqual(['sleep']);
  });

  it('tells a clock that was set back from a sleep, and takes small steps for neither', () => {
    const { changes, look } = watched();
    look(-7_200_000);
    look(1500);
    look();
    expect(changes).toEqual(['clock']);
  });

  it('tells a new network when there is one, not when the old one goes', () => {
    const { computer, changes, look } = watched();
    computer.addresses = '';
    look();
    expect(changes).toEqual([]);
    computer.addresses = 'wlan0 192.168.1.5';
    look();
    computer.addresses = 'tun0 10.8.0.2\nwlan0 192.168.1.5';
    look();
    look();
    expect(changes).toEqual(['network', 'network']);
  });

  it('takes no answer of the system for no change, and says so once', () => {
    const { computer, changes, look } = watched();
    computer.addresses = null;
    look();
    look();
    expect(changes).toEqual(['short']);
    computer.addresses = 'eth0 10.0.0.2';
    look();
    expect(changes).toEqual(['short']);
    computer.addresses = null;
    look();
    computer.addresses = 'wlan0 192.168.1.5';
    look();
    expect(changes).toEqual(['short', 'short', 'network']);
  });

  it('ends with close', () => {
    const { changes, look, watch } = watched();
    watch.close();
    look(3_600_000);
    expect([changes, vi.getTimerCount()]).toEqual([[], 0]);
  });
});

describe('waiting for the network', () => {
  const { signal } = new AbortController();

  it('ends as soon as there is an address', async () => {
    const addresses = vi.fn(() => (addresses.mock.calls.length < 3 ? '' : 'eth0 10.0.0.2'));
    await untilOnline({ timeoutMs: 60_000, signal, addresses });
    expect(addresses).toHaveBeenCalledTimes(3);
  });

  it('ends after its time, and by its signal', async () => {
    const addresses = () => '';
    await untilOnline({ timeoutMs: 1, signal, addresses });
    const controller = new AbortController();
    const aborted = untilOnline({ timeoutMs: 3_600_000, signal: controller.signal, addresses });
    controller.abort();
    await aborted;
  });
});
