import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { HostId } from '#common/ids.ts';
import { hasSsh } from '#common/select/hosts.ts';
import type { Prompts } from '../secrets/prompts.ts';
import type { Store } from '../store.ts';
import type { TrackedHost } from './tracked-host.ts';

export interface LoginsDeps {
  readonly store: Store;
  readonly prompts: Prompts;
  tracked(hostId: HostId): TrackedHost;
  scan(hostIds: readonly HostId[]): Promise<void>;
}

/** Runs the logins that a person asked for, one after the other: a person cannot answer two hosts at once. */
export interface Logins {
  /** Resolves when these logins are over, however they ended. */
  start(hostIds: readonly HostId[]): Promise<void>;
  /** Gives all of them up; resolves when none runs any more. */
  dispose(): Promise<void>;
}

export function createLogins({ store, prompts, tracked, scan }: LoginsDeps): Logins {
  const turn = pLimit(1);
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const running = new Map<HostId, Promise<void>>();

  const logIn = async (hostId: HostId): Promise<void> => {
    const { signal } = controller;
    if (signal.aborted || !store.current().hosts.some((host) => host.id === hostId && hasSsh(host))) return;
    const loggedIn = await tracked(hostId).logIn(prompts.askingFor(hostId), signal);
    if (!loggedIn || signal.aborted) return;
    await scan(others(hostId));
  };

  /** The hosts that the same key or the same jump host held up. */
  const others = (hostId: HostId): HostId[] =>
    store.current().hosts.flatMap(({ id, state }) => {
      if (id === hostId || state.kind !== 'auth-needed') return [];
      const { code, hop } = state.failure;
      return code === 'auth-waiting' || code === 'auth-locked' || hop !== undefined ? [id] : [];
    });

  return {
    async start(hostIds) {
      const wanted = new Set(hostIds);
      for (const hostId of wanted) {
        if (running.has(hostId)) continue;
        const login = turn(() => logIn(hostId)).finally(() => running.delete(hostId));
        running.set(hostId, login);
      }
      await Promise.all([...wanted].map((hostId) => running.get(hostId)));
    },
    async dispose() {
      controller.abort();
      await Promise.all(running.values());
    },
  };
}
