import { expect, it } from 'vitest';
import { localRows } from '#common/local-rows.ts';
import type { LocalServer } from '#common/local-servers.ts';
import { attachCommand, isOpenToNetwork } from '#common/other-forwards.ts';
import { aLocalServer } from '../../support/samples.ts';
import { forward, snapshot } from '../../support/snapshot.ts';
import { otherForward } from '../../support/this-computer.ts';

const session = (name: string) =>
  otherForward({ id: `tmux ${name}`, owner: { kind: 'tmux', session: name }, localPort: 16_101 });

it('names a session exactly, in a way that no shell takes for something else', () => {
  expect(attachCommand(session('vllmctl_gpu1_8000_16100'))).toBe("tmux attach -t '=vllmctl_gpu1_8000_16100'");
  expect(attachCommand(session("vllmctl_it's_1_2"))).toBe("tmux attach -t '=vllmctl_it'\\''s_1_2'");
  expect(attachCommand(otherForward())).toBeNull();
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
      otherForwards: {
        tmux: 'available',
        processes: 'available',
        forwards: [session('s'), otherForward({ hostId: null, localPort: 16_102 })],
        lookedAt: 1,
      },
      localServers: [
        server(8000, { kind: 'process', pid: 1, command: 'vllm' }, ['a', 'b']),
        server(8001, { kind: 'process', pid: 2, command: 'vllm', session: 'work' }, ['w']),
        server(16_100, { kind: 'forward', forwardId: 'gpu1:8000' }, ['c']),
        server(16_101, { kind: 'other-forward', otherForwardId: 'tmux s' }, []),
        server(16_102, { kind: 'other-forward', otherForwardId: 'ssh 42 16100' }, ['d']),
        server(16_103, { kind: 'other-forward', otherForwardId: 'gone' }, ['e']),
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
    ['w', 'local', null, null, 'work'],
    ['c', 'forwarded', 'gpu1', 8000, null],
    [null, 'tmux', 'gpu1', 8000, 's'],
    ['d', 'forwarded', null, 8000, null],
    ['e', 'forwarded', null, null, null],
    ['f', 'forwarded', null, null, null],
  ]);
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
});

it.each([
  ['localhost', false],
  ['127.0.0.1', false],
  ['127.8.9.1', false],
  ['::1', false],
  ['::ffff:127.0.0.1', false],
  ['ip6-localhost', false],
  ['*', true],
  ['0.0.0.0', true],
  ['::', true],
  ['192.168.1.5', true],
  ['fe80::1%eth0', true],
  ['127.0.0.1.example.org', true],
  ['workstation', true],
])('a forward at %s is open to the network: %s', (localAddress, isOpen) => {
  expect(isOpenToNetwork({ localAddress })).toBe(isOpen);
});
