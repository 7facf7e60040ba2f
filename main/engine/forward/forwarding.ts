import type { Log } from '../log.ts';
import type { Pool } from '../ssh/pool.ts';
import type { Resolver } from '../ssh/resolve.ts';
import type { Store } from '../store.ts';
import { type AutoForwarder, type AutoForwarderDeps, createAutoForwarder } from './auto-forwarder.ts';
import { createForwards, type Forwards } from './forwards.ts';
import { createForwardMemory } from './memory.ts';

export interface ForwardingDeps {
  readonly store: Store;
  readonly pool: Pool;
  readonly resolver: Resolver;
  readonly tmux: AutoForwarderDeps['tmux'];
  readonly log: Log;
  /** Where local ports, and what is open, are remembered; null: nowhere. */
  readonly dataFolder: string | null;
}

/** The forwards of this app, those that persons open and those that the rules do. */
export interface Forwarding {
  readonly forwards: Forwards;
  readonly rules: AutoForwarder;
  dispose(): Promise<void>;
}

export function createForwarding({ dataFolder, ...deps }: ForwardingDeps): Forwarding {
  const memory = createForwardMemory(dataFolder, (detail) =>
    deps.store.apply({ kind: 'problem-found', problem: { code: 'forwards-file', detail } }),
  );
  const forwards = createForwards({ ...deps, memory });
  const rules = createAutoForwarder({ ...deps, forwards, memory });
  return {
    forwards,
    rules,
    async dispose() {
      // Together: what the rules are opening is given up only when the forwards are.
      await Promise.all([rules.dispose(), forwards.dispose()]);
    },
  };
}
