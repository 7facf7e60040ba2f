import { Duplex, type Readable, type Writable } from 'node:stream';

/** As much as ssh2 puts into one packet, twice: enough to keep a transfer going, little to hold per stream. */
const highWaterMark = 64 * 1024;

export interface JoinedParts {
  readonly readable: Readable;
  readonly writable: Writable;
  /** Lets go of both parts; called once. The stream is closed when it has resolved. */
  readonly release: () => void | Promise<void>;
  /** Asked when the readable has ended: the failure behind it, or null when that was a regular end. */
  readonly whyEnded?: () => Promise<Error | null>;
}

/**
 * One Duplex over two one-way streams, with half-close, backpressure and a `destroy` that means it. ssh2's channels need
 * it: theirs never becomes `destroyed`, never emits `close` while unread, and ends like a finished one when the
 * connection is lost. A child process needs it for its stdin and stdout.
 */
export class JoinedStream extends Duplex {
  readonly #parts: JoinedParts;
  #ending = false;

  constructor(parts: JoinedParts) {
    super({ highWaterMark, allowHalfOpen: true });
    this.#parts = parts;
    const { readable, writable } = parts;
    // Those who care listen, too; without a listener a lost connection must not end the process.
    this.on('error', () => undefined);
    readable.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) readable.pause();
    });
    readable.on('error', (error: Error) => this.destroy(error));
    // Writing fails when the other side is gone; its end tells more about that than EPIPE does.
    writable.on('error', () => undefined);
    readable.once('end', () => void this.#endReading());
    readable.once('close', () => void this.#endReading().then(() => this.#closeAfterReading()));
  }

  async #endReading(): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    const error = (await this.#parts.whyEnded?.()) ?? null;
    if (error !== null) this.destroy(error);
    else if (!this.destroyed) this.push(null);
  }

  /** The other side is gone: what it sent can still be read, what would be written has nowhere to go. */
  #closeAfterReading(): void {
    if (this.readableEnded) this.destroy();
    else this.once('end', () => this.destroy());
  }

  override _read(): void {
    this.#parts.readable.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#parts.writable.write(chunk, () => done());
  }

  /** What was written at once goes on at once: in one packet, where it is small. */
  override _writev(written: readonly { readonly chunk: Buffer }[], done: () => void): void {
    const chunks = written.map(({ chunk }) => chunk);
    const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
    const parts = bytes <= highWaterMark ? [Buffer.concat(chunks, bytes)] : chunks;
    for (const [at, part] of parts.entries())
      this.#parts.writable.write(part, at === parts.length - 1 ? () => done() : undefined);
  }

  override _final(done: () => void): void {
    this.#parts.writable.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    Promise.resolve(this.#parts.release()).then(
      () => done(error),
      (failure: Error) => done(error ?? failure),
    );
  }
}
