import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import { createFrameChannel } from '#engine/probe/frame-channel.ts';
import type { Transport } from '#engine/ssh/transport.ts';

const sentinel = 'S1';
const frame = (number: number, text = 'x') =>
  `\n${sentinel} begin ${number}\n\n${sentinel} part p 0\n${text}\n${sentinel} end ${number}\n`;

/** A channel whose far end is the test: `written` is what came there. */
function open() {
  const written: string[] = [];
  const closings: ((reason: AppError) => void)[] = [];
  const channel = new Duplex({
    read: () => undefined,
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  const stderr = { bytes: 0, onBytes: (): void => undefined };
  const transport = {
    bytesReceived: () => 0,
    onClose(listener: (reason: AppError) => void) {
      closings.push(listener);
      return () => undefined;
    },
  } as unknown as Transport;
  const frames = createFrameChannel({ channel, stderr, transport, sentinel });
  const reasons: string[] = [];
  frames.onClose(({ code }) => reasons.push(code));
  const ask = (number: number) =>
    frames.exchange({
      number,
      text: `ask ${number}\n`,
      limitMs: 60_000,
      signal: undefined,
      late: () => undefined,
    });
  return {
    frames,
    channel,
    stderr,
    written,
    reasons,
    ask,
    lose: (reason: AppError) => closings[0]?.(reason),
  };
}

describe('the channel of a shell', () => {
  it('answers what was asked, whatever comes before the frame', async () => {
    const { channel, written, ask, frames } = open();
    const answer = ask(0);
    channel.push('Welcome to gpu-01\n');
    channel.push(frame(0, 'hello'));
    expect((await answer).parts).toMatchObject([{ name: 'p', code: 0 }]);
    expect(written).toEqual(['ask 0\n']);
    frames.close('cancelled', '');
  });

  it('is closed by an answer that was not asked for, unless it was stopped', async () => {
    const { channel, ask, frames, reasons } = open();
    const first = ask(0);
    channel.push(frame(0));
    await first;
    frames.stop(1);
    const second = ask(2);
    channel.push(frame(1) + frame(2));
    expect((await second).number).toBe(2);
    const third = ask(3);
    channel.push(frame(7));
    await expect(third).rejects.toMatchObject({ code: 'probe-garbled' });
    expect(reasons).toEqual(['probe-garbled']);
    await expect(ask(4)).rejects.toMatchObject({ code: 'probe-garbled' });
  });

  it('that sends without end is no shell; later less is too much', async () => {
    const first = open();
    const hello = first.ask(0);
    first.channel.push(Buffer.alloc(1_048_577, 'x'));
    await expect(hello).rejects.toMatchObject({ code: 'no-shell' });

    const { channel, stderr, ask, reasons } = open();
    const answer = ask(0);
    channel.push(frame(0));
    await answer;
    stderr.bytes = 65_537;
    stderr.onBytes();
    expect(reasons).toEqual(['probe-garbled']);
  });

  it('that ends before its first answer is no shell, and says what came instead', async () => {
    const { channel, ask } = open();
    const answer = ask(0);
    channel.push('This account is not available.\n');
    channel.push(null);
    await expect(answer).rejects.toMatchObject({
      code: 'no-shell',
      detail: expect.stringContaining('not available'),
    });
  });

  it("closes for the connection's own reason", async () => {
    const { ask, lose, reasons } = open();
    const answer = ask(0);
    lose(new AppError('connection-timeout'));
    await expect(answer).rejects.toMatchObject({ code: 'connection-timeout' });
    expect(reasons).toEqual(['connection-timeout']);
  });
});
