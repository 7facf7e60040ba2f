import { useEffect, useRef, useState } from 'react';
import type { Traffic } from '#common/forwards.ts';
import { every } from '#common/timer.ts';

export interface Rates {
  /** Bytes per second from the host, over the latest few seconds. */
  readonly in: number;
  readonly out: number;
}

const still: Rates = { in: 0, out: 0 };
const everyMs = 2000;

/** How fast a forward carries at the moment: from its counters, so that it costs nothing where nothing flows. */
export function useRates(traffic: Traffic): Rates {
  const latest = useRef(traffic);
  const [rates, setRates] = useState(still);
  const runs = traffic.openConnections > 0 || rates !== still;
  useEffect(() => {
    latest.current = traffic;
  });
  useEffect(() => {
    if (!runs) return;
    let before = { traffic: latest.current, atMs: performance.now() };
    return every(everyMs, () => {
      const now = { traffic: latest.current, atMs: performance.now() };
      setRates(ratesBetween(before, now));
      before = now;
    }).cancel;
  }, [runs]);
  return rates;
}

interface Reading {
  readonly traffic: Traffic;
  readonly atMs: number;
}

/** The same object whenever nothing flows. */
export function ratesBetween(before: Reading, now: Reading): Rates {
  const seconds = (now.atMs - before.atMs) / 1000;
  const bytesIn = now.traffic.bytesIn - before.traffic.bytesIn;
  const bytesOut = now.traffic.bytesOut - before.traffic.bytesOut;
  // Counters that went back are those of a forward that was opened anew.
  if (seconds <= 0 || bytesIn < 0 || bytesOut < 0 || bytesIn + bytesOut === 0) return still;
  return { in: bytesIn / seconds, out: bytesOut / seconds };
}
