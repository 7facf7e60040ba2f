import { type AppError, toFailure } from '#common/errors.ts';
import type { Forward } from '#common/forwards.ts';
import { newForward, type OpenForward } from './forward.ts';
import type { RememberedTarget } from './memory.ts';

export interface BlockedDeps {
  readonly onChange: (forward: Forward) => void;
  /** Tries to have the local port once more. */
  readonly again: () => void;
}

/** Stands for a forward that cannot be restored because its local port is taken: it says so, and does nothing else. */
export function blockedForward(target: RememberedTarget, why: AppError, deps: BlockedDeps): OpenForward {
  const { hostId, remotePort: port, pinned, open } = target;
  let forward: Forward = {
    ...newForward({ hostId, port, addresses: ['127.0.0.1'], pinned, origin: open ?? 'user' }, null),
    state: { kind: 'failed', failure: toFailure(why, 'forward') },
  };
  const change = (fields: Partial<Forward>): void => {
    forward = { ...forward, ...fields };
    deps.onChange(forward);
  };
  change({});
  return {
    current: () => forward,
    opened: Promise.resolve(),
    hurry: () => undefined,
    retry: deps.again,
    change,
    close: () => Promise.resolve(),
  };
}

export function isBlocked(forward: OpenForward): boolean {
  return forward.current().localPort === null;
}
