/**
 * The framing of a host's answers (script.ts prints them): marker lines that begin with the connection's sentinel, each
 * after a newline of its own, so that a command's missing last newline cannot hide one:
 *
 *     SENTINEL begin 7 / SENTINEL part gpus 0 / output ... / SENTINEL end 7
 *
 * Bytes outside a frame (message of the day, rc files) are noise: counted, not kept.
 */

import { createMarkCutter } from './mark-cutter.ts';

export interface Part {
  readonly name: string;
  /** Exit code of the command. */
  readonly code: number;
  readonly text: string;
}

export interface Frame {
  /** The number of the request that it answers. */
  readonly number: number;
  readonly parts: readonly Part[];
}

export function partOf(frame: Frame, name: string): Part | undefined {
  return frame.parts.find((one) => one.name === name);
}

/** The output of a part; empty where it did not come. */
export function textOf(frame: Frame | null, name: string): string {
  return frame?.parts.find((one) => one.name === name)?.text ?? '';
}

export interface FrameReader {
  /** Takes the next bytes, however they are cut, and returns the frames that they complete. Never throws. */
  push(chunk: Uint8Array): readonly Frame[];
  /** Bytes outside frames since the latest complete frame. */
  noiseBytes(): number;
  /** The beginning of that noise, at most 1,024 bytes. */
  noiseText(): string;
  /** Bytes so far of the frame that is being received; 0 while none is. */
  frameBytes(): number;
  /** Whether a frame, or what came without one that is complete, grew beyond the limit; nothing is read any more then. */
  overflowed(): boolean;
}

const noiseKept = 1024;
/** An answer has about ten. */
const mostMarks = 1000;
const sliceBytes = 65_536;

type State =
  | { readonly kind: 'outside' }
  /** After `begin`. */
  | OpenFrame
  /** Nothing is read any more. */
  | { readonly kind: 'overflowed' };

interface OpenFrame {
  readonly kind: 'inside';
  readonly number: number;
  readonly parts: readonly Part[];
  /** To which the output belongs; null before the first part. */
  readonly part: Omit<Part, 'text'> | null;
  /** All that has come since `begin`. */
  readonly bytes: number;
}

/** A reader for one connection. `maxFrameBytes` bounds what an unfinished frame may hold, and so the memory used. */
export function createFrameReader(sentinel: string, maxFrameBytes = 1_048_576): FrameReader {
  const input = createMarkCutter(sentinel);
  const noise = createNoise();
  let state: State = { kind: 'outside' };
  /** Since the latest complete frame: a `begin` within a frame starts it anew, for as long as the host likes. */
  let marks = 0;

  /** Takes what came before a mark and what the mark says, and returns the frame that it completes. */
  const take = (before: Buffer, line: string): Frame | null => {
    if (state.kind === 'outside') noise.add(before);
    marks += 1;
    const isTooMany = marks > mostMarks;
    const { next, frame } = afterMark(state.kind === 'inside' ? withOutput(state, before) : null, line);
    state = isTooMany ? { kind: 'overflowed' } : next;
    if (isTooMany || frame === null) return null;
    marks = 0;
    noise.clear();
    return frame;
  };

  const read = (bytes: Uint8Array): readonly Frame[] => {
    input.append(bytes);
    const frames: Frame[] = [];
    for (let cut = input.next(); cut !== null && state.kind !== 'overflowed'; cut = input.next()) {
      const frame = take(cut.before, cut.line);
      if (frame !== null) frames.push(frame);
    }
    if (state.kind === 'outside') noise.add(input.takeUnmarked());
    else if (state.kind === 'inside') state = { ...state, bytes: state.bytes + bytes.length };
    if (state.kind === 'inside' && state.bytes > maxFrameBytes) state = { kind: 'overflowed' };
    if (state.kind === 'overflowed') input.clear();
    return frames;
  };

  /** Bytes outside frames that may still turn out to be the beginning of a mark. */
  const unmarked = (): Buffer => (state.kind === 'outside' ? input.rest() : Buffer.alloc(0));

  return {
    push(chunk) {
      const frames: Frame[] = [];
      for (let at = 0; at < chunk.length && state.kind !== 'overflowed'; at += sliceBytes)
        frames.push(...read(chunk.subarray(at, at + sliceBytes)));
      return frames;
    },
    noiseBytes: () => noise.bytes() + unmarked().length,
    noiseText: () => Buffer.concat([noise.head(), unmarked()]).subarray(0, noiseKept).toString(),
    frameBytes: () => (state.kind === 'inside' ? state.bytes : 0),
    overflowed: () => state.kind === 'overflowed',
  };
}

/** The frame with the output of the part that is open, which ends here. */
function withOutput(open: OpenFrame, output: Buffer): OpenFrame {
  const { parts, part } = open;
  if (part === null) return open;
  const { name, code } = part;
  return { ...open, parts: [...parts, { name, code, text: output.toString() }], part: null };
}

/** What a mark makes of the frame that is open; one that does not belong there ends it without an answer. */
function afterMark(open: OpenFrame | null, line: string): { next: State; frame: Frame | null } {
  const [, verb, word = '', code = ''] = /^(begin|part|end) ([a-z]+|\d+)(?: (\d+))?$/.exec(line) ?? [];
  if (verb === 'begin')
    return { next: { kind: 'inside', number: Number(word), parts: [], part: null, bytes: 0 }, frame: null };
  if (verb === 'part' && open !== null)
    return { next: { ...open, part: { name: word, code: Number(code) } }, frame: null };
  const isAnswer = verb === 'end' && open?.number === Number(word);
  return { next: { kind: 'outside' }, frame: isAnswer ? { number: open.number, parts: open.parts } : null };
}

/** Counts what comes outside frames, and keeps its beginning. */
function createNoise() {
  let bytes = 0;
  let head = Buffer.alloc(0);
  return {
    bytes: () => bytes,
    head: () => head,
    add(more: Buffer) {
      bytes += more.length;
      const room = noiseKept - head.length;
      if (room > 0) head = Buffer.concat([head, more.subarray(0, room)]);
    },
    clear() {
      bytes = 0;
      head = Buffer.alloc(0);
    },
  };
}
