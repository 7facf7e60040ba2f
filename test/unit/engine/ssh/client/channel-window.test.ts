import { Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { describe, expect, it } from 'vitest';
import { createChannelWindows } from '#engine/ssh/client/channel-window.ts';

const MiB = 1024 * 1024;

/** A channel as ssh2 builds it, to a host that sends as much as it may. */
class FakeChannel extends Readable {
  readonly incoming = { window: 2 * MiB };
  readonly outgoing = { id: 7, state: 'open' };
  readonly grants: number[] = [];
  readonly _client = {
    _protocol: { channelWindowAdjust: (_id: number, bytes: number) => void this.grants.push(bytes) },
  };

  constructor() {
    super({ highWaterMark: 2 * MiB });
  }
  override _read(): void {
    // It is pushed to.
  }

  /** What came may never be more than was granted. */
  receive(bytes: number): void {
    for (let left = bytes; left > 0; left -= 32_768) {
      const chunk = Buffer.alloc(Math.min(32_768, left));
      expect(chunk.length).toBeLessThanOrEqual(this.incoming.window);
      this.incoming.window -= chunk.length;
      this.push(chunk);
    }
  }
}

function open(windows = createChannelWindows(), roundTripMs = 50): FakeChannel {
  const channel = new FakeChannel();
  windows.widen(channel as unknown as ClientChannel, roundTripMs);
  // Streams that begin to flow deliver in the next turn.
  channel.resume();
  return channel;
}
const turn = () => new Promise(setImmediate);

describe('the window of a channel', () => {
  it('stays nearly open while it is read, where ssh2 would let half of it be used up', async () => {
    const channel = open(undefined, 1);
    await turn();
    for (let n = 0; n < 50; n += 1) {
      channel.receive(MiB);
      expect(channel.incoming.window).toBeGreaterThan(1.7 * MiB);
      expect(channel.incoming.window).toBeLessThanOrEqual(2 * MiB);
    }
    expect(channel.grants.reduce((sum, bytes) => sum + bytes, 0)).toBe(48 * MiB + channel.incoming.window);
  });

  it('grows on a long way up to 16 MiB, whose half is no more for the next one', async () => {
    const windows = createChannelWindows();
    const channel = open(windows);
    await turn();
    for (let n = 0; n < 40; n += 1) channel.receive(MiB);
    expect(channel.incoming.window).toBeGreaterThan(14 * MiB);
    expect(channel.incoming.window).toBeLessThanOrEqual(16 * MiB);
    const second = open(windows);
    await turn();
    for (let n = 0; n < 40; n += 1) second.receive(MiB);
    expect(second.incoming.window).toBeLessThanOrEqual(2 * MiB);
    // A transfer that is over leaves its share to others.
    channel.emit('close');
    for (let n = 0; n < 40; n += 1) second.receive(MiB);
    expect(second.incoming.window).toBeGreaterThan(14 * MiB);
  });

  it('neither grows nor opens for a reader who has stopped', async () => {
    const channel = open();
    await turn();
    channel.pause();
    channel.receive(2 * MiB);
    expect(channel.grants).toEqual([]);
    expect(channel.incoming.window).toBe(0);
    channel.resume();
    await turn();
    expect(channel.readableLength).toBe(0);
    expect(channel.incoming.window).toBeGreaterThan(1.7 * MiB);
    expect(channel.incoming.window).toBeLessThanOrEqual(2 * MiB);
  });

  it('is left alone where the channel is built otherwise', async () => {
    const channel = new Readable({ read: () => undefined });
    createChannelWindows().widen(channel as unknown as ClientChannel, 50);
    expect(channel.listenerCount('data')).toBe(0);
  });
});
