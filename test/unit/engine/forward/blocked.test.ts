import { expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { Forward } from '#common/forwards.ts';
import { blockedForward, isBlocked } from '#engine/forward/blocked.ts';
import type { RememberedTarget } from '#engine/forward/memory.ts';

const target = {
  hostId: 'gpu',
  remotePort: 8000,
  remoteHost: 'inner',
  remoteSocket: null,
  pinned: true,
  label: 'mine',
  open: 'auto',
} as unknown as RememberedTarget;

it('stands there with why, as what it was, without a local port', () => {
  const changes: Forward[] = [];
  let tries = 0;
  const blocked = blockedForward(target, new AppError('port-in-use', { step: 'forward' }), {
    onChange: (forward) => changes.push(forward),
    again: () => {
      tries += 1;
    },
  });
  expect(isBlocked(blocked)).toBe(true);
  expect(changes).toMatchObject([
    {
      hostId: 'gpu',
      remotePort: 8000,
      remoteAddress: 'inner',
      localPort: null,
      pinned: true,
      label: 'mine',
      origin: 'auto',
      state: { kind: 'failed', failure: { code: 'port-in-use' } },
    },
  ]);
  blocked.change({ label: 'other' });
  expect(blocked.current()).toMatchObject({ label: 'other', state: { kind: 'failed' } });
  expect(changes).toHaveLength(2);
  blocked.retry();
  expect(tries).toBe(1);
});
