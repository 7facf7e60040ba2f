/** The browser face with its engine over the demo cluster, in process and as `npm start -- --web` runs it. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Bridge, createBridge } from '#common/bridge.ts';
import { applyPatch } from '#common/patch.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { demoHosts } from '../../../main/demo/catalogue.ts';
import { type BrowserFace, startBrowserFace } from '../../../main/web/face.ts';
import {
  createWebSocketTransport,
  type Socket,
  type WebSocketTransport,
} from '../../../renderer/transport/web-socket.ts';
import { entrance } from '../../support/contract/transports.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'vllm-tray-face-'));
  await writeFile(path.join(home, 'index.html'), '<!doctype html>');
});
afterAll(() => rm(home, { recursive: true }));

describe('the browser face over the demo cluster', () => {
  const onQuit = vi.fn();
  const serving = demoHosts.find(
    ({ behaviour, services }) => behaviour.kind === 'normal' && services.length > 0,
  );
  let face: BrowserFace;
  let transport: WebSocketTransport;
  let bridge: Bridge;

  beforeAll(async () => {
    // No host is configured in the empty home, so the demo starts by itself.
    face = await startBrowserFace(
      { port: 0 },
      {
        settings: defaultSettings,
        home,
        env: process.env,
        rendererDir: home,
        log: () => undefined,
        onQuit,
      },
    );
    const open = await entrance(face.ticket().url);
    // The socket of `ws` is a browser's in all that the client uses.
    const createSocket = () => open() as unknown as Socket;
    transport = createWebSocketTransport({ url: face.url, key: () => null, createSocket });
    bridge = createBridge(transport);
  });
  afterAll(async () => {
    transport?.close();
    await face?.stop();
  });

  it('is labelled as the demo and scans at once, each patch following the one before', async () => {
    expect(face.source.kind).toBe('demo');
    let snapshot: Snapshot | null = null;
    const gaps: number[] = [];
    const off = bridge.on('patch', (patch) => {
      // What comes before the whole Snapshot is in it.
      if (snapshot === null) return;
      const next = applyPatch(snapshot, patch);
      if (next === 'gap') gaps.push(patch.revision);
      else snapshot = next;
    });
    snapshot = await bridge.call('snapshot.get', {});
    const current = (): Snapshot | null => snapshot;
    expect(snapshot.hosts.map(({ alias }) => alias)).toEqual(demoHosts.map(({ alias }) => alias));
    const hosts = demoHosts.length;
    await vi.waitFor(
      () => expect(current()?.scan).toMatchObject({ kind: 'done', done: hosts, total: hosts }),
      { timeout: 25_000 },
    );
    off();
    expect(gaps).toEqual([]);
    expect(current()?.servers.length).toBeGreaterThan(0);
  });

  it('opens a forward from the page and closes it', async () => {
    const [service] = serving?.services ?? [];
    const forward = await bridge.call('forward.open', {
      hostId: serving?.alias ?? '',
      remotePort: service?.port ?? 0,
    });
    expect(forward.state.kind).toBe('listening');
    const url = `http://127.0.0.1:${forward.localPort}/v1/models`;
    expect((await fetch(url, { headers: { connection: 'close' } })).status).toBe(200);
    await bridge.call('forward.close', { forwardId: forward.id });
    await expect(fetch(url)).rejects.toThrow();
  });

  it('answers for the app what a page cannot do, and quits when told', async () => {
    await expect(bridge.call('app.copyText', { text: 'x' })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(bridge.call('app.openDocs', { forwardId: 'a:8000' })).rejects.toMatchObject({
      code: 'unsupported',
    });
    expect(await bridge.call('app.showWindow', {})).toBeNull();
    expect(onQuit).not.toHaveBeenCalled();
    expect(await bridge.call('app.quit', {})).toBeNull();
    await vi.waitFor(() => expect(onQuit).toHaveBeenCalledOnce());
  });
});

describe('npm start -- --web', () => {
  const children: ChildProcessWithoutNullStreams[] = [];
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  function start(...args: readonly string[]) {
    const script = path.resolve(import.meta.dirname, '../../../build/start.mjs');
    const child = spawn(process.execPath, [script, '--web', '--no-open', ...args], {
      cwd: home,
      env: { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: path.join(home, 'settings') },
    });
    children.push(child);
    const text = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text.out += more;
    });
    child.stderr.setEncoding('utf8').on('data', (more: string) => {
      text.err += more;
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    return { child, text, ended };
  }

  it('prints the address of the window, serves it, and ends clean on SIGTERM', async () => {
    const { child, text, ended } = start();
    await vi.waitFor(() => expect(text.out).toMatch(/^Open http:/m), { timeout: 25_000 });
    expect(text.out).toMatch(/^Demo cluster \(there is no host in ~\/\.ssh\/config\): .+$/m);
    const url = /^Open (\S+)$/m.exec(text.out)?.[1] ?? '';
    const socket = (await entrance(url))();
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const goodbye = new Promise((resolve) => socket.once('close', resolve));
    child.kill('SIGTERM');
    expect(await goodbye).toBe(1001);
    expect(await ended).toBe(0);
    expect(text.err).toBe('');
  });

  it('stops when the page quits it', async () => {
    const { text, ended } = start('--demo');
    await vi.waitFor(() => expect(text.out).toMatch(/^Open http:/m), { timeout: 25_000 });
    const socket = (await entrance(/^Open (\S+)$/m.exec(text.out)?.[1] ?? ''))();
    const replied = new Promise<string>((resolve) => {
      socket.on('message', (data) => {
        if (data.toString().includes('"id":1')) resolve(data.toString());
      });
    });
    socket.on('open', () => socket.send('{"id":1,"name":"app.quit"}'));
    expect(JSON.parse(await replied)).toEqual({ id: 1, reply: { ok: true, value: null } });
    expect(await ended).toBe(0);
  });

  it('says what it does not understand', async () => {
    const wrong = start('--nonsense');
    expect(await wrong.ended).toBe(2);
    expect(wrong.text.err).toContain('--nonsense');
    const help = start('--help');
    expect(await help.ended).toBe(0);
    expect(help.text.out).toContain('--ssh-config FILE');
  });
});
