/** The UI end of the contract: typed calls and pushes over any Transport. */

import type { Reply } from './answer.ts';
import type { CallInput, CallName, CallOutput, CallRef, PushName, PushPayload } from './contract.ts';
import { AppError } from './failure.ts';

/** Whether the other end can be reached; a WebSocket comes and goes, IPC is always open. */
export type LinkState = 'open' | 'lost' | 'no-key';

/** What carries the contract: Electron IPC or a WebSocket. */
export interface Transport {
  request(name: CallName, input: unknown): Promise<Reply>;
  /** Calls `listener` for every push of that name until the returned function is called. */
  on(name: PushName, listener: (payload: unknown) => void): () => void;
  /** Calls `listener` whenever the link opens or is lost, until the returned function is called. */
  onLink(listener: (state: LinkState) => void): () => void;
}

export interface Bridge {
  /** Rejects with an {@link AppError} carrying the code of a refused call. */
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>>;
  /** The same for a call that is data, such as a menu entry's. */
  run(ref: CallRef): Promise<unknown>;
  on<Name extends PushName>(name: Name, listener: (payload: PushPayload<Name>) => void): () => void;
  onLink(listener: (state: LinkState) => void): () => void;
}

export function createBridge(transport: Transport): Bridge {
  const request = async (name: CallName, input: unknown): Promise<unknown> => {
    const reply = await transport.request(name, input);
    if (reply.ok) return reply.value;
    throw new AppError(reply.error.code, { detail: reply.error.detail });
  };
  return {
    call: (name, input) => request(name, input) as Promise<CallOutput<typeof name>>,
    run: (ref) => request(ref.name, ref.input),
    on: (name, listener) => transport.on(name, listener as (payload: unknown) => void),
    onLink: (listener) => transport.onLink(listener),
  };
}
