import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { JoinedStream } from '#engine/ssh/io/joined-stream.ts';

describe('a joined stream', () => {
  const joined = (whyEnded?: () => Promise<Error | null>) => {
    const [readable, writable] = [new PassThrough(), new PassThrough()];
    let released = 0;
    const release = () => {
      released += 1;
      readable.destroy();
      writable.destroy();
    };
    const stream = new JoinedStream({ readable, writable, release, ...(whyEnded && { whyEnded }) });
    return { stream, readable, writable, released: () => released };
  };

  it('passes both directions and each end by itself', async () => {
    const { stream, readable, writable } = joined();
    stream.end('out');
    expect(await text(writable)).toBe('out');
    readable.end('in');
    expect(await text(stream)).toBe('in');
  });

  it('holds the source back while nobody reads', async () => {
    const { stream, readable } = joined();
    const chunks = 100;
    for (let count = 0; count < chunks; count += 1) readable.write(Buffer.alloc(10_000));
    readable.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(stream.readableLength).toBeLessThan(300_000);
    expect((await text(stream)).length).toBe(chunks * 10_000);
  });

  it('is closed for good by destroy, once', async () => {
    const { stream, released } = joined();
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.destroy(new Error('nobody listens for this'));
    stream.destroy();
    await closed;
    expect([stream.destroyed, released()]).toEqual([true, 1]);
  });

  it('fails at the end with the reason behind it', async () => {
    const { stream, readable } = joined(async () => new Error('because'));
    readable.end();
    await expect(text(stream)).rejects.toThrow('because');
  });
});
