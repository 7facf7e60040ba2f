import { expect, it } from 'vitest';
import type { ApiKeyUse } from '#common/servers.ts';
import { createApiKeys } from '#engine/secrets/api-keys.ts';
import type { SecretStore } from '#engine/secrets/prompts.ts';

function open(secrets: SecretStore | null) {
  const uses: ApiKeyUse[] = [];
  const keys = createApiKeys(secrets, (use) => uses.push(use));
  return { keys, use: () => uses.at(-1), told: () => uses.length };
}

function secretStore() {
  const kept = new Map<string, string>();
  const store: SecretStore = {
    memos: () => [...kept.keys()],
    read: async (memo) => kept.get(memo) ?? null,
    write: async (memo, secret) => void kept.set(memo, secret),
    remove: (memo) => kept.delete(memo),
  };
  return { kept, store };
}

it('holds keys until the app ends where nothing encrypts them, and reports which servers they are for', async () => {
  const { keys, use, told } = open(null);
  await keys.load();
  expect(use()).toEqual({ serverIds: [], kept: false });
  keys.set('a:8000', 'one');
  keys.set('a:8000', 'another');
  expect(keys.get('a:8000')).toBe('another');
  expect([use(), told()]).toEqual([{ serverIds: ['a:8000'], kept: false }, 2]);
  keys.set('a:8000', null);
  expect([keys.get('a:8000'), use()]).toEqual([null, { serverIds: [], kept: false }]);
});

it('keeps them in an encrypted store, and finds them again after a restart', async () => {
  const { store, kept } = secretStore();
  await store.write('passphrase of /home/me/.ssh/id', 'not a key');
  open(store).keys.set('a:8000', 'one');
  const again = open(store);
  expect(again.use()).toEqual({ serverIds: [], kept: true });
  expect(again.keys.get('a:8000')).toBeNull();
  await again.keys.load();
  expect(again.keys.get('a:8000')).toBe('one');
  expect(again.keys.get('b:8000')).toBeNull();
  expect(again.use()).toEqual({ serverIds: ['a:8000'], kept: true });
  again.keys.set('a:8000', null);
  expect([[...kept.keys()], again.use()]).toEqual([
    ['passphrase of /home/me/.ssh/id'],
    { serverIds: [], kept: true },
  ]);
});

it('prefers a key that the person gave while the stored one was being read', async () => {
  const { store } = secretStore();
  await store.write('api key of a:8000', 'old');
  const { keys } = open(store);
  const loaded = keys.load();
  keys.set('a:8000', 'new');
  await loaded;
  expect(keys.get('a:8000')).toBe('new');
});
