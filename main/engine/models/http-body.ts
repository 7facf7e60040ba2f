/** The body of an HTTP answer, read as it comes, and no further than its bounds. */

import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip, gunzipSync } from 'node:zlib';
import { AppError } from '#common/failure.ts';

/** How more than 1 MiB may be read. */
export type LongBody =
  /** A text of which some lines are kept once it is longer. */
  | { readonly kind: 'lines'; readonly keepsLine: (line: string) => boolean }
  /** All of it. */
  | { readonly kind: 'whole' };

const mebibyte = 1_048_576;
const longestLine = 20_000;

const mostBytes = {
  whole: mebibyte,
  longWhole: 16 * mebibyte,
  lines: 64 * mebibyte,
  keptLines: 16 * mebibyte,
} as const;

/**
 * Reads it, unpacked: at most 1 MiB; as a long body at most 16 MiB, or of at most 64 MiB of text at most 16 MiB of lines.
 * Errors: those of the connection; {@link UnreadBody} (`server-not-openai`) beyond a bound, and for no true gzip.
 */
export async function readBody(response: IncomingMessage, long?: LongBody): Promise<string> {
  const isPacked = response.headers['content-encoding']?.trim().toLowerCase() === 'gzip';
  // A refusal is short, and its text is shown.
  const rule = response.statusCode === 200 ? long : undefined;
  const body = rule?.kind === 'lines' ? createShortOrLines(rule.keepsLine) : createWhole();
  const what = rule === undefined ? 'an answer' : 'metrics';
  const most =
    rule === undefined ? mostBytes.whole : mostBytes[rule.kind === 'lines' ? 'lines' : 'longWhole'];
  let bytes = 0;
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > most) throw tooLarge(what, most);
    body.add(chunk);
  };
  await (isPacked ? unpack(response, most, take) : eachChunk(response, take));
  return body.end();
}

/** Resolves at the end of a stream; rejects with its error or what `take` throws, and then reads no further. */
function eachChunk(stream: Readable, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        reject(error);
        stream.destroy();
      }
    });
    stream.once('end', resolve);
    stream.once('error', reject);
    rejectAtClose(stream, reject);
  });
}

/** Without an effect after its end or its error. An Error is made only where it is one: its stack takes longer than a short body. */
function rejectAtClose(stream: Readable, reject: (error: Error) => void): void {
  stream.once('close', () => {
    if (!stream.readableEnded) reject(new Error('the answer ended before its end'));
  });
}

interface Body {
  add(chunk: Buffer): void;
  end(): string;
}

function createWhole(): Body {
  const chunks: Buffer[] = [];
  return { add: (chunk) => void chunks.push(chunk), end: () => Buffer.concat(chunks).toString() };
}

/** All of a text of up to 1 MiB, of a longer one the lines that are kept: to choose costs more than to read a short one whole. */
function createShortOrLines(keepsLine: (line: string) => boolean): Body {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let lines: Body | null = null;
  return {
    add(chunk) {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= mostBytes.whole) return;
      lines ??= createLines(keepsLine);
      for (const one of chunks.splice(0)) lines.add(one);
    },
    end: () => lines?.end() ?? Buffer.concat(chunks).toString(),
  };
}

function createLines(keepsLine: (line: string) => boolean): Body {
  const decoder = new StringDecoder('utf8');
  // As bytes: a part of a string would keep the whole of what it was cut from in memory.
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let rest = '';
  let isTooLong = false;
  const isKept = (line: string): boolean => line.length <= longestLine && keepsLine(line);
  const keep = (lines: readonly string[]): void => {
    if (lines.length === 0) return;
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    keptBytes += bytes.length;
    if (keptBytes > mostBytes.keptLines) throw tooLarge('metrics that are used', mostBytes.keptLines);
    kept.push(bytes);
  };
  const feed = (text: string): void => {
    const lines: string[] = [];
    let start = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', start)) {
      const line = rest + text.slice(start, at);
      if (!isTooLong && isKept(line)) lines.push(line);
      rest = '';
      isTooLong = false;
      start = at + 1;
    }
    rest = isTooLong ? '' : rest + text.slice(start);
    if (rest.length > longestLine) {
      rest = '';
      isTooLong = true;
    }
    keep(lines);
  };
  return {
    add: (chunk) => feed(decoder.write(chunk)),
    end() {
      feed(`${decoder.end()}\n`);
      return Buffer.concat(kept).toString();
    },
  };
}

/** What is unpacked in one step: a stream for each of thousands of short answers costs more than all else that is done with them. */
const atOnce = { packed: 65_536, text: mebibyte, piece: 262_144 } as const;

async function unpack(response: IncomingMessage, most: number, take: (chunk: Buffer) => void): Promise<void> {
  const { bytes, isWhole } = await beginningOf(response, atOnce.packed);
  const text = isWhole ? unpackedAtOnce(bytes) : null;
  if (text !== null) return take(text);
  // Of the usual 16 KiB a long answer has a thousand pieces, each with its way through another thread.
  const gunzip = createGunzip({ chunkSize: atOnce.piece });
  gunzip.write(bytes);
  if (isWhole) gunzip.end();
  else {
    let packedBytes = bytes.length;
    response.on('data', (chunk: Buffer) => {
      packedBytes += chunk.length;
      // Packed text may unpack to nothing, without end.
      if (packedBytes > most) gunzip.destroy(tooLarge('packed text', most));
    });
    response.once('error', (error) => gunzip.destroy(error));
    response.pipe(gunzip);
  }
  try {
    await eachChunk(gunzip, take);
  } catch (error) {
    throw isZlibError(error) ? noGzip(error) : error;
  }
}

/** The first bytes of a stream, at least so many if it has them; it is paused if it has more. */
function beginningOf(
  stream: Readable,
  least: number,
): Promise<{ readonly bytes: Buffer; readonly isWhole: boolean }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const read = (chunk: Buffer): void => {
      chunks.push(chunk);
      length += chunk.length;
      if (length < least) return;
      stream.off('data', read).pause();
      resolve({ bytes: Buffer.concat(chunks), isWhole: false });
    };
    stream.on('data', read);
    stream.once('end', () => resolve({ bytes: Buffer.concat(chunks), isWhole: true }));
    stream.once('error', reject);
    rejectAtClose(stream, reject);
  });
}

/** Null where it is more than can be unpacked at once. Errors: `server-not-openai` for no true gzip. */
function unpackedAtOnce(packed: Buffer): Buffer | null {
  if (packed.length === 0) throw noGzip();
  try {
    return gunzipSync(packed, { maxOutputLength: atOnce.text, chunkSize: likelySize(packed) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return null;
    throw noGzip(error);
  }
}

/** What the packed text says itself how long it is (RFC 1952, 2.3.1, ISIZE), within bounds: one buffer of that length takes it. */
function likelySize(packed: Buffer): number {
  const said = packed.length < 4 ? 0 : packed.readUInt32LE(packed.length - 4);
  // One more, or a buffer that is full would be followed by another.
  return Math.min(Math.max(said + 1, 1024), atOnce.text);
}

function isZlibError(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException).code).startsWith('Z_');
}

function noGzip(cause?: unknown): UnreadBody {
  return new UnreadBody('no-gzip', 'an answer that is not the gzip it says to be', cause);
}

function tooLarge(what: string, bytes: number): UnreadBody {
  return new UnreadBody('too-long', `${what} of more than ${bytes / mebibyte} MiB`);
}

/** Why a body was not read: it goes beyond a bound, or its gzip is none. */
export class UnreadBody extends AppError {
  readonly kind: 'too-long' | 'no-gzip';

  constructor(kind: UnreadBody['kind'], detail: string, cause?: unknown) {
    super('server-not-openai', { step: 'models', detail, cause });
    this.kind = kind;
  }
}
