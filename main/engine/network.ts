import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

export interface NetworkWatch {
  close(): void;
}

export interface NetworkWatchOptions {
  /** The computer has slept, or its addresses have changed: connections may be dead without knowing it. */
  readonly onChange: (why: 'sleep' | 'network') => void;
  readonly now?: () => number;
  readonly addresses?: () => string;
  readonly everyMs?: number;
}

/** A timer that comes this much too late has been asleep; a busy computer is not that slow. */
const asleepMs = 10_000;

/** Notices sleep by the jump of the clock, and a new network by the addresses of this computer. */
export function watchNetwork(options: NetworkWatchOptions): NetworkWatch {
  const { onChange, now = Date.now, addresses = ownAddresses, everyMs = 2000 } = options;
  let lookedAt = now();
  let known = addresses();
  const timer = setInterval(() => {
    const sleptMs = now() - lookedAt - everyMs;
    const current = addresses();
    const moved = current !== known;
    lookedAt = now();
    known = current;
    if (sleptMs > asleepMs) onChange('sleep');
    // Without any address there is nobody to ask: the next change brings one.
    else if (moved && current !== '') onChange('network');
  }, everyMs);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

export interface OnlineOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly addresses?: () => string;
}

/** Waits until this computer has an address beyond loopback, at most `timeoutMs`. */
export async function untilOnline({
  timeoutMs,
  signal,
  addresses = ownAddresses,
}: OnlineOptions): Promise<void> {
  // Not by the wall clock, which jumps when the computer has slept.
  const deadline = performance.now() + timeoutMs;
  while (addresses() === '' && performance.now() < deadline && !signal.aborted) {
    await delay(250, undefined, { signal }).catch(() => undefined);
  }
}

/** Link-local ones lead to no other network, and come and go with every container. */
const linkLocal = /^(fe[89ab][0-9a-f]:|169\.254\.)/i;

function ownAddresses(): string {
  return Object.entries(networkInterfaces())
    .flatMap(([name, all]) =>
      (all ?? []).flatMap(({ internal, address }) =>
        internal || linkLocal.test(address) ? [] : `${name} ${address}`,
      ),
    )
    .sort()
    .join('\n');
}
