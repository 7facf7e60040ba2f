/** The long-lived `/bin/sh` of a host: one channel, requests one after the other, every answer a frame. */

import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { AppError, type ErrorCode } from '#common/errors.ts';
import { plainText } from '#common/text.ts';
import type { Log } from '../log.ts';
import type { Transport } from '../ssh/transport.ts';
import { createFrameReader, type Frame } from './frames.ts';
import { probeScript, shellCommand } from './script.ts';

export interface ShellOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long the shell may take to open, and every request to be answered. */
  readonly timeoutMs: number;
  /** The longest time that a request will be given; default `timeoutMs`. */
  readonly longestMs?: number;
  readonly log?: Log | undefined;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default: that of the shell. */
  readonly timeoutMs?: number | undefined;
}

export type ProbeVerb = 'gpus' | 'apps' | 'names' | 'facts' | 'ports';

export interface ProbeShell {
  /**
   * Sends one request of script.ts and returns its frame; requests wait for each other. One that is not answered in time
   * is stopped on the host and then returns a frame with the part `stopped`. Aborting it stops it too.
   * Errors: `cancelled`; and, with the shell closed, `probe-timeout`, `probe-garbled`, `connection-lost`.
   */
  request(verb: ProbeVerb, argument: string, options?: RequestOptions): Promise<Frame>;
  /** Calls the listener once, when the shell has ended; at once when it already has. Returns the removal. */
  onClose(listener: (reason: AppError) => void): () => void;
  /** Ends the shell and with it everything it runs on the host. Safe to call twice. */
  close(): void;
}

/** More than any message of the day: what sends it is not a shell. */
const maxNoiseBytes = 1_048_576;
/** How long the host may take to answer a `stop`, which it does at once when it is well. */
const stopGraceMs = 2000;
/** As sshd sends them (CHAN_SES_PACKET_DEFAULT): at 2 kB/s one takes 16 s. */
const largestPacketBytes = 32_768;
/** Less than this are signs of life. */
const slowBytesPerSecond = 100;
/** How often in a row the time for an answer may pass while a packet may be under way. */
const packetPatience = 3;

/**
 * Opens the shell and waits until it has taken the script.
 * Errors: `no-shell` with what was printed instead, `probe-timeout` when nothing was, `cancelled`, and those of `exec`.
 */
export async function openShell(transport: Transport, options: ShellOptions): Promise<ProbeShell> {
  const { signal, timeoutMs, log } = options;
  const startedAt = performance.now();
  const sentinel = randomBytes(16).toString('hex');
  const script = probeScript({
    sentinel,
    directory: `vllm-tray-${randomBytes(10).toString('hex')}`,
    // Beyond the client's own limit: the host's is for a client that is gone.
    limitSeconds: (options.longestMs ?? timeoutMs) / 1000 + 5,
  });
  const channel = await transport.exec(shellCommand, { timeoutMs, ...(signal && { signal }) });
  const session = createSession({ channel, transport, sentinel, timeoutMs });
  const hello = await session.start(script, signal);
  if (hello.parts[0]?.code !== 0) {
    session.close();
    throw new AppError('no-shell', { step: 'shell', detail: 'no writable temporary directory on the host' });
  }
  log?.('debug', `probe shell open after ${Math.round(performance.now() - startedAt)} ms`);
  return session;
}

interface SessionDeps {
  readonly channel: Duplex;
  readonly transport: Transport;
  readonly sentinel: string;
  readonly timeoutMs: number;
}

interface Waiting {
  readonly number: number;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (reason: AppError) => void;
}

interface Sent {
  readonly number: number;
  readonly text: string;
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
}

interface Session extends ProbeShell {
  /** Sends the script and returns frame 0. */
  start(script: string, signal: AbortSignal | undefined): Promise<Frame>;
}

function createSession({ channel, transport, sentinel, timeoutMs }: SessionDeps): Session {
  const reader = createFrameReader(sentinel);
  const closeListeners = new Set<(reason: AppError) => void>();
  let forgetTransport = (): void => undefined;
  let closedBy: AppError | null = null;
  let waiting: Waiting | null = null;
  /** The number of the latest request; null until the shell has said hello. */
  let latest: number | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  const failure = (code: ErrorCode, detail: string): AppError =>
    new AppError(code, { step: latest === null ? 'shell' : 'probe', detail: plainText(detail, 200) });

  const shut = (reason: AppError): void => {
    if (closedBy !== null) return;
    closedBy = reason;
    forgetTransport();
    channel.end();
    channel.destroy();
    waiting?.reject(reason);
    for (const listener of closeListeners) listener(reason);
    closeListeners.clear();
  };

  channel.on('data', (chunk: Uint8Array) => {
    for (const frame of reader.push(chunk)) {
      // An answer that crossed its `stop` on the way has a number that nobody waits for any more.
      if (frame.number === waiting?.number) waiting.resolve(frame);
    }
    if (reader.noiseBytes() > maxNoiseBytes || reader.overflowed())
      shut(failure(latest === null ? 'no-shell' : 'probe-garbled', reader.noiseText()));
  });
  // A lost connection ends its channels, perhaps before it says so itself; its own reason is the better one.
  const ended = (): void =>
    void setImmediate(() =>
      shut(
        latest === null ? failure('no-shell', reader.noiseText()) : failure('connection-lost', 'shell ended'),
      ),
    );
  channel.on('end', ended);
  channel.on('close', ended);
  channel.on('error', (error) => shut(failure('connection-lost', error.message)));
  forgetTransport = transport.onClose(shut);

  /**
   * Calls `late` when so long nothing of an answer has come: one that is under way takes what a slow link needs. Of a
   * packet nothing is seen before it is whole, so a connection that receives a little is given some time for one.
   */
  const whenSilent = (limitMs: number, late: () => void): (() => void) => {
    let frameBytes = reader.frameBytes();
    let allBytes = transport.bytesReceived();
    let patience = packetPatience;
    const look = (): void => {
      const [frameBefore, allBefore] = [frameBytes, allBytes];
      [frameBytes, allBytes] = [reader.frameBytes(), transport.bytesReceived()];
      const received = allBytes - allBefore;
      const trickles = received > (slowBytesPerSecond * limitMs) / 1000 && received < largestPacketBytes;
      if (frameBytes !== frameBefore) patience = packetPatience;
      else patience = trickles ? patience - 1 : 0;
      if (patience > 0) timer = setTimeout(look, limitMs);
      else late();
    };
    let timer = setTimeout(look, limitMs);
    return () => clearTimeout(timer);
  };

  /** Writes the text and returns the frame of that number; calls `late` when time is up and when the signal aborts. */
  const exchange = async (sent: Sent, late: () => void): Promise<Frame> => {
    if (closedBy !== null) throw closedBy;
    if (sent.signal?.aborted) throw new AppError('cancelled', { step: 'probe' });
    const answer = new Promise<Frame>((resolve, reject) => {
      waiting = { number: sent.number, resolve, reject };
    });
    const stopWatching = whenSilent(sent.limitMs, late);
    sent.signal?.addEventListener('abort', late, { once: true });
    try {
      channel.write(sent.text);
      return await answer;
    } finally {
      waiting = null;
      stopWatching();
      sent.signal?.removeEventListener('abort', late);
    }
  };

  const ask = async (verb: ProbeVerb, argument: string, options: RequestOptions): Promise<Frame> => {
    // Only our own words ever reach the shell.
    if (!/^[\w.,]*$/.test(argument))
      throw new AppError('internal', { step: 'probe', detail: 'bad argument' });
    const { signal, timeoutMs: limitMs = timeoutMs } = options;
    const number = (latest ?? 0) + 1;
    latest = number;
    let endGrace: (() => void) | undefined;
    const stop = (): void => {
      if (endGrace !== undefined) return;
      channel.write(`stop ${number}\n`);
      const giveUp = (): void => shut(failure('probe-timeout', `no answer for ${limitMs} ms`));
      endGrace = whenSilent(stopGraceMs, giveUp);
    };
    try {
      return await exchange({ number, text: `${verb} ${number} ${argument}\n`, limitMs, signal }, stop);
    } finally {
      endGrace?.();
    }
  };

  return {
    async start(script, signal) {
      const late = (): void => {
        if (signal?.aborted) shut(failure('cancelled', ''));
        else if (reader.noiseBytes() > 0) shut(failure('no-shell', reader.noiseText()));
        else shut(failure('probe-timeout', `no shell after ${timeoutMs} ms`));
      };
      const hello = await exchange({ number: 0, text: script, limitMs: timeoutMs, signal }, late);
      latest = 0;
      return hello;
    },
    request(verb, argument, options = {}) {
      const answer = turn.then(() => ask(verb, argument, options));
      turn = answer.catch(() => undefined);
      return unlessAborted(answer, options.signal);
    },
    onClose(listener) {
      if (closedBy !== null) listener(closedBy);
      else closeListeners.add(listener);
      return () => closeListeners.delete(listener);
    },
    close: () => shut(failure('cancelled', 'closed')),
  };
}

/** The caller need not wait until the host has stopped what the aborted request started. */
async function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await answer;
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(new AppError('cancelled', { step: 'probe' }));
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
