import { expect, test } from 'vitest';
import { forwardNamed, nameInHost } from '#engine/gateway/named-forward.ts';
import { aFailure, aForward } from '../../../support/samples.ts';

test('a name stands before .localhost in the Host header, in any letters', () => {
  expect(nameInHost({ host: 'Qwen.localhost:16000' })).toBe('qwen');
  for (const host of ['localhost:16000', '127.0.0.1', 'a.b.localhost', 'qwen.localhost.evil.example', ''])
    expect(nameInHost({ host })).toBeNull();
});

const forward = { ...aForward, hostId: 'gpu-01', label: 'Qwen', state: { kind: 'listening' } as const };

test('it is the way through the forward of that name, under the address that its host has for it', () => {
  expect(
    forwardNamed('qwen', [
      { ...aForward, label: 'other' },
      { ...forward, localPort: 17_601 },
    ]),
  ).toMatchObject({ id: forward.id, host: 'gpu-01', forwardedTo: 17_601, port: forward.remotePort });
  const beyond = { ...forward, remoteHost: 'node7', remotePort: 8000, localPort: 17_602 };
  expect(forwardNamed('qwen', [beyond])).toMatchObject({ address: 'node7', port: 8000, forwardedTo: 17_602 });
});

test('a forward that is not open is not asked, and its reason is said', () => {
  const failure = aFailure('connection-lost', { detail: 'gone' });
  expect(forwardNamed('qwen', [{ ...forward, state: { kind: 'retrying', failure } }])).toMatchObject({
    status: 503,
    message: expect.stringMatching(/^The forward qwen is not open now: .+\(gone\)$/),
  });
  expect(forwardNamed('qwen', [{ ...forward, localPort: null }])).toMatchObject({ status: 503 });
});

test('a name that no forward has, or two have, is refused with what helps', () => {
  expect(forwardNamed('qwn', [forward])).toMatchObject({
    status: 404,
    message: 'No forward is called qwn. There are: qwen.',
  });
  expect(forwardNamed('qwn', [])).toMatchObject({ status: 404 });
  expect(forwardNamed('qwen', [forward, { ...forward, id: 'gpu-02:8000' }])).toMatchObject({ status: 409 });
});
