import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** Stands between the channel of a request and Node's parser of its answer. */
export interface Diversion {
  /**
   * To be called once for an answer that is read: its body waits for it. `take` gets what comes of the body, and returns what the
   * parser is to have of it; from then on the parser gets all. Null: it gets all at once.
   */
  go(take: ((bytes: Buffer) => Buffer) | null): void;
}

const headEnd = Buffer.from('\r\n\r\n');
const nothing: Buffer = Buffer.alloc(0);

/** To be called at the request's `socket` event. Where Node should ever listen in another way, the parser gets all. */
export function divert(upstream: ClientRequest, channel: Duplex): Diversion {
  const [parser, ...others] = channel.listeners('data');
  if (parser === undefined || others.length > 0) return { go: () => undefined };
  let answer: IncomingMessage | null = null;
  /** The end of what was read of the head. */
  let tail = nothing;
  /** What has come of the body. */
  let held = nothing;

  const parse = (bytes: Buffer): void => {
    if (bytes.length === 0 || channel.destroyed) return;
    parser.call(channel, bytes);
    // Node frees the parser with the end of the answer.
    if (answer?.complete) channel.off('data', onData);
  };
  const readHead = (bytes: Buffer): void => {
    const joined = Buffer.concat([tail, bytes]);
    const at = joined.indexOf(headEnd);
    const end = at < 0 ? bytes.length : at + headEnd.length - tail.length;
    tail = at < 0 ? joined.subarray(1 - headEnd.length) : nothing;
    parse(bytes.subarray(0, end));
    const rest = bytes.subarray(end);
    if (answer === null) {
      // That was a head of 1xx: another one follows.
      if (rest.length > 0) readHead(rest);
    } else if (!answer.complete) {
      held = rest;
      channel.pause();
    } else if (rest.length > 0) channel.destroy();
  };
  let pass = readHead;
  const onData = (bytes: Buffer): void => pass(bytes);
  channel.on('data', onData).off('data', parser as () => void);
  upstream.once('response', (response: IncomingMessage) => {
    answer = response;
  });

  return {
    go(take) {
      pass = take === null || answer?.readableLength !== 0 ? parse : divided(take);
      if (held.length > 0) pass(held);
      held = nothing;
      channel.resume();
    },
  };

  function divided(take: (bytes: Buffer) => Buffer): (bytes: Buffer) => void {
    return (bytes) => {
      const rest = take(bytes);
      if (rest.length === 0) return;
      pass = parse;
      parse(rest);
    };
  }
}
