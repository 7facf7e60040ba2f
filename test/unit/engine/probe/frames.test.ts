import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createFrameReader, type Frame } from '#engine/probe/frames.ts';
import { bytesInUse } from '../../../support/memory.ts';
import { runs } from '../../../support/runs.ts';

const sentinel = '0123456789abcdef';

function wire(frame: Frame): string {
  const parts = frame.parts.map(({ name, code, text }) => `\n${sentinel} part ${name} ${code}\n${text}`);
  return `\n${sentinel} begin ${frame.number}\n${parts.join('')}\n${sentinel} end ${frame.number}\n`;
}

const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const frame = fc.record({
  number: fc.nat(1000),
  parts: fc.array(fc.record({ name: fc.constantFrom('gpus', 'apps', 'ps'), code: fc.nat(255), text }), {
    maxLength: 4,
  }),
});

/** The bytes cut at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

test('frames come out whole, whatever stands between them and however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, frame), { maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 40 }),
      (sequence, places) => {
        const bytes = Buffer.from(sequence.map(([noise, one]) => noise + wire(one)).join(''));
        const reader = createFrameReader(sentinel);
        const frames = cut(bytes, places).flatMap((chunk) => [...reader.push(chunk)]);
        expect(frames).toEqual(sequence.map(([, one]) => one));
      },
    ),
  );
});

test('one byte at a time gives the same frames', () => {
  const frames: Frame[] = [
    { number: 1, parts: [{ name: 'gpus', code: 0, text: 'a, b\r\nno newline at the end' }] },
    { number: 2, parts: [] },
  ];
  const reader = createFrameReader(sentinel);
  const bytes = Buffer.from(`Welcome!\n${frames.map(wire).join('noise')}`);
  expect([...bytes].flatMap((byte) => [...reader.push(Uint8Array.of(byte))])).toEqual(frames);
});

test('random bytes and cut frames never throw and never make up a frame', () => {
  const whole = Buffer.from(wire({ number: 3, parts: [{ name: 'ss', code: 1, text: 'LISTEN' }] }));
  for (let length = 0; length < whole.length - 1; length += 1)
    expect(createFrameReader(sentinel).push(whole.subarray(0, length))).toEqual([]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      expect(createFrameReader(sentinel).push(bytes)).toEqual([]);
    }),
  );
});

test('any mixture of marker lines gives the same frames however it is cut, and none that was not ended', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'begin',
      'part',
      'end',
      ' ',
      '\n',
      '1',
      '2',
      'gpus',
      '0',
      '-',
      '\u0000',
      sentinel,
      sentinel.slice(0, 8),
    ),
    fc.constantFrom(...[1, 2].map((number) => `\n${sentinel} begin ${number}\n`)),
    fc.constantFrom(...[1, 2].map((number) => `\n${sentinel} end ${number}\n`)),
    fc.constant(`\n${sentinel} part gpus 0\n`),
    text,
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 25 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      (pieces, places) => {
        const bytes = Buffer.from(pieces.join(''));
        const whole = createFrameReader(sentinel).push(bytes);
        const reader = createFrameReader(sentinel);
        expect(cut(bytes, places).flatMap((chunk) => [...reader.push(chunk)])).toEqual(whole);
        const ends = bytes.toString().split(`\n${sentinel} end `).length - 1;
        expect(whole.length).toBeLessThanOrEqual(ends);
        expect(reader.noiseBytes()).toBeLessThanOrEqual(bytes.length);
      },
    ),
    runs(500),
  );
});

test('a frame that is broken off is dropped when the next one begins', () => {
  const reader = createFrameReader(sentinel);
  const next: Frame = { number: 8, parts: [{ name: 'stopped', code: 137, text: '' }] };
  const broken = `\n${sentinel} begin 7\n\n${sentinel} part gpus 0\nhalf of i`;
  expect(reader.push(Buffer.from(broken + wire(next)))).toEqual([next]);
});

test('an end with another number, an unknown marker or an endless marker line ends no frame', () => {
  for (const bad of ['end 9', 'end', 'begin x', 'part gpus', 'what', 'part '.padEnd(400, 'x')]) {
    const reader = createFrameReader(sentinel);
    const good: Frame = { number: 2, parts: [{ name: 'tcp', code: 0, text: 'x' }] };
    const bytes = `\n${sentinel} begin 1\n\n${sentinel} ${bad}\n${wire(good)}`;
    expect(reader.push(Buffer.from(bytes)), bad).toEqual([good]);
  }
});

test('10 MB of noise in one line cost what is kept of it', () => {
  const reader = createFrameReader(sentinel);
  const chunk = Buffer.alloc(65_536, 'x');
  for (let sent = 0; sent < 10_000_000; sent += chunk.length) expect(reader.push(chunk)).toEqual([]);
  expect(reader.noiseBytes()).toBeGreaterThan(9_900_000);
  expect(reader.noiseText()).toBe('x'.repeat(1024));
  expect(reader.overflowed()).toBe(false);
});

test('noise is counted anew after a frame', () => {
  const reader = createFrameReader(sentinel);
  reader.push(Buffer.from(`message of the day${wire({ number: 0, parts: [] })}`));
  expect(reader.noiseBytes()).toBe(0);
  expect(reader.noiseText()).toBe('');
});

test('a frame beyond its limit overflows, in output and in marker lines alike, and nothing is read after it', () => {
  const start = `\n${sentinel} begin 1\n\n${sentinel} part gpus 0\n`;
  for (const filling of ['y'.repeat(500), `\n${sentinel} part gpus 0\n`]) {
    const reader = createFrameReader(sentinel, 10_000);
    reader.push(Buffer.from(start));
    for (let sent = 0; sent < 20_000; sent += filling.length) reader.push(Buffer.from(filling));
    expect(reader.overflowed()).toBe(true);
    expect(reader.push(Buffer.from(wire({ number: 2, parts: [] })))).toEqual([]);
  }
});

test('a frame that is complete comes out, also where what follows in the same bytes overflows', () => {
  const frame = { number: 0, parts: [{ name: 'hello', code: 0, text: '' }] };
  const endless = `\n${sentinel} begin 1\n`.repeat(1100);
  const reader = createFrameReader(sentinel);
  expect(reader.push(Buffer.from(wire(frame) + endless))).toEqual([frame]);
  expect(reader.overflowed()).toBe(true);
  expect(reader.push(Buffer.from(wire(frame)))).toEqual([]);
});

test('between two answers nothing of them is kept', async () => {
  const bytes = Buffer.from(wire({ number: 1, parts: [{ name: 'ps', code: 0, text: 'x'.repeat(50_000) }] }));
  const before = bytesInUse();
  const readers = Array.from({ length: 500 }, () => createFrameReader(sentinel));
  for (const reader of readers) expect(reader.push(bytes)).toHaveLength(1);
  // Buffers are given back on another thread.
  await vi.waitFor(() => expect(bytesInUse() - before).toBeLessThan(5_000_000));
  expect(readers.every((reader) => reader.push(bytes).length === 1)).toBe(true);
});
