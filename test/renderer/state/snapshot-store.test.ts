import { afterEach, expect, test, vi } from 'vitest';
import type { Reply } from '#common/answer.ts';
import { createBridge, type LinkState, type Transport } from '#common/bridge.ts';
import { diff, type Patch } from '#common/patch.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { createScrollPace, type Pace } from '../../../renderer/state/pace.ts';
import { createSnapshotStore, type SnapshotStore } from '../../../renderer/state/snapshot-store.ts';
import { host, snapshot } from '../samples.ts';

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

function start(pace?: Pace) {
  const held = createHeldTransport();
  const store = createSnapshotStore(createBridge(held.transport), pace);
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

test('what comes while the reader scrolls is shown together afterwards, and all of it', async () => {
  let waitMs = 60_000;
  const { store, answer, push } = start({ waitMs: () => waitMs });
  await answer(0, first);
  const told = vi.fn();
  store.subscribe(told);
  const [second, one] = step(first, 3);
  const [, two] = step(second, 4);
  push(one);
  expect(told).not.toHaveBeenCalled();
  expect(store.get().snapshot).toBe(first);
  waitMs = 0;
  push(two);
  expect(told).toHaveBeenCalledTimes(1);
  expect(store.get().snapshot?.revision).toBe(7);
  expect(store.get().snapshot?.hosts[1]?.gpus).toHaveLength(4);
});

test('what has waited is shown when its time has come, without another patch', async () => {
  let waitMs = 1;
  const { store, answer, push } = start({ waitMs: () => waitMs });
  await answer(0, first);
  push(step(first, 3)[1]);
  expect(store.get().snapshot).toBe(first);
  waitMs = 0;
  await vi.waitFor(() => expect(store.get().snapshot?.revision).toBe(6));
});

test('a whole Snapshot that was asked for does not lose to what waited before it', async () => {
  const { store, answer, push, link } = start({ waitMs: () => 60_000 });
  await answer(0, first);
  push(step(first, 3)[1]);
  link('lost');
  link('open');
  await answer(1, { ...first, revision: 9 });
  expect(store.get().snapshot?.revision).toBe(9);
});

test('the pace of a scroll: nothing waits but what comes during one, and that not for long', () => {
  let now = 1000;
  const page = new EventTarget();
  const pace = createScrollPace(page as Document, () => now);
  expect(pace.waitMs(0)).toBe(0);
  page.dispatchEvent(new Event('scroll'));
  expect(pace.waitMs(0)).toBe(120);
  now += 100;
  expect(pace.waitMs(100)).toBe(20);
  page.dispatchEvent(new Event('scroll'));
  expect(pace.waitMs(450)).toBe(50);
  expect(pace.waitMs(600)).toBe(0);
  now += 120;
  expect(pace.waitMs(0)).toBe(0);
});
