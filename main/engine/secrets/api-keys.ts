import type { ApiKeyUse, ServerId } from '#common/model.ts';
import type { SecretStore } from './prompts.ts';

/** The API keys of locked model servers: in memory, and in the face's encrypted store where it has one. */
export interface ApiKeys {
  readonly get: (serverId: ServerId) => string | null;
  set(serverId: ServerId, key: string | null): void;
}

const memoOf = (serverId: ServerId): string => `api key of ${serverId}`;

/** Tells `onUse` at once, and whenever a key comes or goes. */
export function createApiKeys(secrets: SecretStore | null, onUse: (use: ApiKeyUse) => void): ApiKeys {
  const keys = new Map<ServerId, string | null>();
  // Keys are kept only where that is safe: nobody was asked whether plain text will do.
  const safe = secrets?.kind === 'encrypted' ? secrets : null;
  const hold = (serverId: ServerId, key: string | null): void => {
    const before = keys.get(serverId) ?? null;
    keys.set(serverId, key);
    if ((before === null) !== (key === null)) tell();
  };
  const tell = (): void => {
    const serverIds = [...keys].flatMap(([serverId, key]) => (key === null ? [] : serverId));
    onUse({ serverIds, kept: safe !== null });
  };
  tell();
  return {
    get(serverId) {
      let key = keys.get(serverId);
      if (key === undefined) {
        key = safe?.read(memoOf(serverId)) ?? null;
        hold(serverId, key);
      }
      return key;
    },
    set(serverId, key) {
      hold(serverId, key);
      if (key === null) safe?.remove(memoOf(serverId));
      else safe?.write(memoOf(serverId), key);
    },
  };
}
