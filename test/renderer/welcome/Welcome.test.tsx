import { screen, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { host, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

/** As the engine has it before anybody has agreed. */
const first = (change: Partial<Snapshot> = {}): Snapshot => ({
  ...snapshot({
    hosts: ['gpu1', 'gpu2', 'gpu10'].map((alias) =>
      host(alias, 0, 0, { state: { kind: 'unresolved' }, endpoint: null }),
    ),
    scan: { kind: 'never' },
  }),
  settings: defaultSettings,
  ...change,
});

const start = () => screen.getByRole('button', { name: /^(Start|Switch a host)/ });

test('before anything is contacted it says what will be, and shows no view', async () => {
  const { container, calls } = await openWindow(first());
  expect(screen.getByRole('heading', { level: 1, name: 'Before the first scan' })).toBeTruthy();
  expect(screen.getByText('/home/me/.ssh/config')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Show the demo' })).toBeTruthy();
  expect(screen.queryByRole('navigation')).toBeNull();
  expect(screen.getByText('3 of 3 hosts switched on')).toBeTruthy();
  await expectAccessible(container);
  expect(calls()).toEqual([]);
});

test('start is one change: the hosts that are off, the pattern, and the yes', async () => {
  const { user, calls } = await openWindow(first());
  await user.click(screen.getByRole('switch', { name: 'gpu2' }));
  await user.type(screen.getByLabelText('Only hosts whose name matches'), 'gpu1');
  expect(start().textContent).toBe('Start with 2 hosts');
  await user.click(start());
  expect(calls()).toEqual([
    {
      name: 'settings.update',
      input: { change: { excludedHosts: ['gpu2'], hostPattern: 'gpu1', welcomed: true } },
    },
  ]);
  expect(await screen.findByRole('navigation', { name: 'Views' })).toBeTruthy();
});

test('what is probably no GPU host stands apart, with its address, and is off', async () => {
  const at = (alias: string, user: string, hostname: string) =>
    host(alias, 0, 0, { state: { kind: 'unresolved' }, endpoint: { hostname, port: 2222, user } });
  const { user, calls, container } = await openWindow(
    first({ hosts: [at('github.com', 'git', 'github.com'), at('gpu1', 'me', '10.0.0.1')] }),
  );
  expect(screen.getByText('Probably not GPU hosts (1)')).toBeTruthy();
  expect(screen.getByText('me@10.0.0.1:2222')).toBeTruthy();
  expect(screen.getByText('1 of 2 hosts switched on')).toBeTruthy();
  await expectAccessible(container);
  await user.click(start());
  expect(calls()).toEqual([
    {
      name: 'settings.update',
      input: { change: { excludedHosts: ['github.com'], hostPattern: '', welcomed: true } },
    },
  ]);
});

test('nothing starts with no host, or with a pattern that is none', async () => {
  const { user, calls } = await openWindow(first());
  await user.click(screen.getByRole('button', { name: 'All off' }));
  expect(start().textContent).toBe('Switch a host on to start');
  await user.click(start());
  await user.click(screen.getByRole('button', { name: 'All on' }));
  await user.type(screen.getByLabelText('Only hosts whose name matches'), '(');
  const fix = screen.getByRole('button', { name: 'Fix the pattern to start' });
  expect(fix.getAttribute('aria-disabled')).toBe('true');
  await user.click(fix);
  expect(calls()).toEqual([]);
});

test('what is wrong with the configuration is said here too', async () => {
  const detail = 'config line 4: a quote is not closed';
  await openWindow(first({ problems: [{ code: 'config-unreadable', detail }] }));
  expect(
    within(screen.getByRole('region', { name: 'Configuration problems' })).getByText(detail),
  ).toBeTruthy();
});

test('the demo cluster asks nobody', async () => {
  await openWindow(first({ source: { kind: 'demo' } }));
  expect(screen.getByRole('navigation', { name: 'Views' })).toBeTruthy();
  expect(screen.queryByText('Before the first scan')).toBeNull();
});
