import type { Duplex } from 'node:stream';

/** Greetings of any sensible length and the version; the reader takes what is longer as it comes. */
const mostBytes = 16_384;
const newline = 0x0a;

/**
 * Gives the next reader of a socket what the other side sends up to its version (RFC 4253, 4.2) in one piece: of more than
 * two, ssh2 loses those in the middle (`parseHeader` of 1.17 keeps the first alone), and slow and lossy links make more.
 * To be called before the reader listens; when that is, is ssh2's own affair, and so is when the socket flows: the first that listens
 * has it flow. So `onChunk` gets every chunk from the reader's first one on, and not by a listener of its own.
 * @returns what has come of it so far
 */
export function gatherIdentification(
  socket: Duplex,
  onChunk: (chunk: Buffer) => void = () => undefined,
): () => Buffer {
  let gathered = Buffer.alloc(0);
  let lineStart = 0;

  const isWhole = (): boolean => {
    for (;;) {
      const end = gathered.indexOf(newline, lineStart);
      if (end < 0) return gathered.length >= mostBytes;
      if (gathered.toString('latin1', lineStart, lineStart + 4) === 'SSH-') return true;
      lineStart = end + 1;
    }
  };
  const gatherFor = (reader: (chunk: Buffer) => void): void => {
    const gather = (chunk: Buffer): void => {
      onChunk(chunk);
      gathered = Buffer.concat([gathered, chunk]);
      if (!isWhole()) return;
      socket.off('data', gather).on('data', onChunk).on('data', reader);
      reader(gathered);
    };
    socket.on('data', gather).off('data', reader);
  };
  socket.on('newListener', function onListener(event, listener) {
    if (event !== 'data') return;
    socket.off('newListener', onListener);
    // It hears of it before it listens, and nothing flows before the next tick.
    process.nextTick(gatherFor, listener);
  });
  return () => gathered;
}
