import { setTimeout as delay } from 'node:timers/promises';
import { every } from '#common/timer.ts';
import { ownInterfaces } from './own-interfaces.ts';

export interface NetworkWatch {
  close(): void;
}

export interface NetworkWatchOptions {
  /**
   * The computer has slept, or its addresses have changed: connections may be dead without knowing it. Or its clock was
   * set back, after which times that were given are wrong.
   */
  readonly onChange: (why: 'sleep' | 'network' | 'clock') => void;
  /** The system does not say which addresses it has: this process may open no more files. Once until it says so again. */
  readonly onShort?: () => void;
  readonly now?: () => number;
  /** Null: the system does not say. */
  readonly addresses?: () => string | null;
  readonly everyMs?: number;
}

/** A timer that comes this much too late has been asleep; a busy computer is not that slow. */
const asleepMs = 10_000;

/** So far back a clock is set by hand or at a start, not by the small steps of its upkeep. */
const setBackMs = 2000;

/** Notices sleep by the jump of the clock, and a new network by the addresses of this computer. */
export function watchNetwork(options: NetworkWatchOptions): NetworkWatch {
  const { onChange, onShort, now = Date.now, addresses = ownAddresses, everyMs = 2000 } = options;
  let lookedAt = now();
  let known = addresses();
  let isShort = false;
  const look = (): void => {
    const sleptMs = now() - lookedAt - everyMs;
    const current = addresses();
    // What is not known has not changed.
    const moved = current !== null && known !== null && current !== known;
    lookedAt = now();
    known = current ?? known;
    if (current === null && !isShort) onShort?.();
    isShort = current === null;
    if (sleptMs > asleepMs) onChange('sleep');
    // Without any address there is nothing to ask: the next change brings one.
    else if (moved && current !== '') onChange('network');
    else if (sleptMs < -setBackMs) onChange('clock');
  };
  const timer = every(everyMs, look, { background: true });
  return { close: timer.cancel };
}

export interface OnlineOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly addresses?: () => string | null;
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

function ownAddresses(): string | null {
  const interfaces = ownInterfaces();
  if (interfaces === null) return null;
  return Object.entries(interfaces)
    .flatMap(([name, all]) =>
      (all ?? []).flatMap(({ internal, address }) =>
        internal || linkLocal.test(address) ? [] : `${name} ${address}`,
      ),
    )
    .sort()
    .join('\n');
}
