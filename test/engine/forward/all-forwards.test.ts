import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { Forward } from '#common/forwards.ts';
import { emptySnapshot } from '#common/reduce.ts';
import { defaultSettings } from '#common/settings.ts';
import { createForwards } from '#engine/forward/forwards.ts';
import { closeListener, listenOn } from '#engine/forward/local-port.ts';
import { createForwardMemory } from '#engine/forward/memory.ts';
import { createRetries } from '#engine/scan/retries.ts';
import type { Connection, Pool } from '#engine/ssh/pool.ts';
import type { Transport } from '#engine/ssh/transport.ts';
import { createStore } from '#engine/store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { aHost, aServer } from '../../support/samples.ts';
import { localTransport } from '../../support/socket-transport.ts';
import { expectFree } from '../../support/through.ts';
import { serve } from './forwarding.ts';

const localPorts = { from: 17_420, to: 17_429 };

/** The app on hosts that are all this computer. */
function startApp({
  folder = null as string | null,
  reach = async (_hostId: string): Promise<Transport> => localTransport(),
  aliases = ['a', 'b'] as readonly string[],
} = {}) {
  const settings = { ...defaultSettings, localPorts };
  const store = createStore(emptySnapshot({ kind: 'ssh-config', path: '' }, settings));
  const hosts = aliases.map((id) => ({ ...aHost, id, alias: id }));
  store.apply({ kind: 'hosts-listed', hosts, excludedAliases: [], problems: [] });
  store.snapshot();
  // Of the pool, forwards use these alone.
  const pool: Pick<Pool, 'get' | 'doubt'> = {
    doubt: () => undefined,
    get: async (alias) => {
      const transport = await reach(alias);
      return { transport } as Connection;
    },
  };
  const retries = createRetries({ companions: () => [] });
  const memory = createForwardMemory(folder, (detail) => {
    throw new Error(detail);
  });
  const forwards = createForwards({
    pool: pool as Pool,
    retries,
    store,
    memory,
    log: () => undefined,
  });
  onTestFinished(() => forwards.dispose());
  const shown = () => store.current().forwards;
  return {
    store,
    pool,
    retries,
    memory,
    forwards,
    shown,
    until: (id: string, state: Forward['state']['kind']) =>
      vi.waitFor(() => expect(shown().find((forward) => forward.id === id)?.state.kind).toBe(state)),
  };
}

/** The path of a folder to remember forwards in, gone after the test. */
async function folderForMemory(): Promise<string> {
  const { path, remove } = await temporaryFolder();
  onTestFinished(remove);
  return path;
}

const readFrom = (port: number | null) => text(connect({ port: port ?? 0, host: '127.0.0.1' }));
const away = async (): Promise<Transport> => {
  throw new AppError('connection-refused');
};

describe('all forwards', () => {
  it('are one for a target, however many ask for it', async () => {
    const port = await serve((socket) => socket.end('hello'));
    const { forwards, shown } = startApp();
    const request = { hostId: 'a', remotePort: port };
    const opened = await Promise.all([
      forwards.open(request),
      forwards.open(request),
      forwards.open(request),
    ]);
    expect(new Set(opened.map(({ localPort }) => localPort)).size).toBe(1);
    expect((await forwards.open({ ...request, localPort: 17_429 })).localPort).toBe(17_420);
    expect((await forwards.open({ ...request, hostId: 'b' })).localPort).toBe(17_421);
    expect(shown()).toHaveLength(2);
    await forwards.closeAll();
    expect(shown()).toEqual([]);
  });

  it('that cannot be opened are errors for all who ask, and leave nothing behind', async () => {
    const { forwards, shown } = startApp({ reach: away });
    const both = await Promise.allSettled([1, 1].map(() => forwards.open({ hostId: 'a', remotePort: 1 })));
    expect(both).toMatchObject([1, 1].map(() => ({ reason: { code: 'connection-refused' } })));
    await expect(forwards.open({ hostId: 'nowhere', remotePort: 1 })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(forwards.retry('a:1')).rejects.toMatchObject({ code: 'not-found' });
    await expect(forwards.pin('a:1', true)).rejects.toMatchObject({ code: 'not-found' });
    expect(shown()).toEqual([]);
    await expectFree(localPorts.from);
  });

  it('that had failed come back when their host does', async () => {
    const port = await serve((socket) => socket.end('hello'));
    let transport = localTransport();
    let locked = false;
    const { forwards, retries, pool, until } = startApp({
      reach: async () => {
        if (locked) throw new AppError('auth-failed');
        return transport;
      },
    });
    const { id } = await forwards.open({ hostId: 'a', remotePort: port });
    locked = true;
    transport.lose();
    await until(id, 'failed');
    transport = localTransport();
    locked = false;
    // Somebody else has connected to it.
    await retries.of('a').attempt(() => pool.get('a'));
    await until(id, 'listening');
  });

  it('that are away are tried at once on a new network, but for those that must wait or need a person', async () => {
    const port = await serve((socket) => socket.end('hello'));
    const open = new Map<string, ReturnType<typeof localTransport>>();
    const codes = { a: 'connection-refused', b: 'throttled', c: 'auth-failed' } as const;
    let reachable = true;
    const reach = async (hostId: string): Promise<Transport> => {
      if (!reachable) throw new AppError(codes[hostId as keyof typeof codes]);
      const transport = localTransport();
      open.set(hostId, transport);
      return transport;
    };
    const { forwards, retries, until, shown } = startApp({ reach, aliases: Object.keys(codes) });
    for (const hostId of Object.keys(codes)) await forwards.open({ hostId, remotePort: port });
    reachable = false;
    // The longest pause that there may be: nothing comes by itself while this test runs.
    vi.spyOn(Math, 'random').mockReturnValue(0.999);
    onTestFinished(() => void vi.restoreAllMocks());
    for (const transport of open.values()) transport.lose();
    await until(`c:${port}`, 'failed');
    await vi.waitFor(() =>
      expect(shown().map(({ state }) => 'failure' in state && state.failure.code)).toEqual(
        Object.values(codes),
      ),
    );
    reachable = true;
    retries.hurryAll('network');
    await until(`a:${port}`, 'listening');
    expect(shown().map(({ state }) => state.kind)).toEqual(['listening', 'retrying', 'failed']);
  });

  it('of a person are there after a restart, on their ports, before their hosts are', async () => {
    const port = await serve((socket) => socket.end('hello'));
    const folder = await folderForMemory();
    const first = startApp({ folder });
    await first.forwards.restore('user');
    await first.forwards.open({ hostId: 'a', remotePort: port });
    await first.forwards.open({ hostId: 'b', remotePort: port });
    await first.forwards.close(`a:${port}`);
    await first.forwards.dispose();
    let reach = away;
    const second = startApp({ folder, reach: () => reach() });
    await second.forwards.restore('user');
    // A lower port is free by now; the one that is closed stays closed.
    expect(second.shown()).toMatchObject([{ id: `b:${port}`, localPort: 17_421 }]);
    await second.until(`b:${port}`, 'retrying');
    const client = readFrom(17_421);
    reach = async () => localTransport();
    await second.forwards.retry(`b:${port}`);
    expect(await client).toBe('hello');
    await second.forwards.closeAll();
    await second.forwards.dispose();
    const third = startApp({ folder });
    await third.forwards.restore('user');
    expect(third.shown()).toEqual([]);
  });

  it('of the rules are restored where their model answers', async () => {
    const port = await serve((socket) => socket.end('hello'));
    const folder = await folderForMemory();
    const first = startApp({ folder });
    await first.forwards.restore('user');
    for (const hostId of ['a', 'b']) await first.forwards.open({ hostId, remotePort: port, origin: 'auto' });
    await first.forwards.dispose();
    const second = startApp({ folder });
    await second.forwards.restore('user');
    expect(second.shown()).toEqual([]);
    const server = { ...aServer, id: `b:${port}`, hostId: 'b', port };
    second.store.apply({ kind: 'servers-found', hostId: 'b', servers: [server] });
    await second.forwards.restore('auto');
    expect(second.shown()).toMatchObject([{ id: `b:${port}`, origin: 'auto', localPort: 17_421 }]);
    expect(second.memory.find(`a:${port}`)).toMatchObject({ open: null });
    // What a person asks for is theirs from then on.
    await second.forwards.open({ hostId: 'b', remotePort: port });
    expect(second.shown()).toMatchObject([{ origin: 'user' }]);
    expect(second.memory.find(`b:${port}`)).toMatchObject({ open: 'user' });
  });

  it('keep the name of their target over a close and a restart, and lose it on demand', async () => {
    const port = await serve((socket) => socket.end('hello'));
    const folder = await folderForMemory();
    const first = startApp({ folder });
    const { id } = await first.forwards.open({ hostId: 'a', remotePort: port });
    expect(first.shown()).toMatchObject([{ label: null }]);
    await first.forwards.label(id, 'evaluation');
    expect(first.shown()).toMatchObject([{ label: 'evaluation' }]);
    await first.forwards.close(id);
    await first.forwards.dispose();
    const second = startApp({ folder });
    await second.forwards.open({ hostId: 'a', remotePort: port });
    expect(second.shown()).toMatchObject([{ label: 'evaluation' }]);
    await second.forwards.label(id, null);
    expect(second.shown()).toMatchObject([{ label: null }]);
    expect(second.memory.find(id)).toMatchObject({ label: null });
    await expect(second.forwards.label('a:1', 'x')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('of the rules are closed together, and what a person has opened stays', async () => {
    const ports = [
      await serve((socket) => socket.end('1')),
      await serve((socket) => socket.end('2')),
    ] as const;
    const { forwards, shown } = startApp();
    await forwards.open({ hostId: 'a', remotePort: ports[0] });
    await forwards.open({ hostId: 'b', remotePort: ports[1], origin: 'auto' });
    await forwards.closeAll('auto');
    expect(shown()).toMatchObject([{ hostId: 'a', origin: 'user' }]);
  });

  it('whose kept port is taken at the start say so, and come when it is free', async () => {
    const port = await serve((socket) => socket.end('hello'));
    const folder = await folderForMemory();
    const first = startApp({ folder });
    await first.forwards.restore('user');
    const { id } = await first.forwards.open({ hostId: 'a', remotePort: port });
    await first.forwards.pin(id, true);
    expect(first.shown()).toMatchObject([{ pinned: true }]);
    await first.forwards.dispose();
    const other = await listenOn(localPorts.from);
    const { forwards, shown, until } = startApp({ folder });
    await forwards.restore('user');
    const taken = { code: 'port-in-use', detail: expect.stringMatching(/^17420 is .*; 17421 is free$/) };
    expect(shown()).toMatchObject([
      { id, localPort: null, pinned: true, state: { kind: 'failed', failure: taken } },
    ]);
    await expect(forwards.open({ hostId: 'a', remotePort: port })).rejects.toMatchObject(taken);
    expect(shown()).toHaveLength(1);
    await closeListener(other);
    await forwards.retry(id);
    await until(id, 'listening');
    expect(await readFrom(17_420)).toBe('hello');
  });

  it('of another copy of the app are left to it', async () => {
    const port = await serve((socket) => socket.end('hello'));
    const folder = await folderForMemory();
    const first = startApp({ folder });
    await first.forwards.restore('user');
    const { id } = await first.forwards.open({ hostId: 'a', remotePort: port });
    const pid = vi.spyOn(process, 'pid', 'get').mockReturnValue(process.ppid);
    onTestFinished(() => pid.mockRestore());
    const second = startApp({ folder });
    await second.forwards.restore('user');
    expect(second.shown()).toEqual([]);
    expect(await second.forwards.open({ hostId: 'a', remotePort: port })).toMatchObject({
      localPort: 17_421,
    });
    await second.forwards.closeAll();
    expect(second.memory.find(id)).toMatchObject({ localPort: 17_420, open: 'user' });
    expect(await readFrom(17_420)).toBe('hello');
  });
});
