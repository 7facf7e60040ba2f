import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createPlainChunks } from './plain-chunks.ts';

/** The way of chunks from a channel to a client past the parsers of both sides: none takes them apart and puts them together. */
export interface ShortCut {
  /** Sends what it can; returns what the parser is to have. */
  take(bytes: Buffer): Buffer;
  /** Ends the chunk under way with empty lines. False where it lacks too much for that. */
  fill(): boolean;
}

const nothing: Buffer = Buffer.alloc(0);
const mostFilled = 64 * 1024;

/** `onData` gets what the chunks carry. Null where the client has another answer before it, or is to have no chunks. */
export function createShortCut(
  response: ServerResponse,
  channel: Duplex,
  onData: (piece: Buffer) => void,
): ShortCut | null {
  const { socket } = response;
  if (socket === null || !response.chunkedEncoding) return null;
  const chunks = createPlainChunks(onData);
  let isFirst = true;
  /** The beginning of a chunk's size. */
  let kept = nothing;
  const uncork = (): void => socket.uncork();
  const resume = (): void => void channel.resume();

  const send = (bytes: Buffer): void => {
    // What came at once goes on at once, and the headers with it.
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(uncork);
    }
    if (isFirst) response.flushHeaders();
    isFirst = false;
    if (socket.write(bytes)) return;
    channel.pause();
    socket.once('drain', resume);
  };

  return {
    take(read) {
      const bytes = kept.length === 0 ? read : Buffer.concat([kept, read]);
      const { plain, rest } = chunks.follow(bytes);
      if (plain > 0 && !socket.destroyed) send(bytes.subarray(0, plain));
      if (rest === 'wrong') channel.destroy();
      kept = rest === 'size' ? bytes.subarray(plain) : nothing;
      return rest === 'other' ? bytes.subarray(plain) : nothing;
    },
    fill() {
      const missing = chunks.missing();
      if (missing > mostFilled) return false;
      if (missing > 0) send(Buffer.from(`${'\n'.repeat(missing)}\r\n`.slice(-missing)));
      return true;
    },
  };
}
