import { afterEach, expect, test, vi } from 'vitest';
import type { Reply } from '#common/answer.ts';
import { createBridge, type LinkState, type Transport } from '#common/bridge.ts';
import type { Snapshot } from '#common/model.ts';
import { diff, type Patch } from '#common/reduce.ts';
import { createSnapshotStore, type SnapshotStore } from '../../renderer/state/snapshot-store.ts';
import { host, snapshot } from './samples.ts';

/** A Transport whose answers, patches and link the test holds in its hands. */
function createHeldTransport() {
  const asked: ((reply: Reply) => void)[] = [];
  let push: (patch: Patch) => void = () => undefined;
  let link: (state: LinkState) => void = () => undefined;
  const transport: Transport = {
    request: () => new Promise<Reply>((resolve) => asked.push(resolve)),
    on: (_name, listener) => {
      push = listener;
      return () => undefined;
    },
    onLink: (listener) => {
      link = listener;
      return () => undefined;
    },
  };
  return {
    transport,
    asked,
    push: (patch: Patch) => push(patch),
    link: (state: LinkState) => link(state),
  };
}

const stores: SnapshotStore[] = [];
afterEach(() => {
  for (const store of stores.splice(0)) store.dispose();
});

function start() {
  const held = createHeldTransport();
  const store = createSnapshotStore(createBridge(held.transport));
  stores.push(store);
  const answer = async (index: number, value: Snapshot) => {
    held.asked[index]?.({ ok: true, value });
    await vi.waitFor(() => expect(store.get().snapshot?.revision).toBeGreaterThanOrEqual(value.revision));
  };
  const refuse = async (index: number) => {
    held.asked[index]?.({ ok: false, error: { code: 'connection-lost', detail: '' } });
    await vi.waitFor(() => expect(store.get().failure).toBe('connection-lost'));
  };
  return { ...held, store, answer, refuse };
}

const first = snapshot({ revision: 5, hosts: [host('a', 1, 0), host('b', 1, 0)] });

/** The Snapshot after one more host `b` change, and the patch that leads there. */
function step(before: Snapshot, idle: number): readonly [Snapshot, Patch] {
  const [a] = before.hosts;
  const after = { ...before, hosts: [...(a ? [a] : []), host('b', idle, 0)] };
  const patch = diff(before, after);
  if (patch === null) throw new Error('nothing changed');
  return [{ ...after, revision: patch.revision }, patch];
}

const idleOfB = (store: SnapshotStore) => store.get().snapshot?.hosts[1]?.gpus.length;

test('asks once and then follows patches, sharing what did not change', async () => {
  const { asked, push, store, answer } = start();
  await answer(0, first);
  const changes = vi.fn();
  store.subscribe(changes);
  const [, patch] = step(first, 4);
  push(patch);
  expect(store.get().snapshot?.revision).toBe(6);
  expect(idleOfB(store)).toBe(4);
  expect(store.get().snapshot?.hosts[0]).toBe(first.hosts[0]);
  expect(changes).toHaveBeenCalledTimes(1);
  push(patch);
  expect(changes).toHaveBeenCalledTimes(1);
  expect(asked).toHaveLength(1);
});

test('after a gap it asks for the whole Snapshot and shows the last known one meanwhile', async () => {
  const { asked, push, store, answer } = start();
  await answer(0, first);
  const [second] = step(first, 2);
  const [third, latePatch] = step(second, 3);
  push(latePatch);
  expect(asked).toHaveLength(2);
  expect(store.get().snapshot?.revision).toBe(5);
  await answer(1, third);
  expect(idleOfB(store)).toBe(3);
});

test('patches that come before the Snapshot are applied to it, older ones are skipped', async () => {
  const { asked, push, store, answer } = start();
  const [second, old] = step(first, 2);
  const [, fresh] = step(second, 3);
  push(old);
  push(fresh);
  await answer(0, second);
  expect(store.get().snapshot?.revision).toBe(7);
  expect(idleOfB(store)).toBe(3);
  expect(asked).toHaveLength(1);
});

test('a gap among the early patches asks again', async () => {
  const { asked, push, store, answer } = start();
  const [second] = step(first, 2);
  const [third, tooNew] = step(second, 3);
  push(tooNew);
  await answer(0, first);
  expect(asked).toHaveLength(2);
  await answer(1, third);
  expect(idleOfB(store)).toBe(3);
});

test('a lost link keeps what is known; once it is open again the Snapshot is asked for', async () => {
  const { asked, link, store, answer } = start();
  await answer(0, first);
  link('lost');
  expect(store.get().link).toBe('lost');
  expect(store.get().snapshot?.revision).toBe(5);
  expect(asked).toHaveLength(1);
  link('open');
  expect(store.get().link).toBe('open');
  // Another run of the app counts its revisions anew.
  const restarted = { ...first, revision: 1 };
  await answer(1, restarted);
  await vi.waitFor(() => expect(store.get().snapshot).toBe(restarted));
});

test('a refused first answer is remembered until the next one', async () => {
  const { asked, store, answer, refuse } = start();
  await refuse(0);
  expect(store.get().snapshot).toBeNull();
  store.reload();
  expect(store.get().failure).toBeNull();
  expect(asked).toHaveLength(2);
  await answer(1, first);
  expect(store.get().snapshot?.revision).toBe(5);
});

test('an answer that was overtaken by a newer question is dropped', async () => {
  const { store, answer, asked } = start();
  store.reload();
  await answer(1, { ...first, revision: 9 });
  asked[0]?.({ ok: true, value: first });
  await Promise.resolve();
  expect(store.get().snapshot?.revision).toBe(9);
});
