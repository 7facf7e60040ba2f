/** Bodies of HTTP answers as hostile or broken servers send them: bounded, unpacked, cut anywhere. */

import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LongBody, readBody } from '#engine/models/http-body.ts';
import { runs } from '../../../support/runs.ts';

const mebibyte = 1_048_576;

interface Sent {
  readonly status?: number;
  readonly encoding?: string;
}

/** An answer whose body comes in these pieces. */
function answer(pieces: Iterable<Buffer | string>, { status = 200, encoding }: Sent = {}): IncomingMessage {
  const body = Readable.from(
    (function* () {
      for (const piece of pieces) yield Buffer.from(piece);
    })(),
    { objectMode: false },
  );
  const headers = encoding === undefined ? {} : { 'content-encoding': encoding };
  return Object.assign(body, { statusCode: status, headers }) as unknown as IncomingMessage;
}

function* endless(piece: Buffer): Generator<Buffer> {
  for (;;) yield piece;
}

const keeping = (prefix: string): LongBody => ({
  kind: 'lines',
  keepsLine: (line) => line.startsWith(prefix),
});
const refused = (detail: string) => ({ code: 'server-not-openai', step: 'models', detail });

describe('a body', () => {
  it('is its text, however it is cut', async () => {
    const [texts, sizes] = [fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 1, max: 7 })];
    const isRead = fc.asyncProperty(texts, sizes, async (text, size) => {
      const bytes = Buffer.from(text);
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      expect(await readBody(answer(pieces))).toBe(bytes.toString());
    });
    await fc.assert(isRead, runs(100));
  });

  it('of exactly 1 MiB is read, and one byte more is refused', async () => {
    expect(await readBody(answer(['x'.repeat(mebibyte)]))).toHaveLength(mebibyte);
    await expect(readBody(answer(['x'.repeat(mebibyte), 'y']))).rejects.toMatchObject(
      refused('an answer of more than 1 MiB'),
    );
  });

  it('without end is given up, and its connection with it', async () => {
    const endlessly = answer(endless(Buffer.alloc(65_536, 'x')));
    await expect(readBody(endlessly)).rejects.toMatchObject(refused('an answer of more than 1 MiB'));
    expect(endlessly.destroyed).toBe(true);
  });

  it('that is broken off is no answer', async () => {
    const broken = answer(
      (function* () {
        yield Buffer.from('{"data":');
        throw new Error('socket hang up');
      })(),
    );
    await expect(readBody(broken)).rejects.toThrow('socket hang up');
  });

  it('may be longer where the metrics need it, but not where the server refuses', async () => {
    const long = 'x'.repeat(2 * mebibyte);
    expect(await readBody(answer([long]), { kind: 'whole' })).toHaveLength(long.length);
    await expect(readBody(answer([long], { status: 503 }), { kind: 'whole' })).rejects.toMatchObject(
      refused('an answer of more than 1 MiB'),
    );
    await expect(readBody(answer(endless(Buffer.alloc(mebibyte))), { kind: 'whole' })).rejects.toMatchObject(
      refused('metrics of more than 16 MiB'),
    );
  });
});

describe('a packed body', () => {
  const packed = gzipSync('{"data":[]}');

  it.each(['gzip', ' GZIP '])('is unpacked where the answer says %j', async (encoding) => {
    expect(await readBody(answer([packed], { encoding }))).toBe('{"data":[]}');
  });

  it('is all of its members, though the last one says its own length alone', async () => {
    const members = Buffer.concat([gzipSync('a'.repeat(5000)), gzipSync(''), gzipSync('b')]);
    expect(await readBody(answer([members], { encoding: 'gzip' }))).toBe(`${'a'.repeat(5000)}b`);
  });

  it('comes in single bytes', async () => {
    const bytes = [...packed].map((byte) => Buffer.of(byte));
    expect(await readBody(answer(bytes, { encoding: 'gzip' }))).toBe('{"data":[]}');
  });

  it.each([
    ['is no gzip', [Buffer.from('{"data":[]}')]],
    ['is cut off', [packed.subarray(0, packed.length - 9)]],
    ['is empty', []],
  ])('that %s is refused', async (_name, pieces) => {
    await expect(readBody(answer(pieces, { encoding: 'gzip' }))).rejects.toMatchObject(
      refused('an answer that is not the gzip it says to be'),
    );
  });

  it('is bounded by what it unpacks to: a few kilobytes may be megabytes', async () => {
    const bomb = gzipSync(Buffer.alloc(3 * mebibyte));
    expect(bomb.length).toBeLessThan(10_000);
    await expect(readBody(answer([bomb], { encoding: 'gzip' }))).rejects.toMatchObject(
      refused('an answer of more than 1 MiB'),
    );
  });

  it('is bounded by what it has packed: empty members unpack to nothing, without end', async () => {
    const nothing = Buffer.concat(Array.from({ length: 1000 }, () => gzipSync('')));
    await expect(readBody(answer(endless(nothing), { encoding: 'gzip' }))).rejects.toMatchObject({
      code: 'server-not-openai',
    });
  });
});

describe('lines of a long body', () => {
  /** Longer than what is kept whole. */
  const before = 'other\n'.repeat(200_000);

  it('are chosen beyond 1 MiB alone', async () => {
    const line = '\nvllm:a 1\nother 2\n';
    const short = before.slice(0, mebibyte - line.length) + line;
    expect(await readBody(answer([short]), keeping('vllm:'))).toBe(short);
    expect(await readBody(answer([short, '\n']), keeping('vllm:'))).toBe('vllm:a 1\n');
  });

  it('are those that are kept, the last one also without its end', async () => {
    const text = 'vllm:a 1\n# HELP\nvllm:b 2\r\npython_gc 3\nvllm:c 4';
    expect(await readBody(answer([before, text]), keeping('vllm:'))).toBe('vllm:a 1\nvllm:b 2\r\nvllm:c 4\n');
  });

  it('are whole wherever the text is cut, also within a letter', async () => {
    const text = 'vllm:x{model="модель 模型"} 1\nother\nvllm:y 2\n';
    const bytes = Buffer.from(text);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const read = await readBody(
        answer([bytes.subarray(0, cut), bytes.subarray(cut), before]),
        keeping('vllm:'),
      );
      expect(read).toBe('vllm:x{model="модель 模型"} 1\nvllm:y 2\n');
    }
  });

  it('longer than 20,000 letters are passed over, and the next one is read', async () => {
    const long = `vllm:${'x'.repeat(30_000)}`;
    const pieces = [before, `${long}\nvllm:a 1\n`, `${long.slice(0, 15_000)}`, `${long}\nvllm:b 2`];
    expect(await readBody(answer(pieces), keeping('vllm:'))).toBe('vllm:a 1\nvllm:b 2\n');
  });

  it('that are passed over may be many, those that are kept at most 16 MiB', async () => {
    const line = `${'x'.repeat(9_999)}\n`;
    const text = Buffer.from(line.repeat(100));
    const some = Array.from({ length: 20 }, () => text);
    expect(await readBody(answer(some), keeping('vllm:'))).toBe('');
    await expect(readBody(answer(some), keeping('x'))).rejects.toMatchObject(
      refused('metrics that are used of more than 16 MiB'),
    );
    await expect(readBody(answer(endless(text)), keeping('vllm:'))).rejects.toMatchObject(
      refused('metrics of more than 64 MiB'),
    );
  });
});
