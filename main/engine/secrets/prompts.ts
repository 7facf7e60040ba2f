import { AppError } from '#common/failure.ts';
import type { HostId } from '#common/ids.ts';
import type { Prompt } from '#common/prompts.ts';
import { type Asking, askNobody } from '../ssh/asking.ts';
import type { Store } from '../store.ts';

/** Where answers are kept that the person wants remembered: encrypted by the face, or nowhere. */
export interface SecretStore {
  /** Of what there is something stored. */
  memos(): readonly string[];
  /** Resolves with null for what was never stored, and for what cannot be decrypted now. */
  read(memo: string): Promise<string | null>;
  /** Stores nothing where it cannot be encrypted. Never rejects. */
  write(memo: string, secret: string): Promise<void>;
  remove(memo: string): void;
}

/** The questions of logins and their answers. Answers pass through and are neither stored nor logged here. */
export interface Prompts {
  /** Asks the person, in the Snapshot, on behalf of a login to this host. */
  askingFor(hostId: HostId): Asking;
  /** Answers with what was remembered, and asks no one. */
  readonly recall: Asking;
  /** Errors: `not-found` for a prompt that is gone, `bad-request` for a wrong number of answers. */
  answer(promptId: string, answers: readonly string[], remember: boolean): void;
  /** Errors: `not-found`. */
  dismiss(promptId: string): void;
}

interface Waiting {
  readonly prompt: Prompt;
  readonly settle: (answers: readonly string[] | null, remember: boolean) => void;
}

export function createPrompts(store: Store, secrets: SecretStore | null): Prompts {
  const waiting = new Map<string, Waiting>();
  let count = 0;

  const publish = (): void =>
    store.apply({ kind: 'prompts-changed', prompts: [...waiting.values()].map(({ prompt }) => prompt) });

  const take = (promptId: string): Waiting => {
    const found = waiting.get(promptId);
    if (found === undefined) throw new AppError('not-found', { detail: 'the question is not open any more' });
    return found;
  };

  const remembered = async (memo: string | null): Promise<readonly string[] | null> => {
    const secret = memo === null ? null : ((await secrets?.read(memo)) ?? null);
    return secret === null ? null : [secret];
  };

  const askingFor = (hostId: HostId): Asking => ({
    interactive: true,
    async ask(asker, { kind, text, fields, again, memo }, signal) {
      const known = again ? null : await remembered(memo);
      if (known !== null) return known;
      // What was remembered is wrong now.
      if (again && memo !== null) secrets?.remove(memo);
      return new Promise((resolve) => {
        count += 1;
        const remember = memo !== null && secrets !== null;
        const prompt: Prompt = { id: `prompt ${count}`, hostId, asker, kind, text, fields, again, remember };
        const settle: Waiting['settle'] = (answers, keep) => {
          signal.removeEventListener('abort', abandon);
          waiting.delete(prompt.id);
          publish();
          const [secret] = answers ?? [];
          if (keep && memo !== null && secret !== undefined) void secrets?.write(memo, secret);
          resolve(answers);
        };
        // The host has hung up, or the login was cancelled.
        const abandon = (): void => settle(null, false);
        if (signal.aborted) return resolve(null);
        signal.addEventListener('abort', abandon, { once: true });
        waiting.set(prompt.id, { prompt, settle });
        publish();
      });
    },
  });

  return {
    askingFor,
    recall:
      secrets === null
        ? askNobody
        : {
            interactive: false,
            ask: async (_asker, { again, memo }) => (again ? null : await remembered(memo)),
          },
    answer(promptId, answers, remember) {
      const { prompt, settle } = take(promptId);
      if (answers.length !== prompt.fields.length)
        throw new AppError('bad-request', { detail: 'one answer for each field is needed' });
      settle(answers, remember && prompt.remember);
    },
    dismiss: (promptId) => take(promptId).settle(null, false),
  };
}
