import type { PrometheusState } from '#common/prometheus.ts';
import type { SecretStore } from '../../secrets/prompts.ts';
import type { SourceSecrets } from './way.ts';

type Part = keyof SourceSecrets;

/** Passwords, tokens and headers of sources: in memory, and in the face's encrypted store where it has one. */
export interface SecretsOfSources {
  /** Reads those that are kept; answers whether there are any. */
  load(): Promise<boolean>;
  get(sourceId: string): SourceSecrets;
  /** Null takes one away, undefined leaves it. */
  set(sourceId: string, change: Partial<Record<Part, string | null | undefined>>): void;
  use(sourceId: string): PrometheusState['secret'];
  /** Forgets those of a source that is gone. */
  forget(sourceId: string): void;
}

const parts: readonly Part[] = ['login', 'header'];
const prefix = 'prometheus ';
const memoOf = (sourceId: string, part: Part): string => `${prefix}${part} of ${sourceId}`;

/** `given` are those of a command, which nothing keeps. */
export function createSourceSecrets(
  secrets: SecretStore | null,
  given: (sourceId: string) => SourceSecrets | null,
): SecretsOfSources {
  const known = new Map<string, string | null>();
  const get = (sourceId: string, part: Part): string | null =>
    known.get(memoOf(sourceId, part)) ?? given(sourceId)?.[part] ?? null;
  return {
    async load() {
      for (const memo of secrets?.memos() ?? []) {
        if (!memo.startsWith(prefix) || known.has(memo)) continue;
        const secret = await secrets?.read(memo);
        // One that the person gave meanwhile is newer.
        if (secret != null && !known.has(memo)) known.set(memo, secret);
      }
      return known.size > 0;
    },
    get: (sourceId) => ({ login: get(sourceId, 'login'), header: get(sourceId, 'header') }),
    set(sourceId, change) {
      for (const part of parts) {
        const secret = change[part];
        if (secret === undefined) continue;
        known.set(memoOf(sourceId, part), secret);
        if (secret === null) secrets?.remove(memoOf(sourceId, part));
        else void secrets?.write(memoOf(sourceId, part), secret);
      }
    },
    use: (sourceId) => ({
      login: get(sourceId, 'login') !== null,
      header: get(sourceId, 'header') !== null,
      kept: secrets !== null,
    }),
    forget(sourceId) {
      for (const part of parts) {
        const memo = memoOf(sourceId, part);
        if (known.delete(memo)) secrets?.remove(memo);
      }
    },
  };
}
