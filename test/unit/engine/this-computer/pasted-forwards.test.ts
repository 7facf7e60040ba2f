import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import { readPastedForwards } from '#engine/this-computer/pasted-forwards.ts';
import { host } from '../../../support/snapshot.ts';

const hosts = [
  host('login', { endpoint: { hostname: 'login.example.org', port: 22, user: 'me' } }),
  host('gpu-01', { endpoint: { hostname: '10.0.0.1', port: 2222, user: 'me' } }),
  host('six', { endpoint: { hostname: 'fd00::7', port: 22, user: 'me' } }),
  host('ad', { endpoint: { hostname: 'ad.example.org', port: 22, user: 'me@corp' } }),
  host('new', { endpoint: null }),
];
const read = (line: string) => readPastedForwards(line, hosts);
const port = (localPort: number, remotePort: number, remoteHost: string | null = null) => ({
  localPort,
  remotePort,
  remoteHost,
  remoteSocket: null,
});

describe('a pasted line', () => {
  it.each([
    ['ssh -L 8000:localhost:8000 login', 'login', [port(8000, 8000)]],
    ['$ ssh -N -L 8000:node7:9000 me@login', 'login', [port(8000, 9000, 'node7')]],
    ['ssh -fNL8000:node7:9000 login.example.org', 'login', [port(8000, 9000, 'node7')]],
    ['ssh gpu-01 -L 127.0.0.1:1:[::1]:2 -L 3:[fd00::7]:4', 'gpu-01', [port(1, 2), port(3, 4, 'fd00::7')]],
    ['ssh -p 2222 -L 1:localhost:2 10.0.0.1', 'gpu-01', [port(1, 2)]],
    ['ssh ssh://me@10.0.0.1:2222 -L 1:localhost:2', 'gpu-01', [port(1, 2)]],
    ['ssh -N \\\n  -L 8000:localhost:8000 \\\r\n  login\n', 'login', [port(8000, 8000)]],
    ['ssh -l me -oPort=2222 -L 1:localhost:2 10.0.0.1', 'gpu-01', [port(1, 2)]],
    ['ssh -L 1:localhost:2 ssh://[fd00::7]:22', 'six', [port(1, 2)]],
    ['ssh -L 1:localhost:2 me@fd00::7', 'six', [port(1, 2)]],
    ['ssh -L 1:localhost:2 me@corp@ad.example.org', 'ad', [port(1, 2)]],
    ['autossh -M 0 login -N -L 1:localhost:2', 'login', [port(1, 2)]],
    ["ssh -o 'LocalForward 8000 node7:9000' new", 'new', [port(8000, 9000, 'node7')]],
    [
      'ssh -L 8000:/run/vllm.sock login',
      'login',
      [{ localPort: 8000, remotePort: null, remoteHost: null, remoteSocket: '/run/vllm.sock' }],
    ],
  ])('%s', (line, hostId, forwards) => {
    expect(read(line)).toEqual({ hostId, forwards, ignored: [] });
  });

  it('names what it asks for and cannot be had', () => {
    expect(read('ssh -L /tmp/a:node7:80 -L 8000:node7:9000 -L 1:x login')).toEqual({
      hostId: 'login',
      forwards: [port(8000, 9000, 'node7')],
      ignored: ['/tmp/a:node7:80', '1:x'],
    });
  });

  it.each([
    ['ls -L', 'bad-request'],
    ['ssh login', 'bad-request'],
    ['ssh -L 1:a:2', 'bad-request'],
    ['ssh -L 1:a:2 other', 'not-found'],
    ['ssh -L 1:a:2 root@login', 'not-found'],
    ['ssh -p 22 -L 1:a:2 gpu-01', 'not-found'],
    ['ssh -l root -L 1:a:2 login', 'not-found'],
    ['ssh -o "User root" -L 1:a:2 me@login', 'not-found'],
    ['ssh -o Port=22 -L 1:a:2 gpu-01', 'not-found'],
    ['ssh -L 1:a:2 10.0.0.1:2222', 'not-found'],
    ['ssh -L 1:a:2 ""', 'bad-request'],
  ])('%s: %s', (line, code) => {
    expect(() => read(line)).toThrow(expect.objectContaining({ code }));
  });

  it('of any content is read or refused', () => {
    const words = fc.constantFrom(
      'ssh',
      '-L',
      '1:a:2',
      'login',
      '-o',
      '--',
      "'",
      '"',
      '\\',
      '[',
      ':',
      '\u0000',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 20 })), { maxLength: 12 }), (parts) => {
        try {
          const { forwards } = read(`ssh ${parts.join(' ')}`);
          for (const { localPort } of forwards) expect(localPort).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
    );
  });
});
