import { listAgentKeys } from '../ssh/agent.ts';
import type { Resolver } from '../ssh/resolve.ts';
import type { Store } from '../store.ts';

export interface AgentWatchDeps {
  readonly store: Store;
  readonly resolver: Resolver;
  /** Called with the hosts that wait for a login and whose agent holds other keys than before. */
  readonly onChange: (hostIds: readonly string[]) => void;
  readonly everyMs?: number;
}

/** Looks now and then whether a key was added to an agent, only while hosts wait for one. */
export function watchAgents({ store, resolver, onChange, everyMs = 10_000 }: AgentWatchDeps): {
  close(): void;
} {
  const known = new Map<string, string>();
  let looking = false;

  const look = async (): Promise<void> => {
    const bySocket = new Map<string, string[]>();
    for (const { id, state } of store.current().hosts) {
      if (state.kind !== 'auth-needed') continue;
      const host = await resolver.resolve(id).catch(() => null);
      const socket = host?.identity.agentSocket;
      if (socket) bySocket.set(socket, [...(bySocket.get(socket) ?? []), id]);
    }
    for (const [socket, hostIds] of bySocket) {
      const keys = await heldKeys(socket);
      const before = known.get(socket);
      known.set(socket, keys);
      if (before !== undefined && before !== keys) onChange(hostIds);
    }
    for (const socket of known.keys()) if (!bySocket.has(socket)) known.delete(socket);
  };

  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => {
      looking = false;
    });
  }, everyMs);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

/** What identifies the keys an agent holds; empty where there is no agent. */
async function heldKeys(socket: string): Promise<string> {
  const keys = await listAgentKeys(socket).catch(() => []);
  return keys
    .map((key) => key.getPublicSSH().toString('base64'))
    .sort()
    .join('\n');
}
