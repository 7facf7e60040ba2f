import { expect, it } from 'vitest';
import type { LocalServer } from '#common/forwards.ts';
import { attachCommand, localRows } from '#common/this-computer.ts';
import { aLocalServer } from '../../samples.ts';
import { foreign } from '../engine/elsewhere/samples.ts';
import { forward, snapshot } from './samples.ts';

const session = (name: string) =>
  foreign({ id: `tmux ${name}`, owner: { kind: 'tmux', session: name }, localPort: 16_101 });

it('names a session exactly, in a way that no shell takes for something else', () => {
  expect(attachCommand(session('vllmctl_gpu1_8000_16100'))).toBe("tmux attach -t '=vllmctl_gpu1_8000_16100'");
  expect(attachCommand(session("vllmctl_it's_1_2"))).toBe("tmux attach -t '=vllmctl_it'\\''s_1_2'");
  expect(attachCommand(foreign())).toBeNull();
});

it('has a row per model on this computer, with whoever serves it', () => {
  const server = (port: number, owner: LocalServer['owner'], models: readonly string[]): LocalServer => ({
    ...aLocalServer,
    port,
    models,
    owner,
  });
  const rows = localRows(
    snapshot({
      forwards: [forward('gpu1', 8000)],
      elsewhere: {
        tmux: 'available',
        processes: 'available',
        forwards: [session('s'), foreign({ hostId: null, localPort: 16_102 })],
        lookedAt: 1,
      },
      localServers: [
        server(8000, { kind: 'process', pid: 1, command: 'vllm' }, ['a', 'b']),
        server(16_100, { kind: 'forward', forwardId: 'gpu1:8000' }, ['c']),
        server(16_101, { kind: 'foreign', foreignId: 'tmux s' }, []),
        server(16_102, { kind: 'foreign', foreignId: 'ssh 42 16100' }, ['d']),
        server(16_103, { kind: 'foreign', foreignId: 'gone' }, ['e']),
        server(16_104, { kind: 'process', pid: 9, command: 'ssh' }, ['f']),
      ],
    }),
  );
  expect(
    rows.map(({ model, origin, hostId, remotePort, session: name }) => [
      model,
      origin,
      hostId,
      remotePort,
      name,
    ]),
  ).toEqual([
    ['a', 'local', null, null, null],
    ['b', 'local', null, null, null],
    ['c', 'forwarded', 'gpu1', 8000, null],
    [null, 'tmux', 'gpu1', 8000, 's'],
    ['d', 'forwarded', null, 8000, null],
    ['e', 'forwarded', null, null, null],
    ['f', 'forwarded', null, null, null],
  ]);
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
});
