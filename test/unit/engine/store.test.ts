import { describe, expect, it } from 'vitest';
import { applyPatch, type Patch } from '#common/patch.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { createStore } from '#engine/store.ts';
import { host, snapshot } from '../../support/snapshot.ts';

const changed = (measuredAt: number) => ({ kind: 'host-changed', host: host('a', { measuredAt }) }) as const;

describe('the store', () => {
  it('tells a burst of changes as one patch that leads to the Snapshot', async () => {
    const store = createStore(snapshot({ hosts: [host('a'), host('b')] }));
    const before = store.snapshot();
    const patches: Patch[] = [];
    const first = new Promise<void>((resolve) => {
      store.subscribe((patch) => {
        patches.push(patch);
        resolve();
      });
    });
    for (let n = 1; n <= 1000; n += 1) store.apply(changed(n));
    await first;
    expect(patches).toHaveLength(1);
    const received = patches.reduce<Snapshot | 'gap'>(
      (state, patch) => (state === 'gap' ? state : applyPatch(state, patch)),
      before,
    );
    expect(received).toEqual(store.snapshot());
    expect(store.snapshot().hosts[0]?.measuredAt).toBe(1000);
    store.dispose();
  });

  it('gives a Snapshot from which the next patches continue', () => {
    const store = createStore(snapshot({ hosts: [host('a')] }));
    const patches: Patch[] = [];
    store.subscribe((patch) => patches.push(patch));
    store.apply(changed(7));
    const asked = store.snapshot();
    expect(asked.revision).toBe(1);
    expect(asked.hosts[0]?.measuredAt).toBe(7);
    store.apply(changed(8));
    store.dispose();
    expect(patches.map((patch) => patch.revision)).toEqual([1, 2]);
  });

  it('is silent when nothing changed, and after it was disposed', () => {
    const store = createStore(snapshot({ hosts: [host('a')] }));
    const patches: Patch[] = [];
    store.subscribe((patch) => patches.push(patch));
    store.snapshot();
    store.dispose();
    store.apply(changed(9));
    store.snapshot();
    expect(patches).toEqual([]);
  });
});
