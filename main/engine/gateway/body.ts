import type { ClientRequest, IncomingMessage } from 'node:http';
import { type Alarm, createAlarm } from '#common/timer.ts';
import { type BodyLimits, modelTooLate, noRoom, silent, tooLarge } from './body-limits.ts';
import type { ApiError } from './errors.ts';
import { type Budget, createHeldBytes, type HeldBytes } from './held-bytes.ts';
import type { ModelSearch } from './model-search.ts';

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

export function createBody(request: IncomingMessage, { budget, limits, onFault }: BodyDeps): Body {
  const held = createHeldBytes(budget);
  const silence = createAlarm({ background: true });
  const inflow: Inflow = { request, held, limits, silence, received: 0, ended: false };
  const outflow = createOutflow(inflow, onFault);
  const all = (): Buffer => Buffer.concat(held.chunks());
  return {
    async search(search) {
      const isOver = (): boolean => search.state().kind !== 'searching';
      for (const chunk of held.chunks()) if (!isOver()) await search.feed(chunk);
      if (!isOver() && !inflow.ended) {
        const error = await readOn(inflow, isOver, (chunk) => search.feed(chunk));
        if (error !== null) return error;
      }
      if (!isOver()) await search.end();
      return null;
    },
    replace: held.replace,
    held: all,
    async beginning(bytes) {
      const isEnough = (): boolean => held.length() >= bytes;
      if (!isEnough() && !inflow.ended) await readOn(inflow, isEnough);
      return all().subarray(0, bytes);
    },
    canRepeat: held.isWhole,
    sendTo: outflow.sendTo,
    release: held.release,
    dispose() {
      outflow.stop();
      held.release();
    },
  };
}

/** A body as it comes from its client. */
interface Inflow {
  readonly request: IncomingMessage;
  readonly held: HeldBytes;
  readonly limits: BodyLimits;
  /** Goes off where the client sends nothing for too long. */
  readonly silence: Alarm;
  received: number;
  ended: boolean;
}

function expectMore({ silence, ended, limits }: Inflow, onSilent: () => void): void {
  if (ended) silence.cancel();
  else silence.after(limits.silenceMs, onSilent);
}

/** Reads and holds until there is enough, or the body ends. Resolves to why the request is refused, or null. */
function readOn(
  inflow: Inflow,
  isEnough: () => boolean,
  onChunk: (chunk: Buffer) => Promise<void> | void = () => undefined,
): Promise<ApiError | null> {
  const { request, held, limits, silence } = inflow;
  return new Promise((resolve) => {
    const done = (error: ApiError | null): void => {
      silence.cancel();
      request.off('data', onData).off('end', onEnd).off('close', onClose).pause();
      resolve(error);
    };
    const onClose = (): void => done(silent);
    const onEnd = (): void => {
      inflow.ended = true;
      done(null);
    };
    const onData = async (chunk: Buffer): Promise<void> => {
      request.pause();
      inflow.received += chunk.length;
      if (inflow.received > limits.mostSearched) return done(modelTooLate(limits.mostSearched));
      if (!held.add(chunk)) return done(noRoom);
      await onChunk(chunk);
      if (isEnough()) return done(null);
      expectMore(inflow, onClose);
      request.resume();
    };
    expectMore(inflow, onClose);
    request.on('data', onData).on('end', onEnd).on('close', onClose);
    request.resume();
  });
}

/** Passes a body on as fast as it is taken: first what is held of it, then what comes. */
function createOutflow(
  inflow: Inflow,
  onFault: BodyDeps['onFault'],
): Pick<Body, 'sendTo'> & { stop(): void } {
  const { request, held, limits, silence } = inflow;
  let target: ClientRequest | null = null;

  const stop = (): void => {
    silence.cancel();
    request.off('data', pass).off('end', finish).pause();
    target?.off('drain', go);
    target = null;
  };
  const fault = (error: ApiError): void => {
    stop();
    onFault(error);
  };
  const onSilent = (): void => fault(silent);
  const go = (): void => {
    expectMore(inflow, onSilent);
    request.resume();
  };
  const pass = (chunk: Buffer): void => {
    inflow.received += chunk.length;
    if (inflow.received > limits.mostBytes) {
      fault(tooLarge(limits.mostBytes));
      return;
    }
    if (held.length() + chunk.length > limits.mostRepeated || !held.add(chunk)) held.lose();
    if (target === null || target.write(chunk)) {
      expectMore(inflow, onSilent);
      return;
    }
    // The model server takes its time, which is none of the client's fault.
    silence.cancel();
    request.pause();
    target.once('drain', go);
  };
  const finish = (): void => {
    inflow.ended = true;
    silence.cancel();
    target?.end();
  };

  return {
    stop,
    sendTo(upstream) {
      stop();
      target = upstream;
      let isTaken = true;
      for (const chunk of held.chunks()) isTaken = upstream.write(chunk);
      if (held.length() > limits.mostRepeated) held.release();
      if (inflow.ended) return void upstream.end();
      request.on('data', pass).on('end', finish);
      if (isTaken) go();
      else upstream.once('drain', go);
    },
  };
}
