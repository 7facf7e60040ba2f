import type { ParsedKey } from 'ssh2';
import type { PromptField } from '#common/prompts.ts';
import { plainText } from '#common/text.ts';
import { type Asking, askerOf, type Question } from '../asking.ts';
import type { ResolvedHost } from '../config/resolved.ts';
import { type LockedKey, unlockKey } from '../keys/key-file.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { HostKeyCheck } from '../trust/host-key.ts';
import { fingerprint } from '../trust/known-hosts.ts';
import { maxRounds, type Person } from './login-steps.ts';

export interface LoginQuestionsDeps {
  readonly host: ResolvedHost;
  readonly isJumpHost: boolean;
  readonly hostKey: Pick<HostKeyCheck, 'accepted'>;
  readonly keyring: Keyring;
  readonly asking: Asking;
  readonly signal: AbortSignal;
  /** Called before and after a person is asked. */
  readonly onAsking: (waits: boolean) => void;
}

/** What one login asks a person. */
export interface LoginQuestions {
  person(): Person;
  /** Whether a question was answered. */
  answered(): boolean;
  /** The key of a locked file, which goes into the keyring; null when no passphrase opens it. */
  unlock(path: string, file: LockedKey): Promise<ParsedKey | null>;
  /** Null when it is not given. */
  password(again: boolean): Promise<string | null>;
  /** One round of keyboard-interactive, in which several questions may follow each other: a password and then a code. */
  conversation(again: boolean, onFirst: () => void): Conversation;
}

export interface Conversation {
  readonly prompt: KeyboardPrompt;
  /** Whether the host has asked anything. */
  asked(): boolean;
}

type KeyboardPrompt = (
  name: string,
  instructions: string,
  language: string,
  prompts: readonly { prompt: string; echo?: boolean }[],
  finish: (answers: string[]) => void,
) => void;

const maxFields = 32;

export function createLoginQuestions(deps: LoginQuestionsDeps): LoginQuestions {
  const { host, hostKey, keyring, asking, signal, onAsking } = deps;
  const asker = askerOf(host, deps.isJumpHost);
  let person: Person = asking.interactive ? 'present' : 'absent';
  let answered = false;

  const ask = async (question: Question): Promise<readonly string[] | null> => {
    onAsking(true);
    const answers = await asking.ask(asker, question, signal);
    onAsking(false);
    if (answers !== null) answered = true;
    else if (person === 'present') person = 'declined';
    return answers;
  };

  return {
    person: () => person,
    answered: () => answered,
    async unlock(path, file) {
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
    },
    async password(again) {
      const fields = [{ label: 'Password', echo: false }];
      const memo = passwordMemo(host, hostKey.accepted());
      const answers = await ask({ kind: 'password', text: '', fields, again, memo });
      return answers?.[0] ?? null;
    },
    conversation(again, onFirst) {
      let asked = false;
      const prompt: KeyboardPrompt = (name, instructions, _language, prompts, finish) => {
        const question: Question = {
          kind: 'interactive',
          text: textOf(name, instructions),
          fields: prompts.slice(0, maxFields).map(toField),
          again: again && !asked,
          memo: null,
        };
        if (!asked) onFirst();
        asked = true;
        void ask(question).then((answers) => finish([...(answers ?? prompts.map(() => ''))]));
      };
      return { prompt, asked: () => asked };
    },
  };
}

/** Behind two jump hosts one address may mean two machines: what is remembered is for the one with this key. */
function passwordMemo({ user, hostname, port }: ResolvedHost, key: Buffer | null): string | null {
  return key === null ? null : `password ${user}@${hostname}:${port} ${fingerprint(key)}`;
}

function textOf(name: string, instructions: string): string {
  const parts = [name, instructions].map((part) => plainText(part, 500));
  return parts.filter((part) => part !== '').join(' · ');
}

function toField({ prompt, echo = false }: { prompt: string; echo?: boolean }): PromptField {
  return { label: plainText(prompt, 300), echo };
}
