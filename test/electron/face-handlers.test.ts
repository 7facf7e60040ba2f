import { beforeEach, expect, it, vi } from 'vitest';
import { answer } from '#common/answer.ts';
import { AppError } from '#common/failure.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { createFaceHandlers, withAutostart } from '../../main/electron/face-handlers.ts';
import { createSample, sampleForward, sampleSnapshot } from '../support/contract/sample.ts';
import { aHost, aServer } from '../support/samples.ts';
import { app, clipboard, resetDouble, shell } from './double.ts';

beforeEach(resetDouble);

const server = { ...aServer, id: 'a:8000', hostId: 'a', port: 8000 };
const open: Snapshot = { ...sampleSnapshot, servers: [server], forwards: [sampleForward] };

function ask(snapshot: Snapshot, forwardId: string) {
  const face = createFaceHandlers({
    app,
    clipboard,
    shell,
    snapshot: () => snapshot,
    showWindow: () => undefined,
    openTerminal: async () => undefined,
  });
  return answer({ ...createSample().handlers, ...face }, 'app.openDocs', { forwardId });
}

it("opens a server's own pages by the address that the engine knows", async () => {
  expect(await ask(open, 'a:8000')).toEqual({ ok: true, value: null });
  expect(shell.opened).toEqual(['http://localhost:16100/docs']);
});

it.each([
  ['a forward that is not there', open, 'https://example.org/'],
  ['one that has no port yet', { ...open, forwards: [{ ...sampleForward, localPort: null }] }, 'a:8000'],
  ['a server without such pages', { ...open, servers: [{ ...server, engine: 'ollama' } as const] }, 'a:8000'],
  ['a server that is unknown', { ...open, servers: [] }, 'a:8000'],
])('opens nothing for %s', async (_what, snapshot, forwardId) => {
  expect(await ask(snapshot, forwardId)).toMatchObject({ ok: false, error: { code: 'not-found' } });
  expect(shell.opened).toEqual([]);
});

it('starts a terminal with the ssh command of a host that is listed, and of no other', async () => {
  const started: (readonly string[])[] = [];
  const source = { kind: 'ssh-config', path: '/c', configFile: '/my config' } as const;
  const face = createFaceHandlers({
    app,
    clipboard,
    shell,
    snapshot: () => ({ ...sampleSnapshot, source, hosts: [aHost] }),
    showWindow: () => undefined,
    openTerminal: async (argv) => void started.push(argv),
  });
  const handlers = { ...createSample().handlers, ...face };
  expect(await answer(handlers, 'app.openTerminal', { hostId: aHost.id })).toMatchObject({ ok: true });
  expect(started).toEqual([['ssh', '-F', '/my config', aHost.alias]]);
  expect(await answer(handlers, 'app.openTerminal', { hostId: 'x; rm -rf ~' })).toMatchObject({
    ok: false,
    error: { code: 'not-found' },
  });
  expect(started).toHaveLength(1);
});

it('starts anew with the demo cluster', () => {
  const relaunch = vi.spyOn(app, 'relaunch');
  const quit = vi.spyOn(app, 'quit');
  const face = createFaceHandlers({
    app,
    clipboard,
    shell,
    snapshot: () => open,
    showWindow: () => undefined,
    openTerminal: async () => undefined,
  });
  expect(face['app.openDemo']({})).toBeNull();
  expect(relaunch.mock.calls[0]?.[0]?.args?.at(-1)).toBe('--demo');
  expect(quit).toHaveBeenCalledOnce();
});

it('says what the system says when nothing can be opened', async () => {
  vi.spyOn(shell, 'openExternal').mockRejectedValueOnce(new Error('no browser'));
  expect(await ask(open, 'a:8000')).toEqual({ ok: false, error: { code: 'internal', detail: 'no browser' } });
});

it('changes the system before the setting, and the setting only when that went well', async () => {
  const sample = createSample();
  const set = vi.fn(async (_on: boolean) => undefined);
  const handlers = { ...sample.handlers, ...withAutostart(sample.handlers, { set }) };
  await answer(handlers, 'settings.update', { change: { theme: 'dark' } });
  expect(set).not.toHaveBeenCalled();
  await answer(handlers, 'settings.update', { change: { startAtLogin: true } });
  await answer(handlers, 'settings.reset', {});
  expect(set.mock.calls).toEqual([[true], [defaultSettings.startAtLogin]]);
  set.mockRejectedValueOnce(new AppError('autostart-failed', { detail: 'read-only' }));
  expect(await answer(handlers, 'settings.update', { change: { startAtLogin: true } })).toEqual({
    ok: false,
    error: { code: 'autostart-failed', detail: 'read-only' },
  });
  expect(sample.calls.filter(({ name }) => name === 'settings.update')).toHaveLength(2);
});
