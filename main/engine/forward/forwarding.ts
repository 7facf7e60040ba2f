import type { Log } from '../diagnostics/log.ts';
import type { Retries } from '../scan/retries.ts';
import type { Resolver } from '../ssh/config/resolve.ts';
import type { Pool } from '../ssh/pool.ts';
import type { Store } from '../store.ts';
import { type AutoForwarder, type AutoForwarderDeps, createAutoForwarder } from './auto-forwarder.ts';
import { createForwards, type Forwards } from './forwards.ts';
import type { ForwardMemory } from './memory.ts';
import { watchUnused } from './unused.ts';

export interface ForwardingDeps {
  readonly store: Store;
  readonly pool: Pool;
  readonly retries: Retries;
  readonly resolver: Resolver;
  readonly tmux: AutoForwarderDeps['tmux'];
  readonly log: Log;
  /** Where local ports, and what is open, are remembered. */
  readonly memory: ForwardMemory;
  /** Local ports come from the range of the settings alone; kept ports stay. */
  readonly strictRange?: boolean | undefined;
}

/** The forwards of this app, those that persons open and those that the rules do. */
export interface Forwarding {
  readonly forwards: Forwards;
  readonly rules: AutoForwarder;
  dispose(): Promise<void>;
}

export function createForwarding(deps: ForwardingDeps): Forwarding {
  const { memory } = deps;
  const forwards = createForwards(deps);
  const rules = createAutoForwarder({ ...deps, forwards });
  const unwatch = watchUnused({ store: deps.store, close: forwards.close, log: deps.log });
  return {
    forwards,
    rules,
    async dispose() {
      unwatch();
      // Together: what the rules are opening is given up only when the forwards are.
      await Promise.all([rules.dispose(), forwards.dispose()]);
      await memory.settle();
    },
  };
}
