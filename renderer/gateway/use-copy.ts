import { useMemo } from 'react';
import { type ClientId, clients } from '#common/clients/clients.ts';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { gatewayWords } from './words.ts';

export interface GatewayCopies {
  /** Copies the text for that client, which names the model. */
  readonly forClient: (client: ClientId, model: string) => Promise<void>;
  readonly url: () => Promise<void>;
  readonly key: () => Promise<void>;
}

/** What clients of the gateway need, on the clipboard. The key is in the page for as long as it takes to copy it. */
export function useGatewayCopies(): GatewayCopies {
  const actions = useActions();
  const call = useCall();
  const words = useWords(gatewayWords);
  return useMemo(() => {
    const hintOf = (client: ClientId): string => {
      const { goes } = clients[client];
      const place = goes.kind === 'file' ? words.goes.file(goes.path) : words.goes[goes.kind];
      return [place, words.hints[client]].filter((text) => text !== undefined).join(' ');
    };
    return {
      async forClient(client, model) {
        const access = await call('gateway.access', {});
        if (access === undefined) return;
        const what = words.configuration(words.clients[client]);
        await actions.copy(clients[client].write({ ...access, model }), what, hintOf(client));
      },
      async url() {
        const access = await call('gateway.access', {});
        if (access !== undefined) await actions.copy(access.url, words.baseUrl);
      },
      async key() {
        const access = await call('gateway.access', {});
        if (access !== undefined) await actions.copy(access.key, words.theKey);
      },
    };
  }, [actions, call, words]);
}
