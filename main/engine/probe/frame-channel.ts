/** The channel of a shell as frames: text goes in, and of what comes back the frames that were asked for. */

import type { Duplex } from 'node:stream';
import { AppError, type ErrorCode } from '#common/failure.ts';
import { plainText } from '#common/text.ts';
import type { Transport } from '../ssh/transport.ts';
import { createFrameReader, type Frame } from './frames.ts';
import { whenSilent } from './silence.ts';

export interface Exchange {
  /** The number of the frame that answers. */
  readonly number: number;
  readonly text: string;
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  /** Called when nothing of the answer has come for `limitMs`, and when the signal aborts; it goes on waiting. */
  readonly late: () => void;
}

export interface FrameChannel {
  /** Writes the text and returns the frame that answers it; one exchange at a time. Errors: why the channel has closed, `cancelled`. */
  exchange(exchange: Exchange): Promise<Frame>;
  /** Asks the shell to stop a request. The answer may cross that on the way, and both are answered then. */
  stop(number: number): void;
  /** See whenSilent in silence.ts. */
  whenSilent(limitMs: number, late: () => void): () => void;
  /** What came outside frames since the latest one; empty where nothing did. */
  noise(): string;
  onClose(listener: (reason: AppError) => void): () => void;
  /** Ends the channel for this reason. Safe to call twice. */
  close(code: ErrorCode, detail: string): void;
}

export interface FrameChannelDeps {
  readonly channel: Duplex;
  /** What was written to stderr since the latest answer. */
  readonly stderr: { bytes: number; onBytes: () => void };
  readonly transport: Transport;
  readonly sentinel: string;
}

type State =
  /** The shell has not taken the script yet: nothing that comes is known to be of a shell. */
  | { readonly kind: 'opening' }
  | { readonly kind: 'open' }
  | { readonly kind: 'closed'; readonly reason: AppError };

interface Waiting {
  readonly number: number;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (reason: AppError) => void;
}

/** More than any message of the day: what sends it is not a shell. */
const maxNoiseBytes = 1_048_576;
/** Afterwards, with each answer and with what is written to stderr: what a program in the background lets slip. */
const maxStrayBytes = 65_536;

export function createFrameChannel(deps: FrameChannelDeps): FrameChannel {
  const { channel, stderr, transport, sentinel } = deps;
  const reader = createFrameReader(sentinel);
  const received = { frameBytes: reader.frameBytes, allBytes: () => transport.bytesReceived() };
  const closeListeners = new Set<(reason: AppError) => void>();
  const stopped = new Set<number>();
  let state: State = { kind: 'opening' };
  let waiting: Waiting | null = null;
  let forgetTransport = (): void => undefined;

  const shut = (reason: AppError): void => {
    if (state.kind === 'closed') return;
    state = { kind: 'closed', reason };
    forgetTransport();
    channel.end();
    channel.destroy();
    waiting?.reject(reason);
    for (const listener of closeListeners) listener(reason);
    closeListeners.clear();
  };

  const close = (code: ErrorCode, detail: string): void =>
    shut(
      new AppError(code, {
        step: state.kind === 'opening' ? 'shell' : 'probe',
        detail: plainText(detail, 200),
      }),
    );
  const garbled = (detail: string): void =>
    close(state.kind === 'opening' ? 'no-shell' : 'probe-garbled', detail);
  const isTooMuch = (bytes: number): boolean =>
    bytes > (state.kind === 'opening' ? maxNoiseBytes : maxStrayBytes);

  const take = (frame: Frame): void => {
    if (state.kind === 'closed') return;
    stderr.bytes = 0;
    if (frame.number === waiting?.number) {
      const { resolve } = waiting;
      waiting = null;
      state = { kind: 'open' };
      resolve(frame);
    } else if (!stopped.delete(frame.number)) garbled('an answer that was not asked for');
  };

  // A lost connection ends its channels, perhaps before it says so itself; its own reason is the better one.
  const ended = (): void =>
    void setImmediate(() => {
      if (state.kind === 'opening') close('no-shell', reader.noiseText());
      else close('connection-lost', 'shell ended');
    });
  channel.on('data', (chunk: Uint8Array) => {
    for (const frame of reader.push(chunk)) take(frame);
    if (isTooMuch(reader.noiseBytes()) || reader.overflowed()) garbled(reader.noiseText());
  });
  stderr.onBytes = () => {
    if (isTooMuch(stderr.bytes)) garbled('stderr without end');
  };
  channel.on('end', ended);
  channel.on('close', ended);
  channel.on('error', (error) => close('connection-lost', error.message));
  forgetTransport = transport.onClose(shut);

  return {
    async exchange({ number, text, limitMs, signal, late }) {
      if (state.kind === 'closed') throw state.reason;
      if (signal?.aborted) throw new AppError('cancelled', { step: 'probe' });
      const answer = new Promise<Frame>((resolve, reject) => {
        waiting = { number, resolve, reject };
      });
      const stopWatching = whenSilent(received, limitMs, late);
      signal?.addEventListener('abort', late, { once: true });
      try {
        channel.write(text);
        return await answer;
      } finally {
        waiting = null;
        stopWatching();
        signal?.removeEventListener('abort', late);
      }
    },
    stop(number) {
      stopped.add(number);
      channel.write(`stop ${number}\n`);
    },
    whenSilent: (limitMs, late) => whenSilent(received, limitMs, late),
    noise: () => (reader.noiseBytes() > 0 ? reader.noiseText() : ''),
    onClose(listener) {
      if (state.kind === 'closed') listener(state.reason);
      else closeListeners.add(listener);
      return () => closeListeners.delete(listener);
    },
    close,
  };
}
