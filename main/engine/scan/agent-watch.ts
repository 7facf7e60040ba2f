import { oneAtATime } from '#common/one-at-a-time.ts';
import { touched } from '#common/patch.ts';
import { every } from '#common/timer.ts';
import type { Resolver } from '../ssh/config/resolve.ts';
import { listAgentKeys } from '../ssh/keys/agent.ts';
import type { Store } from '../store.ts';

export interface AgentWatchDeps {
  readonly store: Store;
  readonly resolver: Resolver;
  /** Called with the hosts that wait for a login and whose agent holds other keys than before. */
  readonly onChange: (hostIds: readonly string[]) => void;
  readonly everyMs?: number;
}

/**
 * Looks whether keys were added to an agent, only while hosts wait for one: at once when a host begins to, so that no key
 * is missed that comes soon after, and then now and then.
 */
export function watchAgents({ store, resolver, onChange, everyMs = 10_000 }: AgentWatchDeps): {
  close(): void;
} {
  const known = new Map<string, string>();

  const look = async (): Promise<void> => {
    const bySocket = await waiting();
    for (const [socket, hostIds] of bySocket) {
      const keys = await heldKeys(socket);
      const before = known.get(socket);
      known.set(socket, keys);
      if (before !== undefined && before !== keys) onChange([...hostIds]);
    }
    for (const socket of known.keys()) if (!bySocket.has(socket)) known.delete(socket);
  };

  /** The hosts that wait, by the sockets of their agents; a jump host that refused the login may have its own. */
  const waiting = async (): Promise<Map<string, Set<string>>> => {
    const bySocket = new Map<string, Set<string>>();
    for (const { id, state } of store.current().hosts) {
      if (state.kind !== 'auth-needed') continue;
      for (const alias of new Set([id, state.failure.hop ?? id])) {
        const socket = await resolver.resolve(alias).then(
          ({ identity }) => identity.agentSocket,
          () => null,
        );
        if (socket !== null) bySocket.set(socket, (bySocket.get(socket) ?? new Set()).add(id));
      }
    }
    return bySocket;
  };

  const lookSoon = oneAtATime(look);
  const forget = store.subscribe(({ hosts }) => {
    if (touched(store.current().hosts, hosts).some(({ state }) => state.kind === 'auth-needed'))
      void lookSoon();
  });
  const timer = every(everyMs, () => void lookSoon(), { background: true });
  void lookSoon();
  return {
    close() {
      timer.cancel();
      forget();
    },
  };
}

/** What identifies the keys an agent holds; empty where there is no agent. */
async function heldKeys(socket: string): Promise<string> {
  const keys = await listAgentKeys(socket).catch(() => []);
  return keys
    .map((key) => key.getPublicSSH().toString('base64'))
    .sort()
    .join('\n');
}
