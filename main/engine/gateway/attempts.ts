import type { ClientRequest, IncomingMessage } from 'node:http';
import { AppError, describeFailure, messageOf } from '#common/failure.ts';
import { plainText } from '#common/text.ts';
import { after } from '#common/timer.ts';
import type { Body } from './body.ts';
import type { Replica } from './catalogue.ts';
import { type Diversion, divert } from './diversion.ts';
import { canPassOn } from './headers.ts';
import type { LoadBook } from './load-book.ts';
import type { Asked, Upstreams } from './upstreams.ts';

export interface Attempt {
  /** The part of the request that is the same for every replica. */
  readonly method: string;
  readonly body: Body;
  /** Path and headers for this replica. */
  readonly askedOf: (replica: Replica) => Pick<Asked, 'path' | 'headers'>;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

export interface Answered {
  readonly replica: Replica;
  readonly answer: IncomingMessage;
  readonly upstream: ClientRequest;
  readonly diversion: Diversion;
  /** Whether another replica was tried first. */
  readonly retried: boolean;
  /** To be called when the answer has ended. */
  readonly end: () => void;
}

/** Why a replica gave no answer: the end of a sentence that begins with its name. */
export interface Failed {
  readonly replica: Replica;
  readonly why: string;
}

export interface AttemptsDeps {
  readonly upstreams: Upstreams;
  readonly book: LoadBook;
  /** How long a model may think before its answer begins; default 10 minutes, as long as OpenAI's clients wait. */
  readonly answerMs?: number | undefined;
}

export const usualAnswerMs = 600_000;
/** One other replica is tried: what two could not do is no fault of one of them. */
const mostReplicas = 2;

/** Asks replicas in their order until one answers; a status of 5xx is an answer of the last one alone. Never rejects. */
export function createAttempts({ upstreams, book, answerMs = usualAnswerMs }: AttemptsDeps) {
  const askOne = async (replica: Replica, attempt: Attempt, isLast: boolean): Promise<Answered | Failed> => {
    const end = book.begin(replica);
    try {
      const { upstream, answer, diversion } = await ask(replica, attempt);
      const status = answer.statusCode ?? 0;
      if (status < 500 || isLast || !attempt.body.canRepeat()) {
        attempt.body.release();
        return { replica, answer, upstream, diversion, retried: false, end };
      }
      upstream.destroy();
      end();
      book.doubt(replica);
      return { replica, why: `answered HTTP ${status}` };
    } catch (error) {
      end();
      if (!attempt.signal.aborted) book.doubt(replica);
      return { replica, why: whyFailed(error) };
    }
  };

  const ask = async (replica: Replica, attempt: Attempt) => {
    try {
      return await askOnce(replica, attempt);
    } catch (error) {
      // A server may close a channel in the moment in which it is used again (RFC 9112, 9.3.1): then one more try is right.
      if (!(error instanceof StaleChannel) || !attempt.body.canRepeat()) throw error;
      return await askOnce(replica, attempt, true);
    }
  };

  const askOnce = (replica: Replica, { method, body, askedOf, signal }: Attempt, alone = !body.canRepeat()) =>
    new Promise<Pick<Answered, 'upstream' | 'answer' | 'diversion'>>((resolve, reject) => {
      const upstream = upstreams.ask(replica, { ...askedOf(replica), method, alone, signal });
      const late = (): void =>
        void upstream.destroy(
          new AppError('server-timeout', { step: 'models', detail: `no answer in ${answerMs / 1000} s` }),
        );
      let timer = { cancel: (): void => undefined };
      let isAnswered = false;
      upstream.once('socket', (channel) => {
        const diversion = divert(upstream, channel);
        timer = after(answerMs, late, { background: true });
        upstream.once('response', (answer: IncomingMessage) => {
          timer.cancel();
          if (!canPassOn(answer)) return void upstream.destroy(new Error(noHttp));
          isAnswered = true;
          resolve({ upstream, answer, diversion });
        });
        body.sendTo(upstream);
      });
      upstream.on('error', (error: NodeJS.ErrnoException) => {
        timer.cancel();
        const isStale = upstream.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '');
        reject(isStale ? new StaleChannel(error.message) : error);
      });
      upstream.once('close', () => {
        timer.cancel();
        // One that is given up before it has a channel says nothing else.
        if (!isAnswered) reject(new AppError('cancelled', { step: 'models' }));
      });
    });

  return async (order: readonly Replica[], attempt: Attempt): Promise<Answered | readonly Failed[]> => {
    const failed: Failed[] = [];
    const tried = order.slice(0, mostReplicas);
    for (const [at, replica] of tried.entries()) {
      if (at > 0 && !attempt.body.canRepeat()) break;
      const result = await askOne(replica, attempt, at === tried.length - 1);
      if ('answer' in result) return { ...result, retried: at > 0 };
      failed.push(result);
      if (attempt.signal.aborted) break;
    }
    return failed;
  };
}

class StaleChannel extends Error {}

/** Why an answer that {@link canPassOn} refuses is none. */
export const noHttp = 'something else than HTTP';

/** The end of a sentence that begins with the name of the replica. */
export function whyFailed(error: unknown): string {
  if (error instanceof AppError) return `gave no answer: ${describeFailure(error)}`;
  return `gave no answer: ${plainText(messageOf(error), 200)}`;
}
