import { isDeepStrictEqual } from 'node:util';
import type { LimitFunction } from 'p-limit';
import { type AppError, failedKind, toFailure } from '#common/errors.ts';
import type { ConnectStep, Host, HostState, ServerId, Snapshot } from '#common/model.ts';
import type { Log } from '../log.ts';
import { openProbe, type Probe } from '../probe/probe.ts';
import type { Asking } from '../ssh/asking.ts';
import type { Pool } from '../ssh/pool.ts';
import type { ResolvedHost } from '../ssh/resolved.ts';
import type { Transport } from '../ssh/transport.ts';
import type { Store } from '../store.ts';
import { retryDelayMs } from './backoff.ts';
import { createLaneChoice } from './lane.ts';
import { continueSamples } from './samples.ts';
import { createServerMeter } from './server-meter.ts';

export interface MonitorDeps {
  readonly pool: Pool;
  readonly store: Store;
  readonly log: Log;
  /** Shared by all hosts: bounds HTTP requests to model servers. */
  readonly httpLimit: LimitFunction;
  /** Ports to ask instead of discovering them. */
  readonly remotePorts: readonly number[] | null;
  /** The key to show to a model server; null where none is known. */
  readonly apiKeyFor: (serverId: ServerId) => string | null;
}

export interface MeasureOptions {
  readonly signal: AbortSignal;
  /** Also look at processes, at the listening ports and at the models behind them. */
  readonly ports: boolean;
}

/** Watches one host: connects when needed, measures, and keeps its row of the Snapshot. */
export interface Monitor {
  /**
   * Measures once. Calls while one is running join it. Never rejects: what went wrong is the host's state, with the time
   * of the next attempt where one should follow by itself.
   */
  measure(options: MeasureOptions): Promise<void>;
  /**
   * Connects with a person who may be asked, and then measures; meanwhile other measurements are passed over. Answers
   * whether it is logged in; what went wrong is the host's state.
   */
  logIn(asking: Asking, signal: AbortSignal): Promise<boolean>;
  close(): void;
}

export function createMonitor(hostId: string, deps: MonitorDeps): Monitor {
  const { pool, store } = deps;
  let probe: Probe | null = null;
  let running: { readonly ports: boolean; readonly result: Promise<void> } | null = null;
  const chooseLane = createLaneChoice();
  let current: Transport | null = null;
  let second: Transport | null = null;
  /** What reaches the host in a terminal, for failures that have no command of their own. */
  let command: string | null = null;
  let loggingIn = false;
  let failuresInARow = 0;

  const host = (): Host | undefined => store.current().hosts.find((candidate) => candidate.id === hostId);

  const change = (fields: Partial<Host>): void => {
    const before = host();
    if (before !== undefined) store.apply({ kind: 'host-changed', host: { ...before, ...fields } });
  };

  const servers = createServerMeter(hostId, {
    ...deps,
    onForwarding: (forwarding) => {
      if (host()?.forwarding !== forwarding) change({ forwarding });
    },
  });

  const setStep = (step: ConnectStep): void => {
    const state = host()?.state;
    // A host that is tried again in the background keeps its reason meanwhile, so that its row does not jump.
    if (state?.kind === 'unresolved' || state?.kind === 'queued' || state?.kind === 'connecting') {
      change({ state: { kind: 'connecting', step } });
    }
  };

  const onResolved = (resolved: ResolvedHost): void => {
    ({ command } = resolved);
    const { hostname, port, user } = resolved;
    const endpoint = { hostname, port, user };
    if (!isDeepStrictEqual(host()?.endpoint, endpoint)) change({ endpoint });
  };

  /** Leaves the connection that was measured over before; a second one is of no use to anybody else. */
  const changeTransport = (next: Transport): void => {
    if (next === current) return;
    probe?.close();
    probe = null;
    if (current !== null && current === second) current.close();
    current = next;
    second = next === pool.peek(hostId)?.transport ? null : next;
  };

  const connect = async (signal: AbortSignal): Promise<{ transport: Transport; probe: Probe }> => {
    const lane = chooseLane(forwardedBytes(store.current(), hostId), Date.now());
    const { transport } = await pool.get(hostId, { signal, lane, onStep: setStep, onResolved });
    changeTransport(transport);
    if (probe === null) {
      if (host()?.client !== transport.client) change({ client: transport.client });
      setStep('shell');
      const { timeouts } = store.current().settings;
      const opened = await openProbe(transport, {
        signal,
        timeoutMs: timeouts.probeMs,
        firstGpusMs: timeouts.firstProbeMs,
        log: deps.log,
      });
      opened.onClose(() => {
        if (probe === opened) probe = null;
      });
      probe = opened;
    }
    return { transport, probe };
  };

  const measureGpus = async (open: Probe, { signal, ports }: MeasureOptions): Promise<void> => {
    const answer = await open.gpus({ signal, processes: ports });
    const before = host();
    if (before === undefined) return;
    change({
      state: stateAfter(answer.failure),
      gpus: continueSamples(answer.gpus, before.gpus, store.current().settings.idleRule),
      driverVersion: answer.driverVersion,
      cudaVersion: answer.cudaVersion,
      system: answer.system,
      measuredAt: Date.now(),
    });
  };

  const fail = (error: unknown): void => {
    const failure = toFailure(error, 'connect');
    failuresInARow += 1;
    const delayMs = retryDelayMs(failure.code, failuresInARow, Math.random());
    const shown = failure.command ?? command;
    const timed = {
      ...failure,
      command: shown,
      nextAttemptAt: delayMs === null ? null : Date.now() + delayMs,
    };
    deps.log('info', `${hostId}: ${failure.code} at ${failure.step}`);
    const kind = failedKind(failure.code);
    const keepsOldNumbers = host()?.measuredAt !== null && (kind === 'unreachable' || kind === 'throttled');
    if (keepsOldNumbers) {
      change({ state: { kind: 'stale', failure: timed } });
    } else {
      change({ state: { kind, failure: timed }, gpus: [] });
      store.apply({ kind: 'servers-found', hostId, servers: [] });
    }
  };

  const once = async ({ signal, ports }: MeasureOptions): Promise<void> => {
    const before = host()?.state;
    let open: Probe | null = null;
    try {
      const connected = await connect(signal);
      open = connected.probe;
      await measureGpus(open, { signal, ports });
      await servers.measure({ transport: connected.transport, probe: open, ports, signal });
      failuresInARow = 0;
    } catch (error) {
      if (signal.aborted) {
        const state = host()?.state;
        if (before !== undefined && state?.kind === 'connecting') change({ state: restState(before) });
        return;
      }
      // A shell that did not answer is out of step for good; the next attempt opens a new one.
      open?.close();
      fail(error);
    }
  };

  const logIn = async (asking: Asking, signal: AbortSignal): Promise<boolean> => {
    // A measurement that is under way asks nobody and ends by itself.
    await running?.result;
    const before = host()?.state;
    try {
      change({ state: { kind: 'connecting', step: 'connect' } });
      await pool.get(hostId, { asking, signal, onStep: setStep, onResolved });
      return true;
    } catch (error) {
      if (signal.aborted && before !== undefined) change({ state: restState(before) });
      else fail(error);
      return false;
    }
  };

  return {
    async logIn(asking, signal) {
      if (loggingIn) return false;
      loggingIn = true;
      const loggedIn = await logIn(asking, signal).finally(() => {
        loggingIn = false;
      });
      if (loggedIn) await this.measure({ signal, ports: true });
      return loggedIn;
    },
    async measure(options) {
      if (loggingIn) return;
      while (running !== null) {
        const { ports, result } = running;
        await result;
        if (ports || !options.ports || options.signal.aborted) return;
      }
      const result = once(options).finally(() => {
        running = null;
      });
      running = { ports: options.ports, result };
      await result;
    },
    close() {
      probe?.close();
      servers.close();
    },
  };
}

function forwardedBytes({ forwards }: Snapshot, hostId: string): number {
  return forwards
    .filter((forward) => forward.hostId === hostId)
    .reduce((sum, { traffic }) => sum + traffic.bytesIn + traffic.bytesOut, 0);
}

function stateAfter(error: AppError | null): HostState {
  if (error === null) return { kind: 'up' };
  const noGpu = error.code === 'no-gpu-tool' || error.code === 'no-gpu-devices';
  return { kind: noGpu ? 'no-gpu' : 'gpu-error', failure: toFailure(error, 'probe') };
}

/** What a host goes back to when its scan was cancelled before it had an answer. */
function restState(before: HostState): HostState {
  return before.kind === 'queued' || before.kind === 'connecting' ? { kind: 'unresolved' } : before;
}
