import type { ClientRequest, IncomingMessage } from 'node:http';
import { after, type Timer } from '#common/timer.ts';
import type { ApiError } from './errors.ts';
import type { ModelSearch } from './model-search.ts';

/** Bytes of bodies that may be held at once, by all requests together. */
export interface Budget {
  /** False where there is no room for so many more. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  used(): number;
}

export function createBudget(most: number): Budget {
  let used = 0;
  return {
    take(bytes) {
      if (used + bytes > most) return false;
      used += bytes;
      return true;
    },
    give(bytes) {
      used -= bytes;
    },
    used: () => used,
  };
}

export interface BodyLimits {
  /** The whole body may have so many bytes. */
  readonly mostBytes: number;
  /** So many are read in search of the model. */
  readonly mostSearched: number;
  /** Bodies up to so many bytes are held until there is an answer, to be sent to another replica. */
  readonly mostRepeated: number;
  /** A client that sends nothing for so long is given up. */
  readonly silenceMs: number;
}

export const usualLimits: BodyLimits = {
  mostBytes: 1024 * 1024 * 1024,
  mostSearched: 64 * 1024 * 1024,
  mostRepeated: 1024 * 1024,
  silenceMs: 60_000,
};

/** The body of a request on its way: what has been read of it is held as long as it may be sent again. */
export interface Body {
  /** Reads until the search ends. Returns why the request is refused, or null. */
  search(search: ModelSearch): Promise<ApiError | null>;
  /** Puts other bytes in the place of some that were read. */
  replace(span: { readonly start: number; readonly end: number }, text: Buffer): void;
  /** What was read and is held. */
  held(): Buffer;
  /** Reads the beginning, at least so many bytes if there are as many. */
  beginning(bytes: number): Promise<Buffer>;
  /** Whether it can be sent from its beginning: nothing of it has been let go. */
  canRepeat(): boolean;
  /** Sends all of it, as fast as it is taken. Called again it is sent again, and the request before gets no more. */
  sendTo(upstream: ClientRequest): void;
  /** Lets go of what is held: it is not sent again. */
  release(): void;
  /** Stops reading and lets go of everything. */
  dispose(): void;
}

export interface BodyDeps {
  readonly budget: Budget;
  readonly limits: BodyLimits;
  /** The client sends too much, or nothing for too long, after its request was passed on. */
  readonly onFault: (error: ApiError) => void;
}

const tooLarge = (most: number): ApiError => ({
  status: 413,
  code: 'request_too_large',
  message: `The body is larger than ${Math.round(most / 1024 / 1024)} MiB.`,
});
const modelTooLate = (most: number): ApiError => ({
  status: 413,
  code: 'request_too_large',
  message: `No model is named in the first ${Math.round(most / 1024 / 1024)} MiB of the body; put it first.`,
});
const noRoom: ApiError = {
  status: 503,
  code: 'too_many_large_requests',
  message: 'Too many large requests come at once; put the model first in their bodies, or try again.',
  retryAfter: 1,
};
const silent: ApiError = {
  status: 408,
  code: 'request_timeout',
  message: 'The rest of the request did not come.',
};

export function createBody(request: IncomingMessage, { budget, limits, onFault }: BodyDeps): Body {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let received = 0;
  let isWhole = true;
  let mayHold = true;
  let ended = false;
  let target: ClientRequest | null = null;
  let silence: Timer | null = null;

  const release = (): void => {
    if (heldBytes > 0 || held.length > 0) isWhole = false;
    mayHold = false;
    budget.give(heldBytes);
    held = [];
    heldBytes = 0;
  };
  const hold = (chunk: Buffer): boolean => {
    if (!budget.take(chunk.length)) return false;
    held.push(chunk);
    heldBytes += chunk.length;
    return true;
  };
  const stop = (): void => {
    silence?.cancel();
    silence = null;
    request.off('data', pass).off('end', finish).pause();
    target?.off('drain', go);
    target = null;
  };
  const wait = (onSilent: () => void): void => {
    silence?.cancel();
    silence = ended ? null : after(limits.silenceMs, onSilent, { background: true });
  };

  const fault = (error: ApiError): void => {
    stop();
    onFault(error);
  };
  const go = (): void => {
    wait(() => fault(silent));
    request.resume();
  };
  const pass = (chunk: Buffer): void => {
    received += chunk.length;
    if (received > limits.mostBytes) {
      fault(tooLarge(limits.mostBytes));
      return;
    }
    const isHeld = mayHold && heldBytes + chunk.length <= limits.mostRepeated && hold(chunk);
    if (!isHeld) {
      release();
      isWhole = false;
    }
    const current = target;
    if (current === null || current.write(chunk)) {
      wait(() => fault(silent));
      return;
    }
    // The model server takes its time, which is none of the client's fault.
    silence?.cancel();
    request.pause();
    current.once('drain', go);
  };
  const finish = (): void => {
    ended = true;
    silence?.cancel();
    target?.end();
  };

  /** Reads on until `enough` says so or the body ends; what was read is held. */
  const read = (enough: () => Promise<boolean> | boolean, onChunk: (chunk: Buffer) => Promise<void> | void) =>
    new Promise<ApiError | null>((resolve) => {
      const done = (error: ApiError | null): void => {
        silence?.cancel();
        request.off('data', onData).off('end', onEnd).off('close', onClose).pause();
        resolve(error);
      };
      const onClose = (): void => done(silent);
      const onEnd = (): void => {
        ended = true;
        done(null);
      };
      const onData = async (chunk: Buffer): Promise<void> => {
        request.pause();
        received += chunk.length;
        if (received > limits.mostSearched) return done(modelTooLate(limits.mostSearched));
        if (!hold(chunk)) return done(noRoom);
        await onChunk(chunk);
        if (await enough()) return done(null);
        wait(() => done(silent));
        request.resume();
      };
      wait(() => done(silent));
      request.on('data', onData).on('end', onEnd).on('close', onClose);
      request.resume();
    });

  return {
    async search(search) {
      const isOver = (): boolean => search.state().kind !== 'searching';
      for (const chunk of held) if (!isOver()) await search.feed(chunk);
      if (!isOver() && !ended) {
        const error = await read(isOver, (chunk) => search.feed(chunk));
        if (error !== null) return error;
      }
      if (!isOver()) await search.end();
      return null;
    },
    replace({ start, end }, text) {
      const raw = Buffer.concat(held);
      const next = [raw.subarray(0, start), text, raw.subarray(end)].filter(({ length }) => length > 0);
      budget.give(end - start - text.length);
      heldBytes += text.length - (end - start);
      held = next;
    },
    held: () => Buffer.concat(held),
    async beginning(bytes) {
      if (heldBytes < bytes && !ended)
        await read(
          () => heldBytes >= bytes,
          () => undefined,
        );
      return Buffer.concat(held).subarray(0, bytes);
    },
    canRepeat: () => isWhole,
    sendTo(upstream) {
      stop();
      target = upstream;
      let isTaken = true;
      for (const chunk of held) isTaken = upstream.write(chunk);
      if (heldBytes > limits.mostRepeated) release();
      if (ended) return void upstream.end();
      request.on('data', pass).on('end', finish);
      if (isTaken) go();
      else upstream.once('drain', go);
    },
    release,
    dispose() {
      stop();
      release();
    },
  };
}
