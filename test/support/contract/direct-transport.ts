import { answer } from '#common/answer.ts';
import type { Transport } from '#common/bridge.ts';
import type { Handlers, PushPayload } from '#common/contract.ts';

/** A Transport within one process: handlers on one side, a source of pushes on the other. */
export function directTransport(
  handlers: Handlers,
  subscribe: (listener: (payload: PushPayload<'patch'>) => void) => () => void,
): Transport {
  return {
    request: (name, input) => answer(handlers, name, input),
    on: (name, listener) => (name === 'patch' ? subscribe(listener) : () => undefined),
    onLink: () => () => undefined,
  };
}
