import { describe, expect, it } from 'vitest';
import { createEntries } from '#engine/forward/entries.ts';
import type { OpenForward } from '#engine/forward/forward.ts';
import type { ForwardMemory, RememberedTarget } from '#engine/forward/memory.ts';
import { createRestoring } from '#engine/forward/restoring.ts';
import { createStore } from '#engine/store.ts';
import { forward, host, server, snapshot } from '../../../support/snapshot.ts';

const target = (hostId: string, fields: object = {}) =>
  ({
    hostId,
    remotePort: 8000,
    remoteHost: null,
    remoteSocket: null,
    restore: true,
    open: 'user',
    usedAt: 1,
    ...fields,
  }) as unknown as RememberedTarget;

/** A start of the app that remembers these targets; its hosts are `a`, `b` and `c`, and a model answers at `b`. */
function start(targets: readonly RememberedTarget[], { failing = '' } = {}) {
  const done: string[] = [];
  let disposed = false;
  const restoring = createRestoring({
    store: createStore(
      snapshot({ hosts: ['a', 'b', 'c'].map((id) => host(id)), servers: [server('b', 8000, ['m'])] }),
    ),
    memory: {
      targets: () => [...targets],
      opened: ({ hostId }: { hostId: string }) => void done.push(`keep ${hostId}`),
      closed: (id: string) => void done.push(`forget ${id}`),
    } as unknown as ForwardMemory,
    entries: createEntries(() => undefined),
    async startAgain({ hostId }) {
      done.push(`open ${hostId}`);
      if (hostId === failing) throw new Error('no');
      return { current: () => forward(hostId, 8000) } as unknown as OpenForward;
    },
    isDisposed: () => disposed,
  });
  const dispose = () => {
    disposed = true;
  };
  return { restoring, done, dispose };
}

describe('at the next start', () => {
  it('what a person had opened comes back, the oldest first, whether or not it answers', async () => {
    const targets = [target('a', { usedAt: 9 }), target('b', { usedAt: 2 }), target('c', { restore: false })];
    const { restoring, done } = start(targets);
    expect(restoring.hasBegun()).toBe(false);
    await restoring.restore('user');
    expect(done).toEqual(['open b', 'keep b', 'open a', 'keep a']);
    expect(restoring.hasBegun()).toBe(true);
  });

  it('what the rules had opened comes back where a model answers, and is forgotten elsewhere', async () => {
    const { restoring, done } = start([target('a', { open: 'auto' }), target('b', { open: 'auto' })]);
    await restoring.restore('auto');
    expect(done).toEqual(['forget a:8000', 'open b', 'keep b']);
  });

  it('nothing is opened twice, to a host that is not listed, or after the end', async () => {
    const { restoring, done, dispose } = start([target('a'), target('gone')]);
    await Promise.all([restoring.restore('user'), restoring.restore('user')]);
    expect(done).toEqual(['open a', 'keep a']);
    const ended = start([target('a')]);
    ended.dispose();
    await ended.restoring.restore('user');
    expect(ended.done).toEqual([]);
    dispose();
  });

  it('one that cannot be opened stops no other', async () => {
    const { restoring, done } = start([target('a'), target('b', { usedAt: 2 })], { failing: 'a' });
    await restoring.restore('user');
    await restoring.settle();
    expect(done).toEqual(['open a', 'open b', 'keep b']);
  });
});
