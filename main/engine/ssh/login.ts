import type { AnyAuthMethod, AuthHandlerMiddleware, NextAuthHandler, ParsedKey } from 'ssh2';
import type { PromptField } from '#common/model.ts';
import { plainText } from '#common/text.ts';
import { offeringAgent, type Signer, type Signing, signingAgent } from './agent.ts';
import { type Asking, askerOf, type Question } from './asking.ts';
import type { LoginKeys } from './auth.ts';
import { type LockedKey, unlockKey } from './key-file.ts';
import type { Keyring } from './keyring.ts';
import { fingerprint } from './known-hosts.ts';
import type { LoginMethod, ResolvedHost } from './resolved.ts';

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

export interface LoginDeps {
  readonly host: ResolvedHost;
  readonly isJumpHost: boolean;
  readonly keys: LoginKeys;
  readonly keyring: Keyring;
  readonly asking: Asking;
  readonly signal: AbortSignal;
  /** Called before and after a person is asked, for the time limits. */
  readonly onAsking: (waits: boolean) => void;
}

/** As many as ssh allows by default (NumberOfPasswordPrompts). */
const maxRounds = 3;
const maxFields = 32;

/**
 * One login with these keys, and with a person's answers where one may be asked. `none` comes after the keys: it lets in
 * where no key is asked for, and makes a host that has refused all keys say what it would accept. Coming first it would
 * cost everybody a round trip.
 */
export function createLogin({ host, isJumpHost, keys, keyring, asking, signal, onAsking }: LoginDeps): Login {
  const username = host.user;
  const asker = askerOf(host, isJumpHost);
  const tried: string[] = [];
  let offered: readonly string[] | null = null;
  let half = false;
  let lockedFits = false;
  let answered = false;
  let declined = false;
  let waitsFor: LoginReport['waitsFor'] = null;

  const offers = (method: LoginMethod): boolean =>
    host.methods.includes(method) && (offered === null || offered.includes(method));

  const ask = async (question: Question): Promise<readonly string[] | null> => {
    onAsking(true);
    waitsFor = 'answer';
    const answers = await asking.ask(asker, question, signal);
    waitsFor = null;
    onAsking(false);
    if (answers === null) declined = asking.interactive;
    else answered = true;
    return answers;
  };

  const unlock = async (path: string, file: LockedKey): Promise<ParsedKey | null> => {
    const fields = [{ label: 'Passphrase', echo: false }];
    const memo = file.publicKey === null ? null : `passphrase ${fingerprint(file.publicKey)}`;
    for (let round = 1; round <= maxRounds; round += 1) {
      const answers = await ask({ kind: 'passphrase', text: path, fields, again: round > 1, memo });
      if (answers === null) return null;
      // A file that is damaged behind its passphrase is as good as none.
      const key = await unlockKey(file, answers[0] ?? '').catch(() => null);
      if (key !== null) {
        keyring.add(file, key);
        return key;
      }
    }
    return null;
  };

  async function* attempts(): AsyncGenerator<AnyAuthMethod, void> {
    yield* withAgent();
    for (const { path, key } of keys.files) {
      if ((half && offered === null) || !offers('publickey')) break;
      tried.push(path);
      yield { type: 'publickey', username, key };
    }
    yield* withLockedKeys();
    if (offered === null || !asking.interactive) yield { type: 'none', username };
    yield* withAnswers();
  }

  /** One key at a time: of several, ssh2 would go on to the next one even when the host wants no further key. */
  async function* withAgent(): AsyncGenerator<AnyAuthMethod, void> {
    const { agentSocket, agentKeys } = keys;
    if (agentSocket === null) return;
    for (const key of agentKeys) {
      if (half || !offers('publickey')) return;
      tried.push(`agent key ${describe(key)}`);
      const signing: Signing = {
        signal,
        onAsked: () => {
          waitsFor = 'agent';
        },
        onAnswered: (signed) => {
          waitsFor = null;
          // Coming back after that, the host wants something else besides; ssh2 does not pass on what.
          if (signed) half = true;
          if (signed) offered = null;
        },
      };
      yield { type: 'agent', username, agent: offeringAgent(agentSocket, key, signing) };
    }
  }

  /** The passphrase is asked for only when the host takes the key. */
  async function* withLockedKeys(): AsyncGenerator<AnyAuthMethod, void> {
    for (const { path, file } of keys.locked) {
      if (half || declined || !offers('publickey')) return;
      const { publicKey } = file;
      if (publicKey === null) {
        lockedFits = true;
        const key = await unlock(path, file);
        if (key === null) continue;
        tried.push(path);
        yield { type: 'publickey', username, key };
        continue;
      }
      const sign: Signer = async (data, hash) => {
        lockedFits = true;
        const key = await unlock(path, file);
        if (key === null) return null;
        half = true;
        offered = null;
        tried.push(path);
        return key.sign(data, hash);
      };
      yield { type: 'agent', username, agent: signingAgent(publicKey, sign) };
    }
  }

  async function* withAnswers(): AsyncGenerator<AnyAuthMethod, void> {
    const rounds = new Map<LoginMethod, number>();
    const next = (): LoginMethod | undefined =>
      host.methods.find(
        (method) => method !== 'publickey' && offers(method) && (rounds.get(method) ?? 0) < maxRounds,
      );
    for (let method = next(); method !== undefined && !declined; method = next()) {
      const round = (rounds.get(method) ?? 0) + 1;
      rounds.set(method, round);
      if (method === 'keyboard-interactive') {
        // The mere request may send a push to somebody's phone.
        if (!asking.interactive) return;
        const talk = conversation(round > 1);
        yield { type: 'keyboard-interactive', username, prompt: talk.prompt };
        if (!talk.asked()) rounds.set(method, maxRounds);
      } else {
        const password = await askPassword(round > 1);
        if (password === null) return;
        tried.push('a password');
        yield { type: 'password', username, password };
      }
    }
  }

  const askPassword = async (again: boolean): Promise<string | null> => {
    const fields = [{ label: 'Password', echo: false }];
    const memo = `password ${username}@${host.hostname}:${host.port}`;
    const answers = await ask({ kind: 'password', text: '', fields, again, memo });
    return answers?.[0] ?? null;
  };

  /** Several questions may follow each other, such as a password and then a code. */
  const conversation = (again: boolean) => {
    let asked = false;
    const prompt: KeyboardPrompt = (name, instructions, _language, prompts, finish) => {
      const text = [name, instructions].map((part) => plainText(part, 500)).filter((part) => part !== '');
      const question: Question = {
        kind: 'interactive',
        text: text.join(' · '),
        fields: prompts.slice(0, maxFields).map(toField),
        again: again && !asked,
        memo: null,
      };
      if (!asked) tried.push('keyboard-interactive');
      asked = true;
      void ask(question).then((answers) => finish([...(answers ?? prompts.map(() => ''))]));
    };
    return { prompt, asked: () => asked };
  };

  const lockedNotes = keys.locked.map(({ path }) => `${path} has a passphrase`);
  const queue = attempts();
  const wants = (): LoginReport['wants'] => {
    if (lockedFits && !half) return 'passphrase';
    const asks = ['keyboard-interactive', 'password'].some((method) => offered?.includes(method));
    const noKeyLeft = half || tried.length === 0 || !(offered?.includes('publickey') ?? true);
    return asks && noKeyLeft ? 'answer' : null;
  };
  return {
    handler: (methods: readonly string[] | null, partial: boolean | null, next: NextAuthHandler) => {
      // ssh2 gives null as long as the host has not told its methods.
      if (methods !== null) offered = methods;
      if (partial === true) half = true;
      void queue.next().then(({ value }) => {
        // Its types leave `false` out, which is how ssh2 is told that there is nothing left.
        if (!signal.aborted) next((value ?? false) as AnyAuthMethod);
      });
    },
    report: () => ({ tried, notes: [...keys.notes, ...lockedNotes], offered, wants: wants(), waitsFor }),
    answered: () => answered,
  };
}

type KeyboardPrompt = (
  name: string,
  instructions: string,
  language: string,
  prompts: readonly { prompt: string; echo?: boolean }[],
  finish: (answers: string[]) => void,
) => void;

function toField({ prompt, echo = false }: { prompt: string; echo?: boolean }): PromptField {
  return { label: plainText(prompt, 300), echo };
}

function describe(key: ParsedKey): string {
  const comment = plainText(key.comment, 40);
  return comment === '' ? `${key.type} ${fingerprint(key.getPublicSSH())}` : `${key.type} (${comment})`;
}
