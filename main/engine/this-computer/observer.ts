import { createAlarm } from '#common/timer.ts';
import type { Log } from '../diagnostics/log.ts';
import type { Candidate } from '../models/candidates.ts';
import type { Store } from '../store.ts';
import { createAnswers } from './answers.ts';
import type { PortAnswer } from './ask.ts';
import { createAsker } from './asker.ts';
import type { FoundForward } from './find.ts';
import { createLocalMeasuring } from './local-measuring.ts';
import { changedParts, createRounds, isOfDemo, type Round, type RoundsDeps } from './round.ts';

export interface ObserverDeps extends Omit<RoundsDeps, 'snapshot' | 'onFound'> {
  readonly store: Store;
  readonly log: Log;
}

/** One of the other forwards, before it was asked. */
export type Unasked = FoundForward['forward'];

export interface LookOptions {
  /**
   * Also asks ports that have lately shown to be none of a model server, and beside the demo cluster others than those that
   * lead to it: a person has asked for it.
   */
  readonly thorough?: boolean;
  /** Asks the ports of these other forwards alone, and waits for no other one; default: all ports worth asking. */
  readonly only?: (forward: Unasked) => boolean;
  /** `listens`: only whether something listens there, which shows what is dead; `nothing`: only which forwards there are. */
  readonly ask?: 'models' | 'listens' | 'nothing';
  /** Also how busy those are that are model servers. */
  readonly loads?: boolean;
  /** Called when the ports are about to be asked for models, and after each that has answered or was given up. */
  readonly onProgress?: (progress: LookProgress) => void;
}

export interface LookProgress {
  /** Those that are still waited for. */
  readonly waiting: readonly Candidate[];
  /** Those that did not answer in the time they have. */
  readonly hung: readonly Candidate[];
}

/** Keeps the other forwards and the local servers of the Snapshot as they are on this computer. */
export interface Observer {
  /**
   * Looks now, watched or not; resolves when the Snapshot has what there is at the earliest at this moment. What is found,
   * and each answer, is in the Snapshot as soon as it is known. Never rejects.
   */
  look(options?: LookOptions): Promise<void>;
  /** The forwards that the latest look has found. */
  found(): readonly FoundForward[];
  /** Looks from now on at the cadence of the settings, while a face watches. */
  start(): void;
  setShown(shown: boolean): void;
  dispose(): Promise<void>;
}

const tickMs = 1000;

export function createObserver(deps: ObserverDeps): Observer {
  const { store, log } = deps;
  const ended = new AbortController();
  const asker = createAsker({ settings: () => store.current().settings, signal: ended.signal });
  const answers = createAnswers();
  const loads = createLocalMeasuring({
    snapshot: store.current,
    answered: () => answers.of(rounds.latest().candidates),
    timeoutMs: () => store.current().settings.timeouts.httpMs,
    signal: ended.signal,
    log,
    onChange: () => publish(),
  });
  const rounds = createRounds({ ...deps, snapshot: store.current, onFound: () => publish() });
  const looks = new Set<Promise<void>>();
  const alarm = createAlarm();
  let shown = true;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let measuredAt = Number.NEGATIVE_INFINITY;

  const publish = (): void => {
    if (ended.signal.aborted) return;
    const parts = changedParts(rounds.latest(), answers, store.current(), loads.all());
    if (parts !== null) store.apply({ kind: 'parts-changed', parts });
  };

  const wantedBy = (options: LookOptions): readonly Candidate[] => {
    const isDemo = store.current().source.kind === 'demo';
    const round = rounds.latest();
    return round.candidates.filter((candidate) => isWanted(candidate, { ...options, round, isDemo }));
  };

  const measureAll = (options: LookOptions): Promise<void> => {
    measuredAt = performance.now();
    return loads.measureOnly(wantedBy(options));
  };

  const lookOnce = async (options: LookOptions): Promise<void> => {
    lookedAt = performance.now();
    await rounds.find();
    const { thorough = false, ask = 'models', onProgress = () => undefined } = options;
    const wanted = wantedBy(options);
    if (ask === 'listens') {
      answers.noteRefusing(wanted, await asker.refusing(wanted));
      publish();
    } else if (ask === 'models') {
      const note = answers.begin();
      const noteProgress = progressOf(wanted, onProgress);
      const measuring: Promise<void>[] = [];
      const onAnswer = (candidate: Candidate, answer: PortAnswer): void => {
        note(candidate, answer);
        publish();
        if (options.loads) measuring.push(loads.measure([candidate]));
        noteProgress(candidate, answer);
      };
      await asker.ask(wanted, { thorough, onAnswer });
      await Promise.all(measuring);
    } else if (options.loads) await measureAll(options);
  };

  const look = (options: LookOptions = {}): Promise<void> => {
    if (ended.signal.aborted) return Promise.resolve();
    const looking = lookOnce(options)
      .catch((error: unknown) => {
        if (!ended.signal.aborted) log('error', `This computer could not be looked at: ${String(error)}`);
      })
      .finally(() => looks.delete(looking));
    looks.add(looking);
    return looking;
  };

  const tick = (): void => {
    const isDue = performance.now() - lookedAt >= store.current().settings.cadence.portsMs;
    if (!alarm.isSet() || !shown) return;
    if (isDue && looks.size === 0) void look();
    if (performance.now() - measuredAt >= store.current().settings.cadence.gpusMs) void measureAll({});
  };

  return {
    look,
    found: () => rounds.latest().findings.forwards,
    start() {
      alarm.every(tickMs, tick);
      tick();
    },
    setShown(value) {
      shown = value;
      tick();
    },
    async dispose() {
      ended.abort();
      alarm.cancel();
      loads.close();
      await Promise.all(looks);
    },
  };
}

interface Wish extends LookOptions {
  readonly round: Round;
  readonly isDemo: boolean;
}

function isWanted(candidate: Candidate, { thorough = false, only, round, isDemo }: Wish): boolean {
  if (only !== undefined)
    return round.findings.forwards.some(
      ({ forward }) => forward.localPort === candidate.port && only(forward),
    );
  return !isDemo || thorough || isOfDemo(candidate, round);
}

/** Reports at once which ports are waited for, and again with each answer that the returned function is given. */
function progressOf(
  wanted: readonly Candidate[],
  onProgress: (progress: LookProgress) => void,
): (candidate: Candidate, answer: PortAnswer) => void {
  const waiting = new Set(wanted);
  const hung: Candidate[] = [];
  onProgress({ waiting: wanted, hung });
  return (candidate, answer) => {
    waiting.delete(candidate);
    if (answer.kind === 'no-models' && answer.error.code === 'server-timeout') hung.push(candidate);
    onProgress({ waiting: [...waiting], hung });
  };
}
