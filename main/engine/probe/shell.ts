/** The long-lived `/bin/sh` of a host: one channel, requests one after the other, every answer a frame. */

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '#common/failure.ts';
import type { Log } from '../diagnostics/log.ts';
import type { Transport } from '../ssh/transport.ts';
import { createFrameChannel, type FrameChannel } from './frame-channel.ts';
import type { Frame } from './frames.ts';
import { probeScript, shellCommand } from './script.ts';
import type { GpuTool } from './tools/gpu-tool.ts';

export interface ShellOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long the shell may take to open, and every request to be answered. */
  readonly timeoutMs: number;
  /** The longest time that a request will be given; default `timeoutMs`. */
  readonly longestMs?: number;
  readonly log?: Log | undefined;
  /** The GPU tools to look for, in this order; default: all that are known. */
  readonly tools?: readonly GpuTool[] | undefined;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default: that of the shell. */
  readonly timeoutMs?: number | undefined;
}

export type ProbeVerb = 'gpus' | 'apps' | 'names' | 'facts' | 'ports' | 'kin';

export interface ProbeShell {
  /**
   * Sends one request of script.ts with its words and returns its frame; requests wait for each other. One that is not answered in time
   * is stopped on the host and then returns a frame with the part `stopped`. Aborting it stops it too.
   * Errors: `cancelled`; and, with the shell closed, `probe-timeout`, `probe-garbled`, `connection-lost`.
   */
  request(verb: ProbeVerb, words: string | readonly string[], options?: RequestOptions): Promise<Frame>;
  /** Calls the listener once, when the shell has ended; at once when it already has. Returns the removal. */
  onClose(listener: (reason: AppError) => void): () => void;
  /** Ends the shell and with it everything it runs on the host. Safe to call twice. */
  close(): void;
}

/** More than any answer (`maxOutputBytes`), for which the host waits before it is asked again. */
const plentyBytes = 300_000;
const plentyBytesPerMs = 100;
/** How long the host may take to answer a `stop`, which it does at once when it is well. */
const stopGraceMs = 2000;

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
    tools: options.tools,
    // Beyond the client's own limit: the host's is for a client that is gone.
    limitSeconds: (options.longestMs ?? timeoutMs) / 1000 + 5,
  });
  const stderr = { bytes: 0, onBytes: (): void => undefined };
  const channel = await transport.exec(shellCommand, {
    timeoutMs,
    ...(signal && { signal }),
    onStderr: (bytes) => {
      stderr.bytes += bytes;
      stderr.onBytes();
    },
  });
  const frames = createFrameChannel({ channel, stderr, transport, sentinel });
  const hello = await sayHello(frames, { script, timeoutMs, signal });
  if (hello.parts[0]?.code !== 0) {
    frames.close('cancelled', 'closed');
    throw new AppError('no-shell', { step: 'shell', detail: 'no writable temporary directory on the host' });
  }
  log?.('debug', `probe shell open after ${Math.round(performance.now() - startedAt)} ms`);
  return createRequests(frames, timeoutMs);
}

/** Sends the script and returns frame 0; ends the shell when that does not come. */
function sayHello(
  frames: FrameChannel,
  { script, timeoutMs, signal }: { script: string; timeoutMs: number; signal: AbortSignal | undefined },
): Promise<Frame> {
  const late = (): void => {
    const noise = frames.noise();
    if (signal?.aborted) frames.close('cancelled', '');
    else if (noise !== '') frames.close('no-shell', noise);
    else frames.close('probe-timeout', `no shell after ${timeoutMs} ms`);
  };
  return frames.exchange({ number: 0, text: script, limitMs: timeoutMs, signal, late });
}

function createRequests(frames: FrameChannel, timeoutMs: number): ProbeShell {
  let latest = 0;
  let turn: Promise<unknown> = Promise.resolve();

  const ask = async (verb: ProbeVerb, words: readonly string[], options: RequestOptions): Promise<Frame> => {
    // Only our own words ever reach the shell.
    if (!words.every((word) => /^[\w.,-]*$/.test(word)))
      throw new AppError('internal', { step: 'probe', detail: 'bad argument' });
    const { signal, timeoutMs: limitMs = timeoutMs } = options;
    latest += 1;
    const number = latest;
    let endGrace: (() => void) | undefined;
    const stop = (): void => {
      if (endGrace !== undefined) return;
      frames.stop(number);
      const giveUp = (): void => frames.close('probe-timeout', `no answer for ${limitMs} ms`);
      endGrace = frames.whenSilent(stopGraceMs, giveUp);
    };
    try {
      const text = `${[verb, number, ...words.map((word) => `'${word}'`)].join(' ')}\n`;
      const frame = await frames.exchange({ number, text, limitMs, signal, late: stop });
      const beyond = sizeOf(frame) - plentyBytes;
      if (beyond > 0) await delay(beyond / plentyBytesPerMs, undefined, { signal }).catch(() => undefined);
      return frame;
    } finally {
      endGrace?.();
    }
  };

  return {
    request(verb, words, options = {}) {
      const answer = turn.then(() => ask(verb, typeof words === 'string' ? [words] : words, options));
      // Without the answer, which would stay in memory until the next request.
      turn = answer.then(noop, noop);
      return unlessAborted(answer, options.signal);
    },
    onClose: frames.onClose,
    close: () => frames.close('cancelled', 'closed'),
  };
}

const noop = (): void => undefined;

function sizeOf({ parts }: Frame): number {
  return parts.reduce((sum, { text }) => sum + text.length, 0);
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
