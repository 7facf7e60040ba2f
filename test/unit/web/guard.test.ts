import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createGuard, newToken } from '../../../main/web/guard.ts';

const token = newToken();
const host = '127.0.0.1:4321';

function cookieOf(guard: ReturnType<typeof createGuard>, headers: IncomingHttpHeaders = { host }): string {
  const admission = guard.admit(headers, token);
  if ('why' in admission) throw new Error(admission.why);
  return admission.cookie;
}

describe('the address of a request', () => {
  const guard = createGuard(token);

  it.each(['127.0.0.1:4321', 'localhost:4321', 'localhost', '[::1]:9', '127.0.0.1:65535'])(
    'takes the loopback name %s',
    (name) => expect(guard.refuseAddress({ host: name }, 'page')).toBeNull(),
  );

  it.each([
    undefined,
    '',
    'evil.example:4321',
    'localhost.evil.example',
    '127.0.0.1.nip.io:4321',
    '0.0.0.0:4321',
    '127.0.0.2:4321',
    'localhost:4321@evil.example',
    'evil.example#localhost:4321',
    'localhost:123456',
    '[::1',
    '2130706433:4321',
  ])('refuses the host %s', (name) =>
    expect(guard.refuseAddress({ host: name }, 'page')).toMatchObject({ status: 403 }),
  );

  it('takes a page load without an origin, and a socket only with its own', () => {
    expect(guard.refuseAddress({ host }, 'page')).toBeNull();
    expect(guard.refuseAddress({ host }, 'socket')).toMatchObject({ status: 403 });
    expect(guard.refuseAddress({ host, origin: `http://${host}` }, 'socket')).toBeNull();
  });

  it.each([
    'http://127.0.0.1:4322',
    'http://localhost:4321',
    'https://127.0.0.1:4321',
    'http://evil.example',
    'null',
    'file://',
  ])('refuses the origin %s', (origin) => {
    expect(guard.refuseAddress({ host, origin }, 'socket')).toMatchObject({ status: 403 });
    expect(guard.refuseAddress({ host, origin }, 'page')).toMatchObject({ status: 403 });
  });
});

describe('the cookie', () => {
  it('is handed out for the token alone, and keeps the token to itself', () => {
    const guard = createGuard(token);
    expect(guard.admit({ host }, 'wrong')).toMatchObject({ status: 403 });
    expect(guard.admit({ host }, '')).toMatchObject({ status: 403 });
    expect(guard.admit({ host }, token.slice(0, -1))).toMatchObject({ status: 403 });
    const cookie = cookieOf(guard);
    expect(cookie).toMatch(/^vllm-tray-4321=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(cookie).not.toContain(token);
  });

  it('opens the door among other cookies, and no other value does', () => {
    const guard = createGuard(token);
    const [pair = ''] = cookieOf(guard).split(';');
    const refuse = (cookie: string) => guard.refuseCookie({ host, cookie });
    expect(refuse(`a=1; ${pair}; b=2`)).toBeNull();
    expect(refuse(`${pair}x`)).toMatchObject({ status: 401 });
    expect(refuse(`vllm-tray-4321=${token}`)).toMatchObject({ status: 401 });
    expect(refuse('')).toMatchObject({ status: 401 });
    expect(guard.refuseCookie({ host })).toMatchObject({ status: 401 });
  });

  it('does not survive the process that gave it', () => {
    const [pair = ''] = cookieOf(createGuard(token)).split(';');
    expect(createGuard(token).refuseCookie({ host, cookie: pair })).toMatchObject({ status: 401 });
  });

  it('is named after the port the browser sees, which a tunnel changes', () => {
    const guard = createGuard(token);
    const headers = { host: 'localhost:9000' };
    const [pair = ''] = cookieOf(guard, headers).split(';');
    expect(pair).toMatch(/^vllm-tray-9000=/);
    expect(guard.refuseCookie({ ...headers, cookie: pair })).toBeNull();
  });
});

describe('a ticket', () => {
  it('admits once', () => {
    const guard = createGuard(token);
    const ticket = guard.issueTicket();
    expect(guard.admit({ host }, ticket)).toHaveProperty('cookie');
    expect(guard.admit({ host }, ticket)).toMatchObject({ status: 403 });
    expect(guard.admit({ host }, token)).toHaveProperty('cookie');
  });
});

it('makes tokens of 256 bits', () => {
  expect(Buffer.from(newToken(), 'base64url')).toHaveLength(32);
  expect(newToken()).not.toBe(newToken());
});
