import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '#common/errors.ts';
import { createLifetime } from '#engine/ssh/lifetime.ts';
import { checkLiveness, watchLiveness } from '#engine/ssh/liveness.ts';
import type { Transport } from '#engine/ssh/transport.ts';

/** A connection whose bytes and answers are set by hand. */
function scripted() {
  const lifetime = createLifetime();
  const script = { bytes: 0, answers: true, pings: 0 };
  const transport: Transport = {
    client: 'built-in',
    answered: false,
    exec: () => Promise.reject(new AppError('no-shell')),
    stream: () => Promise.reject(new AppError('target-refused')),
    ping: async () => {
      script.pings += 1;
      if (!script.answers) throw new AppError('connection-timeout');
      script.bytes += 1;
    },
    bytesReceived: () => script.bytes,
    onClose: (listener) => lifetime.onEnd(listener),
    close: (reason) => lifetime.end(reason ?? new AppError('connection-lost')),
  };
  return { transport, script, ended: () => lifetime.reason() };
}

const times = { silenceMs: 15_000, misses: 3 };

describe('a connection that is watched', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is asked for a sign of life only when it is silent', async () => {
    const { transport, script, ended } = scripted();
    watchLiveness(transport, times);
    for (let n = 0; n < 10; n += 1) {
      script.bytes += 1;
      await vi.advanceTimersByTimeAsync(15_000);
    }
    expect(script.pings).toBe(0);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(script.pings).toBe(1);
    expect(ended()).toBeNull();
  });

  it('ends after three unanswered questions in a row, and no earlier', async () => {
    const { transport, script, ended } = scripted();
    watchLiveness(transport, times);
    script.answers = false;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(ended()).toBeNull();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(ended()).toMatchObject({ code: 'connection-lost', detail: 'no sign of life for 45 s' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lives on when a single byte comes between', async () => {
    const { transport, script, ended } = scripted();
    watchLiveness(transport, times);
    script.answers = false;
    for (let n = 0; n < 20; n += 1) {
      if (n % 3 === 2) script.bytes += 1;
      await vi.advanceTimersByTimeAsync(15_000);
    }
    expect(ended()).toBeNull();
  });
});

describe('a connection after a pause', () => {
  it('ends when it does not answer, and stays when it does', async () => {
    const [dead, alive] = [scripted(), scripted()];
    dead.script.answers = false;
    await Promise.all([checkLiveness(dead.transport, 3000), checkLiveness(alive.transport, 3000)]);
    expect([dead.ended()?.code, alive.ended()]).toEqual(['connection-lost', null]);
  });
});
