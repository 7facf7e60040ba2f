import type { Duplex } from 'node:stream';
import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { gatherWrites } from '#engine/ssh/client/gathered-writes.ts';

/** Notes what reaches the system, one entry for each call. */
function connection() {
  const calls: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      calls.push(String(chunk));
      done();
    },
    writev(chunks, done) {
      calls.push(chunks.map(({ chunk }) => String(chunk)).join('+'));
      done();
    },
  });
  gatherWrites(stream as unknown as Duplex);
  return { stream, calls };
}

it('hands the pieces of a turn over at once, in order, and those of the next by themselves', async () => {
  const { stream, calls } = connection();
  for (const piece of ['a', 'b', 'c']) stream.write(piece);
  expect(calls).toEqual([]);
  await new Promise(setImmediate);
  expect(calls).toEqual(['a+b+c']);
  stream.write('d');
  await new Promise(setImmediate);
  expect(calls).toEqual(['a+b+c', 'd']);
});

it('loses nothing at the end', async () => {
  const { stream, calls } = connection();
  stream.write('a');
  stream.end('b');
  await new Promise((resolve) => stream.once('finish', resolve));
  expect(calls).toEqual(['a+b']);
  await new Promise(setImmediate);
});
