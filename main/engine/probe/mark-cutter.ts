const longestMarkLine = 200;

/** Bytes that come in pieces, cut at the lines that begin with a sentinel. */
export interface MarkCutter {
  append(chunk: Uint8Array): void;
  /**
   * What stands before the next mark, and the line after the sentinel; null while no whole mark is there. A line without
   * an end is given as an empty one. The bytes are good until the next `append`.
   */
  next(): { readonly before: Buffer; readonly line: string } | null;
  /** After `next` gave null: takes out the bytes that cannot belong to a mark any more. */
  takeUnmarked(): Buffer;
  /** What is left. */
  rest(): Buffer;
  clear(): void;
}

export function createMarkCutter(sentinel: string): MarkCutter {
  const mark = Buffer.from(`\n${sentinel} `);
  const pending = createByteQueue();
  /** Up to here `pending` is known to hold no whole mark. */
  let searched = 0;
  return {
    append: pending.append,
    next() {
      const bytes = pending.bytes();
      const at = bytes.indexOf(mark, searched);
      searched = at < 0 ? Math.max(0, bytes.length - mark.length + 1) : at;
      if (at < 0) return null;
      const end = bytes.indexOf(10, at + mark.length);
      if (end < 0 && bytes.length - at <= longestMarkLine) return null;
      const length = end < 0 || end - at > longestMarkLine ? mark.length : end - at + 1;
      const line = bytes
        .subarray(at + mark.length, at + length)
        .toString('latin1')
        .trimEnd();
      pending.drop(at + length);
      searched = 0;
      return { before: bytes.subarray(0, at), line };
    },
    takeUnmarked() {
      const bytes = pending.bytes().subarray(0, searched);
      pending.drop(searched);
      searched = 0;
      return bytes;
    },
    rest: pending.bytes,
    clear() {
      pending.drop(pending.bytes().length);
      searched = 0;
    },
  };
}

const firstBytes = 4096;
const none = Buffer.alloc(0);

/**
 * Bytes in one buffer that grows by doubling: appending n bytes one by one, or dropping them so, stays linear. While it is empty,
 * which is nearly always, it has no buffer.
 */
function createByteQueue() {
  let store = none;
  let start = 0;
  let end = 0;
  return {
    bytes: () => store.subarray(start, end),
    append(chunk: Uint8Array) {
      if (end + chunk.length > store.length) {
        const length = end - start;
        const target =
          length + chunk.length > store.length / 2
            ? Buffer.alloc(Math.max(firstBytes, store.length * 2, length + chunk.length))
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
      if (start < end) return;
      start = end = 0;
      store = none;
    },
  };
}
