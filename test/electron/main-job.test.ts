/** The whole main job from the tray alone, with the real engine over the real SSH servers of the demo cluster. */

import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openEngine } from '../../main/electron/open-engine.ts';
import { app, clipboard, type Menu, resetDouble } from './double.ts';
import { clickMenu, readMenu } from './double-menu.ts';
import { aStore, createRoot, demoOptions, startFace, theTray } from './face.ts';

vi.mock('electron', () => import('./double.ts'));

const soon = { timeout: 20_000, interval: 50 };

let folder: Awaited<ReturnType<typeof createRoot>>;

beforeAll(async () => {
  resetDouble();
  folder = await createRoot();
  await startFace({
    root: folder.root,
    hidden: true,
    openEngine: () => openEngine(demoOptions, aStore, { log: () => undefined, secrets: null }),
  });
});
afterAll(async () => {
  if (app.ended === null) app.quit();
  await vi.waitFor(() => expect(app.ended).toBe(0), soon);
  await folder.remove();
});

const latestMenu = () => theTray().menus.at(-1) as Menu;
const paths = () => readMenu(latestMenu()).map(({ path }) => path);

it('scans, and shows idle GPUs and models in the menu', async () => {
  await vi.waitFor(() => expect(theTray().toolTip).toMatch(/^[1-9]\d* idle of \d+ GPUs · /), soon);
  expect(paths()[0]).toBe('Demo cluster');
  expect(theTray().image).toMatch(/idle\.png$/);
  clickMenu(latestMenu(), /^Idle GPUs/, / idle$/, 'Copy ssh command');
  await vi.waitFor(() => expect(clipboard.text).toMatch(/^ssh -F \S+ \S+$/), soon);
});

it('forwards a model with one click, carries requests through it, and frees the port again', async () => {
  await vi.waitFor(() => clickMenu(latestMenu(), /^Models/, / · /, 'Forward'), soon);
  await vi.waitFor(() => expect(paths().join('\n')).toMatch(/^Forwards.* > Listening/m), soon);
  clickMenu(latestMenu(), /^Forwards/, /localhost:/, /^Copy http/);
  await vi.waitFor(() => expect(clipboard.text).toMatch(/^http:\/\/localhost:\d+\/v1$/), soon);
  const port = Number(new URL(clipboard.text).port);

  const listed = await fetch(`http://127.0.0.1:${port}/v1/models`);
  const { data } = (await listed.json()) as { readonly data: readonly { readonly id: string }[] };
  const [model] = data;
  expect(paths().join('\n')).toContain(model?.id);

  const completion = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: model?.id, stream: true, messages: [{ role: 'user', content: 'hello' }] }),
  });
  const events = (await completion.text()).split('\n').filter((line) => line.startsWith('data: '));
  expect(events.length).toBeGreaterThan(2);
  expect(events.at(-1)).toBe('data: [DONE]');

  await vi.waitFor(() => clickMenu(latestMenu(), /^Forwards/, /localhost:/, 'Stop'), soon);
  await vi.waitFor(() => expect(paths()).toContain('No forward'), soon);
  await expect(opens(port)).resolves.toBe(false);
});

it('quits from the menu and leaves nothing open', async () => {
  clickMenu(latestMenu(), 'Quit');
  await vi.waitFor(() => expect(app.ended).toBe(0), soon);
});

function opens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
