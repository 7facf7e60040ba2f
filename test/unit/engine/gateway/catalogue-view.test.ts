import { expect, it } from 'vitest';
import { createCatalogueView } from '#engine/gateway/catalogue-view.ts';
import { server, snapshot } from '../../../support/snapshot.ts';

it('is made anew only where servers or forwards have changed', () => {
  const seenAt = Date.now();
  let current = snapshot({ servers: [{ ...server('gpu-01', 8000, ['a']), seenAt }] });
  const view = createCatalogueView({ current: () => current });
  const first = view();
  expect([...first.keys()]).toEqual(['a']);
  current = { ...current, notices: [], revision: 7 };
  expect(view()).toBe(first);
  current = { ...current, servers: [{ ...server('gpu-01', 8000, ['b']), seenAt }] };
  expect([...view().keys()]).toEqual(['b']);
});

it('a server that was not looked at for too long is not one that can be asked', () => {
  const current = snapshot({ servers: [{ ...server('gpu-01', 8000, ['a']), seenAt: 1 }] });
  const [replica] = createCatalogueView({ current: () => current })().get('a')?.replicas ?? [];
  expect(replica?.state.kind).toBe('lost');
});
