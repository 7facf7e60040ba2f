import { expect, it } from 'vitest';
import { refuseAddress } from '#engine/loopback/address.ts';

it('takes the names of loopback, at any port', () => {
  for (const host of ['127.0.0.1:16000', 'localhost', '[::1]:1', 'localhost:65535'])
    expect(refuseAddress({ host })).toBeNull();
});

it('refuses other names, which a page can point at loopback', () => {
  for (const host of [
    undefined,
    '',
    'evil.example:16000',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '0.0.0.0',
  ])
    expect(refuseAddress({ host })).toMatchObject({ status: 403 });
});

it('refuses the pages of other sites, and a request without an origin only where it must have one', () => {
  const host = 'localhost:16000';
  expect(refuseAddress({ host, origin: 'http://localhost:16000' }, { mustName: true })).toBeNull();
  expect(refuseAddress({ host })).toBeNull();
  expect(refuseAddress({ host }, { mustName: true })).toMatchObject({ status: 403 });
  for (const origin of ['null', 'http://localhost:3000', 'https://localhost:16000', 'http://evil.example'])
    expect(refuseAddress({ host, origin })).toMatchObject({ status: 403 });
});

it('takes names under localhost only where they mean something', () => {
  expect(refuseAddress({ host: 'qwen.localhost:16000' })).toMatchObject({ status: 403 });
  expect(refuseAddress({ host: 'qwen.localhost:16000' }, { names: true })).toBeNull();
  expect(refuseAddress({ host: 'a.localhost', origin: 'http://b.localhost' }, { names: true })).toMatchObject(
    {
      status: 403,
    },
  );
  for (const host of [
    'a.b.localhost',
    'a.localhost.evil.example',
    '.localhost',
    `${'a'.repeat(64)}.localhost`,
  ])
    expect(refuseAddress({ host }, { names: true })).toMatchObject({ status: 403 });
});
