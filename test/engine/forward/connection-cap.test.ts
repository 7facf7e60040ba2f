import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ConnectionCap, createConnectionCap, openFilesLimit } from '#engine/forward/connection-cap.ts';

describe('the bound on connections', () => {
  const known = new Set<Socket>();
  const onCut = vi.fn();
  const accepted: Socket[] = [];
  const clients: Socket[] = [];
  let cap: ConnectionCap;
  let server: ReturnType<typeof createServer>;

  beforeEach(async () => {
    known.clear();
    onCut.mockClear();
    accepted.length = 0;
    clients.length = 0;
    cap = createConnectionCap({ most: 3, isKnown: (socket) => known.has(socket), onCut });
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    for (const socket of [...clients, ...accepted]) socket.destroy();
    server.close();
    await once(server, 'close');
  });

  async function arrive(): Promise<{ socket: Socket; stays: boolean }> {
    const arrived = once(server, 'connection');
    const client = connect((server.address() as { port: number }).port, '127.0.0.1');
    clients.push(client.on('error', () => undefined));
    const [socket] = (await arrived) as [Socket];
    accepted.push(socket);
    return { socket, stays: cap.admit(socket) };
  }

  it('cuts the one that has waited longest without being known, and says so once', async () => {
    const first = await arrive();
    const second = await arrive();
    const third = await arrive();
    known.add(first.socket);
    expect([first, second, third].every(({ stays }) => stays)).toBe(true);
    expect(onCut).not.toHaveBeenCalled();
    expect((await arrive()).stays).toBe(true);
    expect([first, second, third].map(({ socket }) => socket.destroyed)).toEqual([false, true, false]);
    await arrive();
    expect(third.socket.destroyed).toBe(true);
    expect(onCut).toHaveBeenCalledOnce();
  });

  it('cuts the newcomer when all others are known', async () => {
    for (let count = 0; count < 3; count += 1) known.add((await arrive()).socket);
    const late = await arrive();
    expect(late.stays).toBe(false);
    expect(late.socket.destroyed).toBe(true);
    expect([...known].some(({ destroyed }) => destroyed)).toBe(false);
  });

  it('has room again when one closes', async () => {
    for (let count = 0; count < 3; count += 1) known.add((await arrive()).socket);
    const [gone] = [...known];
    gone?.destroy();
    if (gone !== undefined && !gone.closed) await once(gone, 'close');
    expect((await arrive()).stays).toBe(true);
  });
});

it('knows how many files this process may have open', () => {
  expect(openFilesLimit()).toBeGreaterThan(0);
});
