import { act, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Notice } from '#common/notices.ts';
import { defaultSettings } from '#common/settings.ts';
import { host, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, type OpenOptions, openWindow } from '../window.tsx';

/** What the page had the browser show: the browser's own part of it, which happy-dom lacks. */
class PageNotification {
  static permission: NotificationPermission = 'granted';
  static shown: PageNotification[] = [];
  onclick: (() => void) | null = null;
  readonly close = vi.fn();
  readonly title: string;
  readonly options: NotificationOptions;
  constructor(title: string, options: NotificationOptions) {
    this.title = title;
    this.options = options;
    PageNotification.shown.push(this);
  }
}

beforeEach(() => {
  PageNotification.permission = 'granted';
  PageNotification.shown = [];
  vi.stubGlobal('Notification', PageNotification);
});
afterEach(() => {
  closeWindow();
  vi.unstubAllGlobals();
});

const lost = (id: string, hostId: string): Notice => ({ id, at: 1000, kind: 'host-lost', hostIds: [hostId] });
const freed: Notice = {
  id: '2',
  at: 2000,
  kind: 'gpus-free',
  ruleId: 'r',
  counted: 'one-host',
  hosts: [{ hostId: 'gpu01', gpus: 2 }],
};

async function open(options: OpenOptions & { readonly enabled?: boolean } = {}) {
  const { enabled = true, ...rest } = options;
  const settings = { ...defaultSettings, notifications: { ...defaultSettings.notifications, enabled } };
  const opened = await openWindow(
    snapshot({ hosts: [host('gpu01', 2, 0)], notices: [lost('1', 'gpu01')], settings }),
    rest,
  );
  const publish = (...notices: readonly Notice[]) =>
    act(() => opened.apply({ kind: 'parts-changed', parts: { notices } }));
  return { ...opened, publish };
}

const bell = () => screen.getByRole('button', { name: /^Notifications/ });

test('what comes while the page is open is a notification, once, and leads to its row', async () => {
  const { publish } = await open({ view: 'models' });
  publish(lost('1', 'gpu01'), freed);
  await waitFor(() => expect(PageNotification.shown).toHaveLength(1));
  const [notification] = PageNotification.shown;
  expect(notification?.title).toBe('2 GPUs free on gpu01');
  expect(notification?.options.body).toContain('gpu01');
  // Another page of the same engine uses the same tag, and the browser shows it once.
  expect(notification?.options.tag).toBe('2 2000');
  act(() => notification?.onclick?.());
  expect(window.location.hash).toBe('#gpus/gpu01');
  expect(notification?.close).toHaveBeenCalledOnce();
  publish(freed, lost('3', 'gpu02'));
  await waitFor(() => expect(PageNotification.shown).toHaveLength(2));
  expect(PageNotification.shown[1]?.title).toBe('A host stopped answering');
});

test.each([
  ['the settings do not want it', { enabled: false }, 'granted'],
  ['the person has not allowed it', {}, 'default'],
  ['the person has denied it', {}, 'denied'],
  ['the desktop app tells by itself', { face: 'desktop' }, 'granted'],
] as const)('the page stays silent where %s', async (_why, options, permission) => {
  PageNotification.permission = permission;
  const { publish } = await open(options);
  publish(freed);
  await screen.findByRole('button', { name: 'Notifications, 1 new' });
  expect(PageNotification.shown).toEqual([]);
});

test('the bell lists the latest first, counts what is new, and leads to the row', async () => {
  const { publish, user, container } = await open();
  expect(bell().getAttribute('aria-label')).toBe('Notifications');
  publish(lost('1', 'gpu01'), freed);
  await screen.findByRole('button', { name: 'Notifications, 1 new' });
  await user.click(bell());
  const list = within(screen.getByRole('dialog', { name: 'Notifications' }));
  expect(list.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    expect.stringMatching(/^2 GPUs free.*gpu01$/),
    expect.stringMatching(/^A host stopped answering.*gpu01$/),
  ]);
  expect(bell().getAttribute('aria-label')).toBe('Notifications');
  await expectAccessible(container);
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(document.activeElement).toBe(bell());
  await user.click(bell());
  await user.click(screen.getByRole('button', { name: /2 GPUs free/ }));
  expect(window.location.hash).toBe('#gpus/gpu01');
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('without anything to tell it leads to the rules', async () => {
  const { user } = await openWindow(snapshot());
  await user.click(bell());
  expect(screen.getByText('No notifications yet.')).toBeTruthy();
  await user.click(screen.getByRole('link', { name: 'Rules' }));
  expect(await screen.findByRole('heading', { level: 2, name: 'Notifications' })).toBeTruthy();
});

test('names from outside stay text, however long', async () => {
  const { publish, user } = await open();
  publish(lost('9', `<img src=x onerror=alert(1)>${'x'.repeat(100_000)}\u202e`));
  await screen.findByRole('button', { name: 'Notifications, 1 new' });
  await user.click(bell());
  const item = screen.getByText(/^<img src=x/);
  expect(item.textContent.length).toBeLessThan(200);
  expect(document.querySelector('img')).toBeNull();
});
