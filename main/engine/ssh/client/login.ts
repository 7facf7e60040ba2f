import type { AnyAuthMethod, AuthHandlerMiddleware, NextAuthHandler, ParsedKey } from 'ssh2';
import { plainText } from '#common/text.ts';
import { offeringAgent, type Signer, type Signing, signingAgent } from '../keys/agent.ts';
import type { LoginKeys } from '../keys/auth.ts';
import type { LockedKey } from '../keys/key-file.ts';
import { fingerprint } from '../trust/known-hosts.ts';
import { createLoginQuestions, type LoginQuestionsDeps } from './login-questions.ts';
import {
  allOf,
  heard,
  type LoginStep,
  nextStep,
  offeredBy,
  type Progress,
  wantedFrom,
  without,
} from './login-steps.ts';

/** How a login went: what was tried, what could not be, and which methods the host still offers (null: it did not say). */
export interface LoginReport {
  readonly tried: readonly string[];
  readonly notes: readonly string[];
  readonly offered: readonly string[] | null;
  /** What only a person could have given: the passphrase of a key that would do, or an answer to the host. */
  readonly wants: 'passphrase' | 'answer' | null;
  /** What the host is kept waiting for: the agent, which may ask its user, or a person's answer. */
  readonly waitsFor: 'agent' | 'answer' | null;
}

export interface Login {
  readonly handler: AuthHandlerMiddleware;
  report(): LoginReport;
  /** Whether a person's answer was part of it. */
  answered(): boolean;
}

export interface LoginDeps extends LoginQuestionsDeps {
  readonly keys: LoginKeys;
}

/** One login with these keys, and with a person's answers where one may be asked: the steps of login-steps.ts for ssh2. */
export function createLogin(deps: LoginDeps): Login {
  const { host, keys, signal } = deps;
  const username = host.user;
  const tried: string[] = [];
  let progress: Progress = { kind: 'begun' };
  let left = allOf(keys);
  let waitsFor: LoginReport['waitsFor'] = null;
  let lockedFits = false;

  const questions = createLoginQuestions({
    ...deps,
    onAsking(waits) {
      waitsFor = waits ? 'answer' : null;
      deps.onAsking(waits);
    },
  });

  const take = (): LoginStep | null => {
    const next = nextStep({ progress, methods: host.methods, person: questions.person() }, left);
    left = next.left;
    return next.step;
  };

  const signing: Signing = {
    signal,
    onAsked: () => {
      waitsFor = 'agent';
    },
    onAnswered: (signed) => {
      waitsFor = null;
      if (signed) progress = { kind: 'signed' };
    },
  };

  const unlock = (path: string, file: LockedKey): Promise<ParsedKey | null> => {
    lockedFits = true;
    return questions.unlock(path, file);
  };

  /** Offers the public half, so that the passphrase is asked for only when the host takes the key. */
  const offerLocked = (path: string, file: LockedKey, publicKey: Buffer): AnyAuthMethod => {
    const sign: Signer = async (data, hash) => {
      const key = await unlock(path, file);
      if (key === null) return null;
      progress = { kind: 'signed' };
      tried.push(path);
      return key.sign(data, hash);
    };
    return { type: 'agent', username, agent: signingAgent(publicKey, sign) };
  };

  /** A generator, because ssh2 may ask for the next method while a person is being asked: one step after the other. */
  async function* attempts(): AsyncGenerator<AnyAuthMethod, void> {
    for (let step = take(); step !== null; step = take()) {
      if (step.kind === 'none') yield { type: 'none', username };
      else if (step.kind === 'agent-key') {
        tried.push(`agent key ${describe(step.key)}`);
        // One key at a time: of several, ssh2 would go on to the next one even when the host wants no further key.
        yield { type: 'agent', username, agent: offeringAgent(step.socket, step.key, signing) };
      } else if (step.kind === 'locked-key' && step.file.publicKey !== null)
        yield offerLocked(step.path, step.file, step.file.publicKey);
      else if (step.kind === 'locked-key' || step.kind === 'key-file') {
        const key = step.kind === 'key-file' ? step.key : await unlock(step.path, step.file);
        if (key === null) continue;
        tried.push(step.path);
        yield { type: 'publickey', username, key };
      } else if (step.kind === 'password') {
        const password = await questions.password(step.again);
        if (password === null) return;
        tried.push('a password');
        yield { type: 'password', username, password };
      } else {
        const talk = questions.conversation(step.again, () => tried.push('keyboard-interactive'));
        yield { type: 'keyboard-interactive', username, prompt: talk.prompt };
        if (!talk.asked()) left = without(left, 'keyboard-interactive');
      }
    }
  }

  const queue = attempts();
  const lockedNotes = keys.locked.map(({ path }) => `${path} has a passphrase`);
  return {
    handler: (methods: readonly string[] | null, partial: boolean | null, next: NextAuthHandler) => {
      progress = heard(progress, methods, partial === true);
      void queue.next().then(({ value }) => {
        // Its types leave `false` out, which is how ssh2 learns that there is nothing left.
        if (!signal.aborted) next((value ?? false) as AnyAuthMethod);
      });
    },
    report: () => ({
      tried,
      notes: [...keys.notes, ...lockedNotes],
      offered: offeredBy(progress),
      wants: wantedFrom(progress, { lockedFits, tried: tried.length }),
      waitsFor,
    }),
    answered: questions.answered,
  };
}

function describe(key: ParsedKey): string {
  const comment = plainText(key.comment, 40);
  return comment === '' ? `${key.type} ${fingerprint(key.getPublicSSH())}` : `${key.type} (${comment})`;
}
