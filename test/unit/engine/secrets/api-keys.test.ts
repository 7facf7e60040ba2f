import { expect, it } from 'vitest';
import type { ApiKeyUse } from '#common/model.ts';
import { createApiKeys } from '#engine/api-keys.ts';
import type { SecretStore } from '#engine/prompts.ts';

function open(secrets: SecretStore | null) {
  const uses: ApiKeyUse[] = [];
  const keys = createApiKeys(secrets, (use) => uses.push(use));
  return { keys, use: () => uses.at(-1), told: () => uses.length };
}

function secretStore(kind: SecretStore['kind']) {
  const kept = new Map<string, string>();
  const store: SecretStore = {
    kind,
    read: (memo) => kept.get(memo) ?? null,
    write: (memo, secret) => kept.set(memo, secret),
    remove: (memo) => kept.delete(memo),
  };
  return { kept, store };
}

it('holds keys until the app ends where nothing encrypts them, and tells to whom they are shown', () => {
  const { store, kept } = secretStore('plain-text');
  const { keys, use, told } = open(store);
  expect(use()).toEqual({ serverIds: [], kept: false });
  keys.set('a:8000', 'one');
  keys.set('a:8000', 'another');
  expect(keys.get('a:8000')).toBe('another');
  expect([use(), told()]).toEqual([{ serverIds: ['a:8000'], kept: false }, 2]);
  expect(kept.size).toBe(0);
  keys.set('a:8000', null);
  expect([keys.get('a:8000'), use()]).toEqual([null, { serverIds: [], kept: false }]);
});

it('keeps them in an encrypted store, and finds them again after a restart', () => {
  const { store, kept } = secretStore('encrypted');
  open(store).keys.set('a:8000', 'one');
  const again = open(store);
  expect(again.use()).toEqual({ serverIds: [], kept: true });
  expect(again.keys.get('a:8000')).toBe('one');
  expect(again.keys.get('b:8000')).toBeNull();
  expect(again.use()).toEqual({ serverIds: ['a:8000'], kept: true });
  again.keys.set('a:8000', null);
  expect([kept.size, again.use()]).toEqual([0, { serverIds: [], kept: true }]);
});
