import { expect, it } from 'vitest';
import { gpuRanges, serversOnGpu } from '#common/select/processes.ts';
import type { ServerProcess } from '#common/servers.ts';
import { server } from '../../../support/snapshot.ts';

it('runs of GPUs are drawn together, whatever their order', () => {
  expect(gpuRanges([])).toBe('');
  expect(gpuRanges([4])).toBe('4');
  expect(gpuRanges([6, 0, 3, 1, 2, 8, 9])).toBe('0–3, 6, 8–9');
});

it('on a GPU are the servers of its host that hold it and were not lost', () => {
  const on = (host: string, port: number, gpus: readonly number[] | null) => ({
    ...server(host, port, ['m']),
    process: gpus === null ? null : ({ gpus } as ServerProcess),
  });
  const lost = { ...on('a', 4, [1]), state: { kind: 'lost', what: 'host', since: 1 } as const };
  const servers = [on('a', 1, [0, 1]), on('a', 2, [2]), on('a', 3, null), on('b', 1, [1]), lost];
  expect(serversOnGpu(servers, { id: 'a' }, 1).map(({ port }) => port)).toEqual([1]);
});
