import { expect, it } from 'vitest';
import { unnoted } from '#engine/gateway/note.ts';
import { createRequestLog } from '#engine/gateway/request-log.ts';

const request = { ...unnoted, at: 1, method: 'POST', path: '/v1/x', status: 200, totalMs: 1 };

it('numbers the requests, and gives those after one', () => {
  const log = createRequestLog();
  for (let n = 0; n < 3; n += 1) log.add({ ...request, totalMs: n });
  expect(log.read(1).map(({ number, totalMs }) => [number, totalMs])).toEqual([
    [2, 1],
    [3, 2],
  ]);
  expect(log.count()).toBe(3);
});

it('keeps the latest five hundred, and of each a bounded line without control characters', () => {
  const log = createRequestLog();
  for (let n = 0; n < 2000; n += 1)
    log.add({ ...request, path: `/\u001b[31m${'p'.repeat(10_000)}`, model: 'm\n\u202e'.repeat(500) });
  const kept = log.read(0);
  expect([kept.length, kept[0]?.number, kept.at(-1)?.number]).toEqual([500, 1501, 2000]);
  expect(kept[0]?.path).toHaveLength(200);
  expect(kept[0]?.model?.length).toBeLessThanOrEqual(300);
  expect(JSON.stringify(kept[0])).not.toMatch(/\\u001b|\\n|\u202e/);
});
