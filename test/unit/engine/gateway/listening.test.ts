import { describe, expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import { createListening } from '#engine/gateway/listening.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

/** A gateway of which the test says what the settings want and which ports are taken; `events` is what became of it. */
function gateway() {
  const events: string[] = [];
  const wanted = { enabled: true, port: 16_000 };
  const refused = new Map<number, AppError>();
  const clock = createFakeClock();
  const listening = createListening({
    wanted: () => ({ ...wanted }),
    async open(port) {
      const error = refused.get(port);
      if (error !== undefined) throw error;
      events.push(`open ${port}`);
      return {
        cutAll: () => void events.push(`cut ${port}`),
        close: async () => void events.push(`close ${port}`),
      };
    },
    onState: (state) => void events.push(state.kind === 'failed' ? state.failure.code : state.kind),
    clock,
  });
  return { listening, events: () => events.splice(0), wanted, refused, clock };
}

describe('the listener of the gateway', () => {
  it('does nothing before it begins, and then what the settings say', async () => {
    const { listening, events, wanted } = gateway();
    await listening.follow();
    expect(events()).toEqual([]);
    await listening.begin();
    expect(events()).toEqual(['starting', 'open 16000', 'listening']);
    await listening.follow();
    expect([events(), listening.port()]).toEqual([[], 16_000]);
    wanted.enabled = false;
    await listening.follow();
    expect([events(), listening.port()]).toEqual([['close 16000', 'off'], null]);
  });

  it('leaves its port before it takes another one', async () => {
    const { listening, events, wanted } = gateway();
    await listening.begin();
    events();
    wanted.port = 16_001;
    await listening.follow();
    expect(events()).toEqual(['close 16000', 'starting', 'open 16001', 'listening']);
  });

  it('makes one change after the other', async () => {
    const { listening, events, wanted } = gateway();
    const first = listening.begin();
    const second = listening.end();
    wanted.port = 16_002;
    await Promise.all([first, second]);
    expect(events().at(-1)).not.toBe('listening');
    expect(listening.port()).toBeNull();
  });

  it('tries a port again that another program has, until it is free', async () => {
    const { listening, events, refused, clock } = gateway();
    refused.set(16_000, new AppError('port-in-use'));
    await listening.begin();
    expect(events()).toEqual(['starting', 'port-in-use']);
    await clock.advance(10_000);
    expect(events()).toEqual(['starting', 'port-in-use']);
    refused.clear();
    await clock.advance(10_000);
    expect([events(), clock.timers()]).toEqual([['starting', 'open 16000', 'listening'], 0]);
  });

  it('does not try again what waiting does not change', async () => {
    const { listening, events, refused, clock } = gateway();
    refused.set(16_000, new AppError('token-file'));
    await listening.begin();
    expect([events(), clock.timers()]).toEqual([['starting', 'token-file'], 0]);
  });

  it('that has ended stays so, also where it was about to try again', async () => {
    const { listening, events, refused, clock } = gateway();
    refused.set(16_000, new AppError('port-in-use'));
    await listening.begin();
    await listening.end();
    events();
    refused.clear();
    await clock.advance(60_000);
    await listening.begin();
    expect([events(), listening.port(), clock.timers()]).toEqual([[], null, 0]);
  });
});
