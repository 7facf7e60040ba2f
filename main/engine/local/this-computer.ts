import { isDeepStrictEqual } from 'node:util';
import type { Finder, FoundForward } from '../elsewhere/find.ts';
import { foreignForwards } from '../elsewhere/states.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store.ts';
import { createAsker } from './asker.ts';
import { listListening } from './listening.ts';
import { portsToAsk } from './local-ports.ts';
import { localServers } from './local-servers.ts';

export interface ThisComputerDeps {
  readonly store: Store;
  readonly finder: Finder;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  /** Ports at which this process listens for other things than forwards. */
  readonly ownPorts: () => readonly number[];
}

/** What other programs do on this computer: their forwards, and the model servers on its ports. */
export interface ThisComputer {
  /**
   * Looks now, whoever watches; resolves when the Snapshot has what there is at the earliest at this moment. A thorough
   * look, which is one that a person has asked for, also asks ports that have lately shown to be none of a model server,
   * and ports at all beside the demo cluster. Never rejects.
   */
  look(options?: { readonly thorough?: boolean }): Promise<void>;
  /** The forwards that the latest look has found. */
  found(): readonly FoundForward[];
  /** Looks from now on at the cadence of the settings, while somebody watches. */
  start(): void;
  setShown(shown: boolean): void;
  dispose(): Promise<void>;
}

const tickMs = 1000;

export function createThisComputer({ store, finder, env, log, ownPorts }: ThisComputerDeps): ThisComputer {
  const ended = new AbortController();
  const asker = createAsker({ settings: () => store.current().settings, signal: ended.signal });
  let found: readonly FoundForward[] = [];
  let timer: NodeJS.Timeout | null = null;
  let shown = true;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let nextIsThorough = false;

  const lookOnce = async (thorough: boolean): Promise<void> => {
    lookedAt = performance.now();
    const findings = await finder.find();
    const listening = await listListening(env);
    const snapshot = store.current();
    // The demo contacts nothing by itself, and a port here may lead to a host of somebody.
    const isQuiet = snapshot.source.kind === 'demo' && !thorough;
    const ports = { findings, listening, snapshot, ownPid: process.pid, ownPorts: ownPorts() };
    const candidates = isQuiet ? [] : portsToAsk(ports);
    const answers = await asker.ask(candidates, thorough);
    found = findings.forwards;
    const current = store.current();
    const { tmux, processes, list } = findings;
    const foreign = foreignForwards({ findings, listening, answers, now: Date.now() });
    const servers = localServers({ snapshot: current, foreign, processes: list, candidates, answers });
    const elsewhere = { tmux, processes, forwards: foreign, lookedAt: Date.now() };
    const isSame = isDeepStrictEqual(servers, current.localServers);
    store.apply({
      kind: 'parts-changed',
      parts: isSame ? { elsewhere } : { elsewhere, localServers: servers },
    });
  };

  const begin = (thorough: boolean): Promise<void> => {
    running = lookOnce(thorough)
      .catch((error: unknown) => {
        if (!ended.signal.aborted) log('error', `This computer could not be looked at: ${String(error)}`);
      })
      .finally(() => {
        running = null;
      });
    return running;
  };

  const afterwards = async (current: Promise<void>): Promise<void> => {
    await current;
    const thorough = nextIsThorough;
    next = null;
    nextIsThorough = false;
    if (!ended.signal.aborted) await begin(thorough);
  };

  const tick = (): void => {
    const isDue = performance.now() - lookedAt >= store.current().settings.cadence.portsMs;
    if (timer !== null && shown && isDue && running === null) void begin(false);
  };

  return {
    async look({ thorough = false } = {}) {
      if (ended.signal.aborted) return;
      // What is under way may have passed by what has changed since.
      if (running === null) return await begin(thorough);
      next ??= afterwards(running);
      nextIsThorough ||= thorough;
      await next;
    },
    found: () => found,
    start() {
      timer ??= setInterval(tick, tickMs);
      tick();
    },
    setShown(value) {
      shown = value;
      tick();
    },
    async dispose() {
      ended.abort();
      if (timer !== null) clearInterval(timer);
      timer = null;
      await (next ?? running);
    },
  };
}
