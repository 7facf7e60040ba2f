import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '#common/failure.ts';
import { createLifetime } from '#engine/ssh/io/lifetime.ts';
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
    socket: () => Promise.reject(new AppError('target-refused')),
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

describe('a connection that does not answer', () => {
  const doubts = { answerMs: 20, everyMs: 10, leastMs: 50, graceMs: 20 };
  const quick = { silenceMs: 10_000, misses: 100, doubts };

  it('ends soon after its host greets a new one, and is kept as long as it greets none', async () => {
    const { transport, script, ended } = scripted();
    script.answers = false;
    const host = { greets: false, knocks: 0 };
    const { doubt } = watchLiveness(transport, quick, async () => {
      host.knocks += 1;
      return host.greets;
    });
    doubt();
    await vi.waitFor(() => expect(host.knocks).toBeGreaterThan(2), { timeout: 20_000 });
    expect(ended()).toBeNull();
    host.greets = true;
    await vi.waitFor(() => expect(ended()).toMatchObject({ code: 'connection-lost' }), { timeout: 20_000 });
  });

  it('is kept when a byte comes, though its host greets others', async () => {
    const { transport, script, ended } = scripted();
    script.answers = false;
    let knocks = 0;
    const { doubt } = watchLiveness(transport, quick, async () => {
      knocks += 1;
      if (knocks === 2) script.bytes += 1;
      return true;
    });
    doubt();
    await vi.waitFor(() => expect(knocks).toBe(2), { timeout: 20_000 });
    expect(ended()).toBeNull();
    transport.close();
  });

  it('is not held against others when it answers', async () => {
    const { transport, script, ended } = scripted();
    let knocks = 0;
    const { doubt } = watchLiveness(transport, quick, async () => {
      knocks += 1;
      return true;
    });
    doubt();
    expect(script.pings).toBe(1);
    await vi.waitFor(() => expect(script.bytes).toBe(1));
    await new Promise(setImmediate);
    expect([knocks, ended()]).toEqual([0, null]);
    transport.close();
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
