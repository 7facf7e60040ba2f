import { useEffect, useRef, useState } from 'react';
import type { GatewayRequest } from '#common/gateway.ts';
import { useServices } from '../state/services.ts';

/** The engine keeps no more either. */
const mostRequests = 500;
const none: readonly GatewayRequest[] = [];

/** The requests that have ended, the newest first; asked for whenever another one has. `ended` is how many have. */
export function useRequests(ended: number): readonly GatewayRequest[] {
  const { bridge } = useServices();
  const [requests, setRequests] = useState(none);
  const newest = useRef(0);
  useEffect(() => {
    let isGone = false;
    const ask = async () => {
      // An app that was started again counts from the beginning.
      const known = ended < newest.current ? 0 : newest.current;
      if (ended === known) return;
      try {
        const more = await bridge.call('gateway.requests', { after: known });
        if (isGone || more.length === 0) return;
        newest.current = more.at(-1)?.number ?? known;
        const before = (all: readonly GatewayRequest[]) => (known === 0 ? none : all);
        setRequests((all) => [...more.toReversed(), ...before(all)].slice(0, mostRequests));
      } catch {
        // The link is lost, which a banner tells; the next request that ends asks again.
      }
    };
    void ask();
    return () => {
      isGone = true;
    };
  }, [bridge, ended]);
  return requests;
}
