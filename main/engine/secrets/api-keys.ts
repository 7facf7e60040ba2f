import type { ServerId } from '#common/ids.ts';
import type { ApiKeyUse } from '#common/servers.ts';
import type { SecretStore } from './prompts.ts';

/** The API keys of locked model servers: in memory, and in the face's encrypted store where it has one. */
export interface ApiKeys {
  /** Reads those that are kept; until it has resolved, `get` knows none of them. */
  load(): Promise<void>;
  readonly get: (serverId: ServerId) => string | null;
  set(serverId: ServerId, key: string | null): void;
}

const prefix = 'api key of ';
const memoOf = (serverId: ServerId): string => prefix + serverId;

/** Tells `onUse` at once, and whenever a key comes or goes. */
export function createApiKeys(secrets: SecretStore | null, onUse: (use: ApiKeyUse) => void): ApiKeys {
  const keys = new Map<ServerId, string | null>();
  const hold = (serverId: ServerId, key: string | null): void => {
    const before = keys.get(serverId) ?? null;
    keys.set(serverId, key);
    if ((before === null) !== (key === null)) tell();
  };
  const tell = (): void => {
    const serverIds = [...keys].flatMap(([serverId, key]) => (key === null ? [] : serverId));
    onUse({ serverIds, kept: secrets !== null });
  };
  tell();
  return {
    async load() {
      for (const memo of secrets?.memos() ?? []) {
        if (!memo.startsWith(prefix)) continue;
        const key = await secrets?.read(memo);
        const serverId = memo.slice(prefix.length);
        // One that the person gave meanwhile is newer.
        if (key != null && !keys.has(serverId)) hold(serverId, key);
      }
    },
    get: (serverId) => keys.get(serverId) ?? null,
    set(serverId, key) {
      hold(serverId, key);
      if (key === null) secrets?.remove(memoOf(serverId));
      else void secrets?.write(memoOf(serverId), key);
    },
  };
}
