import type { ConnectStep } from '#common/failure.ts';
import { type Shared, share } from '../io/share.ts';
import { type Liveness, type LivenessTimes, watchLiveness } from '../liveness.ts';
import type { Transport } from '../transport.ts';

export type StepListener = (step: ConnectStep) => void;

export type PooledState =
  | { readonly kind: 'opening'; readonly step: ConnectStep; readonly listeners: Set<StepListener> }
  | { readonly kind: 'open'; readonly transport: Transport; readonly liveness: Liveness };

/** A connection that is open or about to be, and that several callers share. */
export interface Pooled {
  /** Whether opening it may ask a person. */
  readonly asks: boolean;
  state(): PooledState;
  /** The Transport, once it is open; `onStep` is called with the present step and the later ones. Errors: why it does not open. */
  join(options?: { onStep?: StepListener | undefined; signal?: AbortSignal | undefined }): Promise<Transport>;
  /** Ends the connection or the attempt; resolves when nothing is left of it. Never rejects. */
  close(): Promise<void>;
}

export interface Opened {
  readonly transport: Transport;
  /** Whether the server greets a new connection on the same way; absent where finding out may ask a person. */
  readonly knock?: (signal: AbortSignal) => Promise<boolean>;
}

export interface PooledDeps {
  readonly open: (signal: AbortSignal, onStep: StepListener) => Promise<Opened>;
  readonly asks: boolean;
  readonly times: LivenessTimes;
  /** It cannot be joined any more: it has failed, has been given up by all callers, or has closed. May be called twice. */
  readonly onGone: () => void;
}

/** Starts to open a connection at once, and watches over it when it is open. */
export function startPooled({ open, asks, times, onGone }: PooledDeps): Pooled {
  let state: PooledState = { kind: 'opening', step: 'connect', listeners: new Set() };

  const onStep: StepListener = (step) => {
    if (state.kind !== 'opening') return;
    state = { ...state, step };
    for (const listener of state.listeners) listener(step);
  };

  const attempt: Shared<Transport> = share(async (signal) => {
    try {
      const { transport, knock } = await open(signal, onStep);
      if (signal.aborted) await closed(transport);
      signal.throwIfAborted();
      transport.onClose(onGone);
      state = { kind: 'open', transport, liveness: watchLiveness(transport, times, knock) };
      return transport;
    } catch (error) {
      onGone();
      throw error;
    }
  }, onGone);

  return {
    asks,
    state: () => state,
    async join({ onStep: listener, signal } = {}) {
      if (listener === undefined || state.kind === 'open') return attempt.join(signal);
      const { step, listeners } = state;
      listener(step);
      listeners.add(listener);
      return attempt.join(signal).finally(() => listeners.delete(listener));
    },
    async close() {
      attempt.abort();
      await attempt.ended;
      const transport = await attempt.join().catch(() => null);
      if (transport !== null) await closed(transport);
    },
  };
}

function closed(transport: Transport): Promise<void> {
  return new Promise((resolve) => {
    transport.onClose(() => resolve());
    transport.close();
  });
}
