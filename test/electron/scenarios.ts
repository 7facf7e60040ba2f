/**
 * What a person does with the desktop app, on the demo cluster: the same scenarios in the real Electron and on its double.
 * They are one story, each beginning where the one before it ended.
 */

import { connect } from 'node:net';
import { expect, it, vi } from 'vitest';
import type { Reply } from '#common/answer.ts';
import type { CallInput, CallName } from '#common/contract.ts';
import { menu } from '#common/menu.ts';
import type { MenuEntry } from '#common/menu-entry.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { aFreeRule } from '../support/samples.ts';
import { expectModelThrough } from '../support/through.ts';
import type { Probe } from './probe.ts';

export type ProbeAnswer<Name extends keyof Probe> = Awaited<ReturnType<Probe[Name]>>;

/** The running app. */
export interface Desktop {
  probe<Name extends keyof Probe>(name: Name, ...args: Parameters<Probe[Name]>): Promise<ProbeAnswer<Name>>;
  /** Makes a call as the window's page does. */
  request(name: CallName, input: unknown): Promise<Reply>;
  /** The part of the window's address that names the place it shows. */
  place(): Promise<string>;
  /** Starts the app once more; resolves when that start has handed over and ended. */
  startAgain(...args: readonly string[]): Promise<void>;
  /** Resolves when the app has ended. */
  ended(): Promise<void>;
}

const soon = { timeout: 20_000, interval: 100 };

export function describeDesktop(desktop: () => Desktop): void {
  const call = async <Name extends CallName>(name: Name, input: CallInput<Name>): Promise<unknown> => {
    const reply = await desktop().request(name, input);
    expect(reply).toMatchObject({ ok: true });
    return reply.ok ? reply.value : null;
  };
  const snapshot = () => call('snapshot.get', {}) as Promise<Snapshot>;
  const paths = async () => (await desktop().probe('menu')).map(({ path }) => path.join(' > '));
  const click = (...labels: readonly string[]) =>
    vi.waitFor(
      async () => expect(await desktop().probe('click', labels), labels.join(' > ')).toBe(true),
      soon,
    );
  const clipboardHas = (pattern: RegExp) =>
    vi.waitFor(async () => expect(await desktop().probe('clipboard')).toMatch(pattern), soon);
  const shown = (visible: boolean) =>
    vi.waitFor(
      async () => expect((await desktop().probe('windows')).map((one) => one.visible)).toEqual([visible]),
      soon,
    );
  const showsPlace = (hash: string) =>
    vi.waitFor(async () => expect(await desktop().place()).toBe(hash), soon);
  const forwardPort = async () => (await snapshot()).forwards[0]?.localPort ?? 0;

  it('scans, and says in the tray what is free', async () => {
    await call('settings.update', { change: { language: 'en' } });
    await vi.waitFor(
      async () => expect(await desktop().probe('toolTip')).toMatch(/^[1-9]\d* idle of \d+ GPUs · /),
      soon,
    );
    expect((await paths())[0]).toBe('Demo cluster');
    await click('^Idle GPUs', ' idle$', '^Copy ssh command$');
    await clipboardHas(/^ssh -F \S+ \S+$/);
  });

  it('has in the tray the entries that every face would have', async () => {
    await vi.waitFor(async () => {
      expect((await snapshot()).scan.kind).toBe('done');
      const found = await paths();
      // What is measured goes on changing, so the two are of one moment only after a few tries.
      expect(found).toEqual(readEntries(menu(await snapshot(), 'en')));
    }, soon);
  });

  it('forwards a model with one click, and carries requests through it', async () => {
    await click('^Models', ' · ', '^Forward$');
    await vi.waitFor(
      async () => expect((await paths()).join('\n')).toMatch(/^Forwards.* > Listening/m),
      soon,
    );
    await click('^Forwards', 'localhost:', '^Copy http');
    await clipboardHas(/^http:\/\/localhost:\d+\/v1$/);
    const port = Number(new URL(await desktop().probe('clipboard')).port);
    const { servers, forwards } = await snapshot();
    const model = servers.find(({ id }) => id === forwards[0]?.id)?.models[0]?.id ?? '';
    expect((await paths()).join('\n')).toContain(model);
    await expectModelThrough(`http://127.0.0.1:${port}`, model);
  });

  it("opens the server's own pages in the system's browser, by an address of its own", async () => {
    await click('^Forwards', 'localhost:', '^Open the API pages$');
    const url = `http://localhost:${await forwardPort()}/docs`;
    await vi.waitFor(async () => expect(await desktop().probe('opened')).toEqual([url]), soon);
    expect(await desktop().request('app.openDocs', { forwardId: 'https://example.invalid/' })).toMatchObject({
      ok: false,
      error: { code: 'not-found' },
    });
    expect(await desktop().probe('opened')).toEqual([url]);
  });

  it('stops a forward from the tray, and frees its port', async () => {
    const port = await forwardPort();
    await click('^Forwards', 'localhost:', '^Stop$');
    await vi.waitFor(async () => expect(await paths()).toContain('No forward'), soon);
    await refuses(port);
  });

  it('follows the settings while it runs', async () => {
    await call('settings.update', { change: { theme: 'dark', language: 'ru' } });
    await vi.waitFor(async () => {
      expect(await desktop().probe('theme')).toBe('dark');
      expect(await desktop().probe('menuBar')).toContain('Правка');
      expect((await paths()).at(-1)).toBe('Выход');
      expect(await desktop().probe('toolTip')).toMatch(/^Свободно /);
    }, soon);
    await call('settings.update', { change: { theme: 'system', language: 'en' } });
    await vi.waitFor(async () => {
      expect(await desktop().probe('theme')).toBe('system');
      expect((await paths()).at(-1)).toBe('Quit');
    }, soon);
    await click('^Auto-forward$');
    await vi.waitFor(async () => expect((await snapshot()).settings.autoForward.enabled).toBe(true), soon);
    await call('settings.update', { change: { autoForward: defaultSettings.autoForward } });
  });

  it('leads from the tray to a place in the window', async () => {
    await click('^Settings$');
    await showsPlace('#settings');
  });

  it('tells a notice once, and a click on it opens the row', async () => {
    const rule = { ...aFreeRule, once: true };
    const { notifications } = defaultSettings;
    await call('settings.update', { change: { notifications: { ...notifications, rules: [rule] } } });
    const free = async () =>
      (await desktop().probe('notifications')).filter(({ title }) => / GPUs? free on /.test(title));
    await vi.waitFor(async () => expect(await free()).toHaveLength(1), soon);
    const notice = (await snapshot()).notices.find(({ kind }) => kind === 'gpus-free');
    const hostId = notice?.kind === 'gpus-free' ? (notice.hosts[0]?.hostId ?? '') : '';
    const all = await desktop().probe('notifications');
    await desktop().probe(
      'clickNotification',
      all.findIndex(({ title }) => / GPUs? free on /.test(title)),
    );
    await showsPlace(`#gpus/${encodeURIComponent(hostId)}`);
    expect(await free()).toHaveLength(1);
  });

  it('stays in the tray when its window is closed, and explains it once', async () => {
    await desktop().probe('closeWindow');
    await shown(false);
    const hints = async () =>
      (await desktop().probe('notifications')).filter(({ title }) =>
        title.includes('is still running in the tray'),
      );
    expect(await hints()).toHaveLength(1);
    await click('^Open window$');
    await shown(true);
    await desktop().probe('closeWindow');
    await shown(false);
    expect(await hints()).toHaveLength(1);
  });

  it('comes back with what a second start asks for', async () => {
    await desktop().startAgain('--hidden');
    await shown(false);
    await desktop().startAgain('--show=models');
    await shown(true);
    await showsPlace('#models');
  });

  it('asks before it quits with an open forward, and leaves nothing open then', async () => {
    await click('^Models', ' · ', '^Forward$');
    await vi.waitFor(async () => expect(await accepts(await forwardPort())).toBe(true), soon);
    const port = await forwardPort();
    await desktop().probe('answer', 1);
    await desktop().probe('quit');
    const asked = (n: number) =>
      vi.waitFor(
        async () =>
          expect(await desktop().probe('questions')).toEqual(Array(n).fill('Quit and close 1 forward?')),
        soon,
      );
    await asked(1);
    expect(await accepts(port)).toBe(true);
    await desktop().probe('answer', 0);
    await click('^Quit$');
    await desktop().ended();
    await refuses(port);
  });
}

/** Another program may take the port at once, for a while; what is left open stays. */
const refuses = (port: number) => vi.waitFor(async () => expect(await accepts(port)).toBe(false), soon);

/** What a person reads in the menu, by the entries alone. */
function readEntries(entries: readonly MenuEntry[], above: readonly string[] = []): readonly string[] {
  return entries.flatMap((entry) => {
    if (entry.kind === 'separator') return [];
    const path = [...above, entry.label.replaceAll('&', '&&')];
    return entry.kind === 'submenu' ? readEntries(entry.entries, path) : [path.join(' > ')];
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
