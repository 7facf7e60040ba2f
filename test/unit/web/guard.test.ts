import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { newToken } from '#engine/loopback/tokens.ts';
import { createGuard, type Guard } from '../../../main/web/guard.ts';

const token = newToken();
const host = '127.0.0.1:4321';

function keyOf(guard: Guard): string {
  const admission = guard.admit(token);
  if ('why' in admission) throw new Error(admission.why);
  return admission.key;
}

const offering = (protocols: string): IncomingHttpHeaders => ({
  host,
  'sec-websocket-protocol': protocols,
});

describe('the address of a request', () => {
  const guard = createGuard({ token });

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

describe('the key', () => {
  it('is handed out for the token alone, and is another secret', () => {
    const guard = createGuard({ token });
    expect(guard.admit('wrong')).toMatchObject({ status: 403 });
    expect(guard.admit('')).toMatchObject({ status: 403 });
    expect(guard.admit(token.slice(0, -1))).toMatchObject({ status: 403 });
    expect(keyOf(guard)).toMatch(/^[\w-]{43}$/);
    expect(keyOf(guard)).not.toBe(token);
  });

  it('opens the door beside the name of the protocol, and nothing else does', () => {
    const guard = createGuard({ token });
    const key = keyOf(guard);
    expect(guard.refuseKey(offering(`vllm-tray, ${key}`))).toBeNull();
    expect(guard.refuseKey(offering(key))).toBeNull();
    for (const wrong of ['', 'vllm-tray', `${key}x`, token, `vllm-tray, ${token}`, `a,b,c,d,${key}`])
      expect(guard.refuseKey(offering(wrong)), wrong).toMatchObject({ status: 401 });
    expect(guard.refuseKey({ host })).toMatchObject({ status: 401 });
    expect(guard.refuseKey({ host, cookie: `vllm-tray-4321=${key}` })).toMatchObject({ status: 401 });
  });

  it('does not outlive the process that gave it', () => {
    const key = keyOf(createGuard({ token }));
    expect(createGuard({ token }).refuseKey(offering(key))).toMatchObject({ status: 401 });
  });
});

describe('the key of a token that is kept', () => {
  const kept = () => createGuard({ token, keepKey: true });

  it('is the same at the next start, is not the token, and another one for another token', () => {
    const key = keyOf(kept());
    expect(kept().refuseKey(offering(key))).toBeNull();
    expect(key).not.toBe(token);
    expect(createGuard({ token: newToken(), keepKey: true }).refuseKey(offering(key))).toMatchObject({
      status: 401,
    });
  });

  it('is proved to a page by what only its holder can compute, and for the address that the page sees', () => {
    const key = keyOf(kept());
    const challenge = 'c'.repeat(32);
    const expected = createHmac('sha256', key).update(`proof for ${host}: ${challenge}`).digest('base64url');
    expect(kept().prove(challenge, { host })).toBe(expected);
    expect(kept().prove(challenge, { host: 'localhost:1' })).not.toBe(expected);
    expect(createGuard({ token }).prove(challenge, { host })).not.toBe(expected);
    for (const none of ['', 'short', 'c'.repeat(65), `${'c'.repeat(20)}\n`])
      expect(kept().prove(none, { host })).toBeNull();
  });
});

describe('a ticket', () => {
  afterEach(() => void vi.useRealTimers());

  it('admits once, and a second use is reported', async () => {
    const onTicketReused = vi.fn();
    const guard = createGuard({ token, onTicketReused });
    const ticket = guard.issueTicket();
    expect(guard.admit(ticket.token)).toHaveProperty('key');
    await ticket.ended;
    expect(onTicketReused).not.toHaveBeenCalled();
    expect(guard.admit(ticket.token)).toMatchObject({ status: 403 });
    expect(onTicketReused).toHaveBeenCalledOnce();
    guard.admit('wrong');
    expect(onTicketReused).toHaveBeenCalledOnce();
    expect(guard.admit(token)).toHaveProperty('key');
  });

  it('is good for half a minute, and nothing is reported of one that comes too late', async () => {
    vi.useFakeTimers();
    const onTicketReused = vi.fn();
    const guard = createGuard({ token, onTicketReused });
    const early = guard.issueTicket();
    const late = guard.issueTicket();
    vi.advanceTimersByTime(29_999);
    expect(guard.admit(early.token)).toHaveProperty('key');
    vi.advanceTimersByTime(1);
    await late.ended;
    expect(guard.admit(late.token)).toMatchObject({ status: 403 });
    expect(onTicketReused).not.toHaveBeenCalled();
  });
});

it('makes tokens of 256 bits', () => {
  expect(Buffer.from(newToken(), 'base64url')).toHaveLength(32);
  expect(newToken()).not.toBe(newToken());
});
