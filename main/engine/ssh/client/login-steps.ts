/** The order of a login, apart from the connection: what the host has said, what is left to try, and what comes next. */

import type { ParsedKey } from 'ssh2';
import type { LoginMethod } from '../config/resolved.ts';
import type { LoginKeys } from '../keys/auth.ts';
import type { LockedKey } from '../keys/key-file.ts';

/** What the host has said in this login until now. */
export type Progress =
  /** Nothing: which methods it takes is not known. */
  | { readonly kind: 'begun' }
  /** It has let nothing pass, and takes these methods. */
  | { readonly kind: 'refused'; readonly offered: readonly string[] }
  /** It took a key, which was signed with. When it asks for more, it wants another method besides; ssh2 does not pass on which. */
  | { readonly kind: 'signed' }
  /** One method has passed, and it wants one of these besides. */
  | { readonly kind: 'partial'; readonly offered: readonly string[] };

/** The methods for which a person, or what is remembered of one, gives the answer. */
export type AnswerMethod = Exclude<LoginMethod, 'publickey'>;

export type KeyStep =
  | { readonly kind: 'agent-key'; readonly socket: string; readonly key: ParsedKey }
  | { readonly kind: 'key-file'; readonly path: string; readonly key: ParsedKey }
  | { readonly kind: 'locked-key'; readonly path: string; readonly file: LockedKey }
  | { readonly kind: 'none' };

export type LoginStep = KeyStep | { readonly kind: AnswerMethod; readonly again: boolean };

/** What has not been tried yet. */
export interface Left {
  readonly keys: readonly KeyStep[];
  /** How many more times each method may be tried. */
  readonly rounds: Readonly<Record<AnswerMethod, number>>;
}

/** Whether a person can be asked; one who has dismissed a question is asked no other. */
export type Person = 'present' | 'absent' | 'declined';

/** As many as ssh allows by default (NumberOfPasswordPrompts). */
export const maxRounds = 3;

/**
 * Everything, in its order. `none` comes after the keys: it lets in where no key is asked for, and makes a host that has
 * refused all keys say what it would accept. Coming first it would cost every login a round trip.
 */
export function allOf({ agentSocket, agentKeys, files, locked }: LoginKeys): Left {
  const ofAgent = agentSocket === null ? [] : agentKeys.map((key) => ({ socket: agentSocket, key }));
  return {
    keys: [
      ...ofAgent.map((one) => ({ kind: 'agent-key' as const, ...one })),
      ...files.map((one) => ({ kind: 'key-file' as const, ...one })),
      ...locked.map((one) => ({ kind: 'locked-key' as const, ...one })),
      { kind: 'none' },
    ],
    rounds: { 'keyboard-interactive': maxRounds, password: maxRounds },
  };
}

/** The methods that the host takes; null while it has not said. */
export function offeredBy(progress: Progress): readonly string[] | null {
  return 'offered' in progress ? progress.offered : null;
}

/** The progress when the host asks for the next method. `methods` is null as long as ssh2 has not been given them. */
export function heard(progress: Progress, methods: readonly string[] | null, partial: boolean): Progress {
  const offered = methods ?? offeredBy(progress);
  const passed = partial || hasPassed(progress);
  if (offered === null) return { kind: passed ? 'signed' : 'begun' };
  return { kind: passed ? 'partial' : 'refused', offered };
}

export interface Situation {
  readonly progress: Progress;
  /** The methods that the configuration allows, in the order to try them. */
  readonly methods: readonly LoginMethod[];
  readonly person: Person;
}

/** The next step, and what is left after it; null when nothing is left that this host takes. */
export function nextStep(situation: Situation, left: Left): { step: LoginStep | null; left: Left } {
  const at = left.keys.findIndex((step) => isDue(step, situation));
  const step = left.keys[at];
  // A key that is passed over is not tried later either.
  if (step !== undefined) return { step, left: { ...left, keys: left.keys.slice(at + 1) } };
  return nextAnswer(situation, { ...left, keys: [] });
}

/** The host has refused the method without a question: another try would end the same. */
export function without(left: Left, method: AnswerMethod): Left {
  return { ...left, rounds: { ...left.rounds, [method]: 0 } };
}

/** What only a person could give, after a login that has failed with so many methods tried. */
export function wantedFrom(
  progress: Progress,
  { lockedFits, tried }: { lockedFits: boolean; tried: number },
): 'passphrase' | 'answer' | null {
  const offered = offeredBy(progress);
  if (lockedFits && !hasPassed(progress)) return 'passphrase';
  const asks = ['keyboard-interactive', 'password'].some((method) => offered?.includes(method));
  const noKeyLeft = hasPassed(progress) || tried === 0 || !(offered?.includes('publickey') ?? true);
  return asks && noKeyLeft ? 'answer' : null;
}

function isDue({ kind }: KeyStep, situation: Situation): boolean {
  const { progress, person } = situation;
  if (kind === 'none') return offeredBy(progress) === null || person === 'absent';
  if (!takes(situation, 'publickey')) return false;
  if (kind === 'key-file') return progress.kind !== 'signed';
  return !hasPassed(progress) && (kind === 'agent-key' || person !== 'declined');
}

function nextAnswer(situation: Situation, left: Left): { step: LoginStep | null; left: Left } {
  const { methods, person } = situation;
  const kind = methods
    .filter((method) => method !== 'publickey')
    .find((method) => takes(situation, method) && left.rounds[method] > 0);
  if (kind === undefined || person === 'declined') return { step: null, left };
  // The mere request may send a push to a person's phone.
  if (kind === 'keyboard-interactive' && person === 'absent') return { step: null, left };
  const rounds = left.rounds[kind];
  return {
    step: { kind, again: rounds < maxRounds },
    left: { ...left, rounds: { ...left.rounds, [kind]: rounds - 1 } },
  };
}

function takes({ progress, methods }: Situation, method: LoginMethod): boolean {
  return methods.includes(method) && (offeredBy(progress)?.includes(method) ?? true);
}

function hasPassed({ kind }: Progress): boolean {
  return kind === 'signed' || kind === 'partial';
}
