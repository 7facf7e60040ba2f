import { useEffect, useRef } from 'react';
import type { Host } from '#common/hosts.ts';
import { failureOf } from '#common/select/failures.ts';
import { useCall } from './use-call.ts';

/** What one call takes. */
const mostHosts = 5000;

/** Has those of the hosts tried at once that wait for their next attempt when a part of the page that shows them opens. */
export function useLook(hosts: readonly Host[]): void {
  const call = useCall();
  const opened = useRef(hosts);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as it opens; `call` is another one in another language
  useEffect(() => {
    const waiting = opened.current.filter(({ state }) => typeof failureOf(state)?.nextAttemptAt === 'number');
    if (waiting.length > 0)
      void call('host.look', { hostIds: waiting.slice(0, mostHosts).map(({ id }) => id) });
  }, []);
}
