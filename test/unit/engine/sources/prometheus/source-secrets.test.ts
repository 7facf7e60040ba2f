import { describe, expect, it } from 'vitest';
import type { SecretStore } from '#engine/secrets/prompts.ts';
import { createSourceSecrets } from '#engine/sources/prometheus/source-secrets.ts';

function keptIn(kept: Map<string, string>): SecretStore {
  return {
    memos: () => [...kept.keys()],
    read: async (memo: string) => kept.get(memo) ?? null,
    write: async (memo: string, secret: string) => void kept.set(memo, secret),
    remove: (memo: string) => void kept.delete(memo),
  } as unknown as SecretStore;
}
const none = () => null;

describe('the secrets of a source', () => {
  it('are kept encrypted, each for its source, and read at the next start', async () => {
    const kept = new Map([['password of another thing', 'x']]);
    createSourceSecrets(keptIn(kept), none).set('s', { login: 'secret', header: undefined });
    const next = createSourceSecrets(keptIn(kept), none);
    expect(next.get('s').login).toBeNull();
    expect(await next.load()).toBe(true);
    expect([next.get('s'), next.get('other').login]).toEqual([{ login: 'secret', header: null }, null]);
    expect(next.use('s')).toEqual({ login: true, header: false, kept: true });
  });

  it('that a person gave while the kept ones were read are the newer ones', async () => {
    const kept = new Map([['prometheus login of s', 'old']]);
    const secrets = createSourceSecrets(keptIn(kept), none);
    const loading = secrets.load();
    secrets.set('s', { login: 'new' });
    await loading;
    expect(secrets.get('s').login).toBe('new');
  });

  it('go with the source, and nothing else does', () => {
    const kept = new Map<string, string>();
    const secrets = createSourceSecrets(keptIn(kept), none);
    for (const id of ['s', 't']) secrets.set(id, { login: `of ${id}`, header: 'h' });
    secrets.set('t', { header: null });
    secrets.forget('s');
    expect([...kept.values()]).toEqual(['of t']);
    expect(secrets.get('s')).toEqual({ login: null, header: null });
  });

  it('of a command are used and never kept', () => {
    const kept = new Map<string, string>();
    const secrets = createSourceSecrets(keptIn(kept), (id) =>
      id === 's' ? { login: 'given', header: null } : null,
    );
    expect([secrets.get('s').login, secrets.get('t').login, kept.size]).toEqual(['given', null, 0]);
    expect(createSourceSecrets(null, none).use('s').kept).toBe(false);
  });
});
