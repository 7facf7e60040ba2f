import http from 'node:http';
import type { Duplex } from 'node:stream';
import { after, type Timer } from '#common/timer.ts';

/** Opens one channel to the server. */
export type OpenChannel = (signal: AbortSignal | undefined) => Promise<Duplex>;

/** Gives Node's HTTP client channels to one server in place of sockets, and opens them again when the server has closed them. */
export class ChannelAgent extends http.Agent {
  readonly #open: OpenChannel;
  readonly #idleMs: number | undefined;
  readonly #idle = new WeakMap<Duplex, Timer>();
  #closed = false;

  /** `idleMs`: how long a channel that no request uses is kept open; absent: until the server closes it. */
  constructor(open: OpenChannel, maxSockets: number, idleMs?: number) {
    super({ keepAlive: true, maxSockets });
    this.#open = open;
    this.#idleMs = idleMs;
  }

  override createConnection(
    options: http.ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const opened = (stream: Duplex): void => {
      makeFit(stream);
      if (this.#closed) stream.destroy();
      callback?.(null, stream);
    };
    // The stream is absent exactly when there is an error, which the declared type cannot say.
    const failed = (error: Error): void => (callback as ((error: Error) => void) | undefined)?.(error);
    this.#open(options.signal).then(opened, failed);
  }

  // What Node does here are socket options that a channel does not have.
  override keepSocketAlive(channel: Duplex): boolean {
    if (this.#idleMs !== undefined)
      this.#idle.set(
        channel,
        after(this.#idleMs, () => channel.destroy(), { background: true }),
      );
    return !this.#closed;
  }
  override reuseSocket(channel: Duplex, request: http.ClientRequest): void {
    this.#idle.get(channel)?.cancel();
    super.reuseSocket(Object.assign(channel, { ref: () => channel }), request);
  }

  override destroy(): void {
    this.#closed = true;
    super.destroy();
  }
}

/** Not among the agent's closures: a listener made there would keep the first request, with its answer, as long as the channel. */
function makeFit(channel: Duplex): void {
  // Without a listener of its own, an error after the request's end would end the process.
  channel.on('error', () => undefined);
  // A channel can be half open, which HTTP has no use for: what the server has closed must not be used again.
  channel.once('end', () => channel.destroy());
}
