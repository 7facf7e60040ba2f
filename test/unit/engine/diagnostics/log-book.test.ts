import { expect, it } from 'vitest';
import { createLogBook } from '#engine/diagnostics/log-book.ts';

it('notes lines by their number, cleaned, and hands them on unchanged', () => {
  const next: string[] = [];
  const book = createLogBook(
    (level, message) => next.push(`${level} ${message}`),
    () => 7,
  );
  book.log('info', 'first');
  book.log('warn', 'a\u001b[31mb');
  expect(next).toEqual(['info first', 'warn a\u001b[31mb']);
  expect(book.read(0)).toHaveLength(2);
  const [second] = book.read(1);
  expect(second).toMatchObject({ number: 2, at: 7, level: 'warn' });
  expect(second?.message).not.toContain('\u001b');
});

it('keeps the latest two thousand, each bounded', () => {
  const book = createLogBook(() => undefined);
  for (let line = 0; line < 7000; line += 1) book.log('debug', 'x'.repeat(10_000));
  const kept = book.read(0);
  expect([kept.length, kept[0]?.number, kept.at(-1)?.number]).toEqual([2000, 5001, 7000]);
  expect(kept[0]?.message.length).toBeLessThanOrEqual(500);
});
