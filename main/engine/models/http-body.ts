/** The body of an HTTP answer, read as it comes, and no further than its bounds. */

import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { AppError } from '#common/failure.ts';

/** How more than 1 MiB may be read. */
export type LongBody =
  /** A text of which some lines are kept. */
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
 * Errors: those of the connection; `server-not-openai` beyond a bound, which the detail names, and for no true gzip.
 */
export async function readBody(response: IncomingMessage, long?: LongBody): Promise<string> {
  const isPacked = response.headers['content-encoding']?.trim().toLowerCase() === 'gzip';
  // A refusal is short, and its text is shown.
  const rule = response.statusCode === 200 ? long : undefined;
  const body = rule?.kind === 'lines' ? createLines(rule.keepsLine) : createWhole();
  const what = rule === undefined ? 'an answer' : 'metrics';
  const most =
    rule === undefined ? mostBytes.whole : mostBytes[rule.kind === 'lines' ? 'lines' : 'longWhole'];
  let bytes = 0;
  for await (const chunk of isPacked ? unpacked(response, most) : (response as AsyncIterable<Buffer>)) {
    bytes += chunk.length;
    if (bytes > most) throw tooLarge(what, most);
    body.add(chunk);
  }
  return body.end();
}

interface Body {
  add(chunk: Buffer): void;
  end(): string;
}

function createWhole(): Body {
  const chunks: Buffer[] = [];
  return { add: (chunk) => void chunks.push(chunk), end: () => Buffer.concat(chunks).toString() };
}

function createLines(keepsLine: (line: string) => boolean): Body {
  const decoder = new StringDecoder('utf8');
  // As bytes: a part of a string would keep the whole of what it was cut from in memory.
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let rest = '';
  let isTooLong = false;
  const take = (line: string): void => {
    if (line.length > longestLine || !keepsLine(line)) return;
    const bytes = Buffer.from(`${line}\n`);
    keptBytes += bytes.length;
    if (keptBytes > mostBytes.keptLines) throw tooLarge('metrics that are used', mostBytes.keptLines);
    kept.push(bytes);
  };
  const feed = (text: string): void => {
    let start = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', start)) {
      if (!isTooLong) take(rest + text.slice(start, at));
      rest = '';
      isTooLong = false;
      start = at + 1;
    }
    rest = isTooLong ? '' : rest + text.slice(start);
    if (rest.length > longestLine) {
      rest = '';
      isTooLong = true;
    }
  };
  return {
    add: (chunk) => feed(decoder.write(chunk)),
    end() {
      feed(`${decoder.end()}\n`);
      return Buffer.concat(kept).toString();
    },
  };
}

async function* unpacked(response: Readable, most: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  let packedBytes = 0;
  response.on('data', (chunk: Buffer) => {
    packedBytes += chunk.length;
    // Packed text may unpack to nothing, without end.
    if (packedBytes > most) gunzip.destroy(tooLarge('packed text', most));
  });
  response.once('error', (error) => gunzip.destroy(error));
  response.pipe(gunzip);
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    const isZlib = String((error as NodeJS.ErrnoException).code).startsWith('Z_');
    throw isZlib ? noGzip(error) : error;
  }
  if (packedBytes === 0) throw noGzip();
}

function noGzip(cause?: unknown): AppError {
  return notOpenAi('an answer that is not the gzip it says to be', cause);
}

function tooLarge(what: string, bytes: number): AppError {
  return notOpenAi(`${what} of more than ${bytes / mebibyte} MiB`);
}

function notOpenAi(detail: string, cause?: unknown): AppError {
  return new AppError('server-not-openai', { step: 'models', detail, cause });
}
