import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gatherIdentification } from '#engine/ssh/client/identification.ts';
import { runs } from '../../../../support/runs.ts';

/** What a reader gets of these pieces, which begins to listen once the socket has been given away. */
async function readBy(pieces: readonly Buffer[]): Promise<{ read: readonly Buffer[]; gathered: Buffer }> {
  const socket = new PassThrough();
  const gathered = gatherIdentification(socket);
  socket.pause();
  await Promise.resolve();
  const read: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => void read.push(chunk));
  socket.resume();
  for (const piece of pieces) {
    // As from a network: never in the tick in which somebody begins to listen.
    await setImmediate();
    socket.write(piece);
  }
  await setImmediate();
  return { read, gathered: gathered() };
}

/** The pieces of what is cut at these places. */
function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % whole.length))].sort((a, b) => a - b);
  return [...sorted, whole.length].map((to, index) => whole.subarray(sorted[index - 1] ?? 0, to));
}

it('gives the greeting to the reader in one piece, and everything in its order, however it was cut', async () => {
  const lines = fc.array(fc.stringMatching(/^[ -RT-~][ -~]{0,40}$/), { maxLength: 3 });
  const ends = fc.constantFrom('\n', '\r\n');
  await fc.assert(
    fc.asyncProperty(lines, ends, fc.uint8Array(), fc.array(fc.nat()), async (before, end, after, places) => {
      const greeting = [...before, 'SSH-2.0-OpenSSH_9.8 x'].map((line) => line + end).join('');
      const whole = Buffer.concat([Buffer.from(greeting, 'latin1'), after]);
      const { read, gathered } = await readBy(cut(whole, places).filter(({ length }) => length > 0));
      expect(read[0]?.toString('latin1').startsWith(greeting)).toBe(true);
      expect(Buffer.concat(read).equals(whole)).toBe(true);
      expect(gathered.toString('latin1').startsWith(greeting)).toBe(true);
    }),
    runs(200),
  );
});

it('holds nothing back of what is no greeting', async () => {
  const noise = Buffer.alloc(20_000, 'x');
  const { read } = await readBy(cut(noise, [5000, 10_000, 15_000]));
  expect(Buffer.concat(read).length).toBe(20_000);
  const { read: short, gathered } = await readBy([Buffer.from('Exceeded MaxStartups')]);
  expect(short).toEqual([]);
  expect(gathered.toString()).toBe('Exceeded MaxStartups');
});
