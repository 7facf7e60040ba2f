import { isDeepStrictEqual } from 'node:util';
import { oneAtATime } from '#common/one-at-a-time.ts';
import type { Snapshot } from '#common/snapshot.ts';
import type { Candidate } from '../models/candidates.ts';
import type { LoadAnswer } from '../models/load-reader.ts';
import type { ListeningPort } from '../probe/ports.ts';
import type { Answers } from './answers.ts';
import type { Finder, Findings } from './find.ts';
import { listListening } from './listening.ts';
import { type Copy, portsToAsk } from './local-ports.ts';
import { localServers } from './local-servers.ts';
import { otherForwards } from './other-forwards.ts';

/** What a look at this computer has found, before and while its ports are asked. */
export interface Round {
  readonly findings: Findings;
  readonly listening: readonly ListeningPort[] | null;
  readonly copies: readonly Copy[];
  /** The ports that are worth asking. */
  readonly candidates: readonly Candidate[];
  readonly lookedAt: number;
}

const nothingFound: Round = {
  findings: { tmux: 'unknown', processes: 'unknown', forwards: [], list: [], sessions: new Map() },
  listening: null,
  copies: [],
  candidates: [],
  lookedAt: 0,
};

export interface RoundsDeps {
  readonly finder: Finder;
  readonly env: NodeJS.ProcessEnv;
  readonly snapshot: () => Snapshot;
  /** Ports at which this process listens for other things than forwards. */
  readonly ownPorts: () => readonly number[];
  /** The forwards of other copies of the app. */
  readonly copies: () => readonly Copy[];
  /** Called when a round has found what there is. */
  readonly onFound: () => void;
}

/** One look after the other at what listens and what forwards there are; no port is asked. */
export interface Rounds {
  /** Resolves when `latest` has what there is at the earliest at this moment. */
  find(): Promise<void>;
  latest(): Round;
}

export function createRounds(deps: RoundsDeps): Rounds {
  let latest = nothingFound;
  return {
    find: oneAtATime(async () => {
      const findings = await deps.finder.find();
      const found = { findings, listening: await listListening(deps.env), copies: deps.copies() };
      const own = { ownPid: process.pid, ownPorts: deps.ownPorts(), snapshot: deps.snapshot() };
      latest = { ...found, candidates: portsToAsk({ ...found, ...own }), lookedAt: Date.now() };
      deps.onFound();
    }),
    latest: () => latest,
  };
}

/** The parts of the Snapshot that the round, with the answers so far, changes; null: none. */
export function changedParts(
  round: Round,
  answers: Answers,
  snapshot: Snapshot,
  loads: ReadonlyMap<number, LoadAnswer>,
): Partial<Pick<Snapshot, 'otherForwards' | 'localServers'>> | null {
  const { findings, listening, candidates, lookedAt } = round;
  const { tmux, processes, list, sessions } = findings;
  const known = answers.of(candidates);
  const forwards = otherForwards({ findings, listening, answers: known, now: Date.now() });
  const servers = localServers({
    ...round,
    snapshot,
    otherForwards: forwards,
    processes: list,
    sessions,
    answers: known,
    loads,
  });
  const others = { tmux, processes, forwards, lookedAt };
  const isSame = isDeepStrictEqual(servers, snapshot.localServers);
  if (!isSame) return { otherForwards: others, localServers: servers };
  return isDeepStrictEqual(others, snapshot.otherForwards) ? null : { otherForwards: others };
}

/**
 * Whether the port leads to the demo cluster, or nothing listens at it any more. Others are left alone beside the demo, which
 * contacts only its own hosts unless a person asks: a port here may lead to a host of another user.
 */
export function isOfDemo(
  { port }: Candidate,
  { findings: { forwards }, listening }: Pick<Round, 'findings' | 'listening'>,
): boolean {
  const isDead = listening !== null && !listening.some((entry) => entry.port === port);
  return forwards.some(
    ({ forward, process: ssh }) =>
      forward.localPort === port && (isDead || (ssh !== null && forward.hostId !== null)),
  );
}
