import { describe, expect, it } from 'vitest';
import { AppError, type ConnectStep } from '#common/failure.ts';
import { type Opened, type PooledDeps, startPooled } from '#engine/ssh/pool/pooled.ts';
import type { Transport } from '#engine/ssh/transport.ts';

/** A connection that ends when it is closed. */
function transport() {
  const listeners = new Set<(reason: AppError) => void>();
  let reason: AppError | null = null;
  return {
    isClosed: () => reason !== null,
    bytesReceived: () => 0,
    ping: async () => undefined,
    onClose(listener: (why: AppError) => void) {
      if (reason !== null) listener(reason);
      else listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      if (reason !== null) return;
      reason = new AppError('connection-lost');
      for (const listener of listeners) listener(reason);
    },
  };
}

/** A connection whose opening the test ends. */
function opening() {
  const gone: string[] = [];
  let resolve = (_opened: Opened): void => undefined;
  let reject = (_error: Error): void => undefined;
  const promise = new Promise<Opened>((...ends) => {
    [resolve, reject] = ends;
  });
  let given: Parameters<PooledDeps['open']> | null = null;
  const pooled = startPooled({
    async open(...args) {
      given = args;
      return promise;
    },
    asks: false,
    times: { silenceMs: 60_000, misses: 3 },
    onGone: () => gone.push('gone'),
  });
  const step = (name: ConnectStep) => given?.[1](name);
  const made = transport();
  return {
    pooled,
    gone,
    step,
    made,
    signal: () => given?.[0],
    open: () => resolve({ transport: made as unknown as Transport }),
    fail: (error: Error) => reject(error),
  };
}

describe('a connection that several callers share', () => {
  it('is opened once, and each hears of its steps from the present one on', async () => {
    const { pooled, step, open, made } = opening();
    const heard: string[] = [];
    const first = pooled.join({ onStep: (name) => heard.push(`first ${name}`) });
    step('handshake');
    const second = pooled.join({ onStep: (name) => heard.push(`second ${name}`) });
    step('authenticate');
    open();
    expect(await first).toBe(await second);
    step('shell');
    expect(heard).toEqual([
      'first connect',
      'first handshake',
      'second handshake',
      'first authenticate',
      'second authenticate',
    ]);
    expect(pooled.state().kind).toBe('open');
    await pooled.close();
    expect(made.isClosed()).toBe(true);
  });

  it('is given up when the last of them leaves, and not before', async () => {
    const { pooled, gone, signal } = opening();
    const [one, other] = [new AbortController(), new AbortController()];
    const joins = [one, other].map(({ signal: leaves }) =>
      pooled.join({ signal: leaves }).catch((error: AppError) => error.code),
    );
    one.abort();
    expect([await joins[0], signal()?.aborted, gone.length]).toEqual(['cancelled', false, 0]);
    other.abort();
    expect([await joins[1], signal()?.aborted]).toEqual(['cancelled', true]);
    expect(gone.length).toBeGreaterThan(0);
  });

  it('that comes after it was given up is closed', async () => {
    const { pooled, open, made } = opening();
    const closing = pooled.close();
    open();
    await closing;
    expect(made.isClosed()).toBe(true);
  });

  it('that does not open is gone, with its reason for all', async () => {
    const { pooled, gone, fail } = opening();
    const joins = [pooled.join(), pooled.join()];
    fail(new AppError('connection-refused'));
    for (const join of joins) await expect(join).rejects.toMatchObject({ code: 'connection-refused' });
    expect(gone).toEqual(['gone']);
    await pooled.close();
  });

  it('that ends is gone', async () => {
    const { pooled, gone, open, made } = opening();
    open();
    await pooled.join();
    made.close();
    expect(gone).toEqual(['gone']);
  });
});
