/** Of all channels together, beyond what was read of them: a new key exchange and answers to pings are a few kilobytes. */
const burstBytes = 8_000_000;
const bytesPerSecond = 20_000;
/** Length, padding and authentication of a packet, and the packets that come with it. */
const packetOverhead = 100;

/** Counts what a host sends and no channel of ours takes: endless stderr, ignored packets, data for closed channels. */
export interface Unasked {
  received(bytes: number): void;
  /** Given to the reader of a channel. */
  taken(bytes: number): void;
  /** A channel was given up while this much was on its way, or may still come. */
  abandoned(bytes: number): void;
  /** Whether it is more than any host has reason to send; `waiting` is what readers have not yet taken. */
  isTooMuch(waiting: () => number): boolean;
}

export function createUnasked(now: () => number = () => performance.now()): Unasked {
  let balance = burstBytes;
  let at = now();
  return {
    received(bytes) {
      const passedMs = now() - at;
      at += passedMs;
      balance = Math.min(burstBytes, balance + (passedMs * bytesPerSecond) / 1000) - bytes;
    },
    taken(bytes) {
      balance += bytes + packetOverhead;
    },
    abandoned(bytes) {
      balance += bytes;
    },
    isTooMuch: (waiting) => balance < 0 && balance + waiting() < 0,
  };
}
