import { AppError } from '#common/failure.ts';
import type { Log } from '../../diagnostics/log.ts';
import { openProbe, type Probe } from '../../probe/probe.ts';
import { checkLiveness } from '../../ssh/liveness.ts';
import type { Transport } from '../../ssh/transport.ts';
import type { Store } from '../../store.ts';
import type { MeterEvents } from '../host-meter.ts';

export interface LineDeps extends Pick<MeterEvents, 'onStep' | 'onLost'> {
  /** Its settings. */
  readonly store: Pick<Store, 'current'>;
  readonly log: Log;
  /** The host's first connection; null where it has none at the moment. */
  readonly mainTransport: () => Transport | null;
}

/** What one host is measured over: a connection, and a shell on it once one is wanted. */
export interface Line {
  /** Measures over this connection from now on. Errors: `cancelled` after `close`. */
  take(transport: Transport): void;
  /** The shell, opened where there is none. Errors: those of {@link openProbe}, `cancelled` after `close`. */
  probe(signal: AbortSignal): Promise<Probe>;
  /** Asks over the connection; a question that fails ends the shell. Errors: those of the question, `cancelled`. */
  ask<Answer>(signal: AbortSignal, question: (transport: Transport) => Promise<Answer>): Promise<Answer>;
  /** Leaves the connection to others. */
  close(): void;
}

type State =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'connected';
      readonly transport: Transport;
      /** A second connection is of no use to anybody else; the main one is the pool's. */
      readonly lane: 'main' | 'second';
      readonly probe: Probe | null;
      /** Stops listening for the end of the connection. */
      readonly forget: () => void;
    }
  | { readonly kind: 'closed' };

/** A host that answers nothing in time is asked whether it still lives, long before its silence would tell. */
const signOfLifeMs = 3000;

export function createLine(deps: LineDeps): Line {
  let state: State = { kind: 'none' };

  const leave = (): void => {
    if (state.kind !== 'connected') return;
    state.probe?.close();
    state.forget();
  };

  const setProbe = (probe: Probe | null): void => {
    if (state.kind === 'connected') state = { ...state, probe };
  };

  const open = async (transport: Transport, signal: AbortSignal): Promise<Probe> => {
    deps.onStep('shell');
    const { timeouts } = deps.store.current().settings;
    const opened = await openProbe(transport, {
      signal,
      timeoutMs: timeouts.probeMs,
      firstGpusMs: timeouts.firstProbeMs,
      log: deps.log,
    });
    if (state.kind !== 'connected') {
      opened.close();
      throw new AppError('cancelled');
    }
    setProbe(opened);
    opened.onClose(() => {
      if (state.kind === 'connected' && state.probe === opened) setProbe(null);
    });
    return opened;
  };

  return {
    take(transport) {
      if (state.kind === 'closed') throw new AppError('cancelled');
      if (state.kind === 'connected' && state.transport === transport) return;
      leave();
      if (state.kind === 'connected' && state.lane === 'second') state.transport.close();
      const lane = transport === deps.mainTransport() ? 'main' : 'second';
      const forget = lane === 'main' ? transport.onClose(deps.onLost) : () => undefined;
      state = { kind: 'connected', transport, lane, probe: null, forget };
    },
    async probe(signal) {
      if (state.kind !== 'connected') throw new AppError('cancelled');
      return state.probe ?? open(state.transport, signal);
    },
    async ask(signal, question) {
      if (state.kind !== 'connected') throw new AppError('cancelled');
      const { transport } = state;
      try {
        return await question(transport);
      } catch (error) {
        if (signal.aborted) throw error;
        // A shell that did not answer is out of step for good; the next measurement opens a new one.
        if (state.kind === 'connected') state.probe?.close();
        if (error instanceof AppError && error.code === 'probe-timeout')
          void checkLiveness(transport, signOfLifeMs);
        throw error;
      }
    },
    close() {
      leave();
      state = { kind: 'closed' };
    },
  };
}
