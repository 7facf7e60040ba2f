/** Counts tokens in an answer that passes by, without touching or keeping it. */

export interface AnswerMeter {
  feed(chunk: Buffer): void;
  /** How many events of a stream have passed: about one for each token. */
  events(): number;
  /** What the answer says of its tokens at its end; null where it says nothing. */
  tokens(): { readonly tokensIn: number | null; readonly tokensOut: number | null };
  /** Whether a stream could end here: no event is under way. */
  isBetweenEvents(): boolean;
}

/** Enough for the usage at the end of an answer of any of the APIs. */
const tailBytes = 4096;
/** Enough for that at the beginning of a stream of Anthropic's. */
const headBytes = 2048;

const data = Buffer.from('data:');
const lf = 0x0a;

/** `isStream`: the answer is a stream of events. */
export function createAnswerMeter(isStream: boolean): AnswerMeter {
  let head = Buffer.alloc(0);
  let tail: Buffer = Buffer.alloc(0);
  let events = 0;
  return {
    feed(chunk) {
      if (isStream) events += eventsIn(chunk);
      if (head.length < headBytes) head = Buffer.concat([head, chunk.subarray(0, headBytes - head.length)]);
      const end = chunk.subarray(-tailBytes);
      tail = end.length === tailBytes ? end : Buffer.concat([tail, end]).subarray(-tailBytes);
    },
    events: () => events,
    tokens() {
      const said = (names: string): number | null => lastNumber(tail, names) ?? lastNumber(head, names);
      return {
        tokensIn: said('prompt_tokens|input_tokens'),
        tokensOut: said('completion_tokens|output_tokens'),
      };
    },
    isBetweenEvents: () => tail.length === 0 || /(?:\n\n|\r\n\r\n|\r\r)$/.test(tail.toString('latin1')),
  };
}

function eventsIn(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(data); at >= 0; at = chunk.indexOf(data, at + data.length))
    if (at === 0 || chunk[at - 1] === lf) count += 1;
  return count;
}

/** The last number under one of these names, as JSON writes it. */
function lastNumber(bytes: Buffer, names: string): number | null {
  const found = [...bytes.toString('latin1').matchAll(new RegExp(`"(?:${names})"\\s*:\\s*(\\d{1,12})`, 'g'))];
  const text = found.at(-1)?.[1];
  return text === undefined ? null : Number(text);
}
