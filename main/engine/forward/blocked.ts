import { type AppError, toFailure } from '#common/failure.ts';
import type { Forward } from '#common/forwards.ts';
import type { Destination } from './channels.ts';
import { type ForwardTraits, newForward, type OpenForward } from './forward.ts';
import type { RememberedTarget } from './memory.ts';

export interface BlockedDeps {
  readonly onChange: (forward: Forward) => void;
  /** Tries to have the local port once more. */
  readonly again: () => void;
}

/** Stands for a forward that cannot be restored because its local port is taken: it says so, and does nothing else. */
export function blockedForward(target: RememberedTarget, why: AppError, deps: BlockedDeps): OpenForward {
  let forward: Forward = {
    ...newForward(destinationOf(target), null),
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
    retry: deps.again,
    change,
    close: () => Promise.resolve(),
  };
}

function destinationOf({
  hostId,
  pinned,
  label,
  open,
  ...target
}: RememberedTarget): Destination & ForwardTraits {
  const { remotePort, remoteHost, remoteSocket } = target;
  const addresses = [remoteSocket ?? remoteHost ?? '127.0.0.1'] as const;
  return { hostId, remotePort, remoteHost, remoteSocket, addresses, pinned, label, origin: open ?? 'user' };
}

export function isBlocked(forward: OpenForward): boolean {
  return forward.current().localPort === null;
}
