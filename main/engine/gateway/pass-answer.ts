import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayOutcome } from '#common/gateway.ts';
import { type AnswerMeter, createAnswerMeter } from './answer-meter.ts';
import type { Answered } from './attempts.ts';
import { type ApiStyle, errorEvent } from './errors.ts';
import { answerHeaders } from './headers.ts';
import { createShortCut } from './short-cut.ts';

export interface Passing {
  readonly response: ServerResponse;
  readonly answered: Answered;
  readonly style: ApiStyle;
  /** Called for the first piece of a stream of events. */
  readonly onFirstToken: () => void;
  /** Called with each piece of a stream: how many events of it have passed. */
  readonly onEvents: (count: number) => void;
}

export interface Passed {
  readonly outcome: GatewayOutcome;
  /** Null where the answer is none that counts tokens. */
  readonly meter: AnswerMeter | null;
}

/**
 * Passes an answer on as it comes, as fast as the client takes it, and no faster from the model server. Resolves when it is over:
 * a stream that breaks off ends with an event that says so, any other answer with a reset, so that it does not look whole.
 */
export function passAnswer({ response, answered, style, onFirstToken, onEvents }: Passing): Promise<Passed> {
  const { answer, replica, upstream, diversion } = answered;
  const type = answer.headers['content-type'] ?? '';
  const isStream = type.startsWith('text/event-stream');
  const meter = isStream || type.includes('json') ? createAnswerMeter(isStream) : null;
  return new Promise((resolve) => {
    let outcome: GatewayOutcome | null = null;
    const settle = (how: GatewayOutcome): void => {
      if (outcome === null) resolve({ outcome: how, meter });
      outcome ??= how;
    };
    response.once('close', () => {
      settle(response.writableFinished ? 'answered' : 'client-gone');
      if (!answer.complete) upstream.destroy();
    });
    answer.once('end', () => {
      if (answer.complete) response.addTrailers(trailersOf(answer));
    });
    answer.on('error', () => undefined);
    answer.once('close', () => {
      if (answer.complete) return;
      settle('cut');
      const mayTell = isStream && isPlain(answer) && (shortCut?.fill() ?? true);
      breakOff(response, { mayTell, meter, replica, style });
    });
    response.sendDate = false;
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answerHeaders(answer, replica.host));
    const seen = meter === null ? () => undefined : counting(meter, isStream, { onFirstToken, onEvents });
    answer.on('data', seen);
    answer.pipe(response);
    const isChunked = answer.headers['transfer-encoding'] === 'chunked';
    const shortCut = isChunked ? createShortCut(response, answer.socket, seen) : null;
    diversion.go(shortCut?.take ?? null);
    // The first piece of the body most often came with the headers, and goes out with them.
    setImmediate(() => {
      if (!response.writableEnded) response.flushHeaders();
    });
  });
}

function counting(
  meter: AnswerMeter,
  isStream: boolean,
  { onFirstToken, onEvents }: Pick<Passing, 'onFirstToken' | 'onEvents'>,
): (piece: Buffer) => void {
  let isFirst = isStream;
  return (piece) => {
    if (isFirst) onFirstToken();
    isFirst = false;
    const before = meter.events();
    meter.feed(piece);
    if (isStream) onEvents(meter.events() - before);
  };
}

/** Whether an event can be added: nothing is packed, and nothing counts its bytes. */
function isPlain({ headers }: IncomingMessage): boolean {
  return headers['content-length'] === undefined && headers['content-encoding'] === undefined;
}

function breakOff(
  response: ServerResponse,
  {
    mayTell,
    meter,
    replica,
    style,
  }: {
    readonly mayTell: boolean;
    readonly meter: AnswerMeter | null;
    readonly replica: Answered['replica'];
    readonly style: ApiStyle;
  },
): void {
  if (response.destroyed) return;
  if (!mayTell) {
    response.destroy();
    return;
  }
  const message = `The model server at ${replica.host}:${replica.port} went away within its answer.`;
  const event = errorEvent({ status: 502, code: 'upstream_gone', message }, style);
  response.end(meter?.isBetweenEvents() ? event : `\n\n${event}`);
}

function trailersOf({ rawTrailers }: IncomingMessage): [string, string][] {
  return rawTrailers.flatMap((name, at) =>
    at % 2 === 0 ? [[name, rawTrailers[at + 1] ?? ''] as [string, string]] : [],
  );
}
