/**
 * The framing of a host's answers (script.ts prints them): marker lines that begin with the connection's sentinel, each
 * after a newline of its own, so that a command's missing last newline cannot hide one:
 *
 *     SENTINEL begin 7 / SENTINEL part gpus 0 / output ... / SENTINEL end 7
 *
 * Bytes outside a frame (message of the day, rc files) are noise: counted, not kept.
 */

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

export interface FrameReader {
  /** Takes the next bytes, however they are cut, and returns the frames that they complete. Never throws. */
  push(chunk: Uint8Array): readonly Frame[];
  /** Bytes outside frames since the latest complete frame. */
  noiseBytes(): number;
  /** The beginning of that noise, at most 1,024 bytes. */
  noiseText(): string;
  /** Bytes so far of the frame that is being received; 0 while none is. */
  frameBytes(): number;
  /** Whether a frame grew beyond the limit; nothing is read any more then. */
  overflowed(): boolean;
}

const noiseKept = 1024;
const longestMarkerLine = 200;
const sliceBytes = 65_536;

/** A reader for one connection. `maxFrameBytes` bounds what an unfinished frame may hold, and so the memory used. */
export function createFrameReader(sentinel: string, maxFrameBytes = 1_048_576): FrameReader {
  const mark = Buffer.from(`\n${sentinel} `);
  const pending = createByteQueue();
  let open: { readonly number: number; readonly parts: Part[]; bytes: number } | null = null;
  let part: { readonly name: string; readonly code: number } | null = null;
  /** Up to here `pending` is known to hold no whole mark. */
  let searched = 0;
  let noiseCount = 0;
  let noiseHead = Buffer.alloc(0);
  let tooLong = false;

  const noise = (bytes: Buffer): void => {
    noiseCount += bytes.length;
    const room = noiseKept - noiseHead.length;
    if (room > 0) noiseHead = Buffer.concat([noiseHead, bytes.subarray(0, room)]);
  };

  /** Takes `length` bytes from the front: output of the part that is open, or noise. */
  const take = (length: number): void => {
    const bytes = pending.bytes().subarray(0, length);
    if (open === null) noise(bytes);
    else {
      if (part !== null) open.parts.push({ ...part, text: bytes.toString() });
      part = null;
    }
    pending.drop(length);
  };

  const close = (): Frame | null => {
    if (open === null) return null;
    const { number, parts } = open;
    open = null;
    noiseCount = 0;
    noiseHead = Buffer.alloc(0);
    return { number, parts };
  };

  const marker = (line: string): Frame | null => {
    const [, verb, word = '', code = ''] = /^(begin|part|end) ([a-z]+|\d+)(?: (\d+))?$/.exec(line) ?? [];
    if (verb === 'end') {
      if (open?.number === Number(word)) return close();
      open = null;
    } else if (verb === 'begin') open = { number: Number(word), parts: [], bytes: 0 };
    else if (verb === 'part' && open !== null) part = { name: word, code: Number(code) };
    else open = null;
    return null;
  };

  /** Handles the next mark; false when more bytes are needed. */
  const step = (done: (frame: Frame) => void): boolean => {
    const bytes = pending.bytes();
    const at = bytes.indexOf(mark, searched);
    if (at < 0) {
      searched = Math.max(0, bytes.length - mark.length + 1);
      if (open === null) {
        take(searched);
        searched = 0;
      }
      return false;
    }
    searched = at;
    const end = bytes.indexOf(10, at + mark.length);
    if (end < 0 && bytes.length - at <= longestMarkerLine) return false;
    take(at);
    searched = 0;
    const length = end < 0 || end - at > longestMarkerLine ? mark.length : end - at + 1;
    const line = pending.bytes().subarray(mark.length, length).toString('latin1').trimEnd();
    pending.drop(length);
    const frame = marker(line);
    if (frame !== null) done(frame);
    return true;
  };

  /** Bytes outside frames that may still turn out to be the beginning of a mark. */
  const unmarked = (): Buffer => (open === null ? pending.bytes() : Buffer.alloc(0));

  const read = (bytes: Uint8Array): readonly Frame[] => {
    pending.append(bytes);
    const frames: Frame[] = [];
    while (step((frame) => frames.push(frame)));
    if (open !== null) {
      open.bytes += bytes.length;
      tooLong ||= open.bytes > maxFrameBytes;
    }
    if (tooLong) pending.drop(pending.bytes().length);
    return tooLong ? [] : frames;
  };

  return {
    push(chunk) {
      const frames: Frame[] = [];
      for (let at = 0; at < chunk.length && !tooLong; at += sliceBytes)
        frames.push(...read(chunk.subarray(at, at + sliceBytes)));
      return frames;
    },
    noiseBytes: () => noiseCount + unmarked().length,
    noiseText: () => Buffer.concat([noiseHead, unmarked()]).subarray(0, noiseKept).toString(),
    frameBytes: () => open?.bytes ?? 0,
    overflowed: () => tooLong,
  };
}

/** Bytes in one buffer that grows by doubling: appending n bytes one by one, or dropping them so, stays linear. */
function createByteQueue() {
  let store = Buffer.alloc(4096);
  let start = 0;
  let end = 0;
  return {
    bytes: () => store.subarray(start, end),
    append(chunk: Uint8Array) {
      if (end + chunk.length > store.length) {
        const length = end - start;
        const target =
          length + chunk.length > store.length / 2
            ? Buffer.alloc(Math.max(store.length * 2, length + chunk.length))
            : store;
        store.copy(target, 0, start, end);
        store = target;
        start = 0;
        end = length;
      }
      store.set(chunk, end);
      end += chunk.length;
    },
    drop(count: number) {
      start += count;
      if (start === end) start = end = 0;
    },
  };
}
