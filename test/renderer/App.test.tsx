import { act, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { AppError } from '#common/failure.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import { keptLook } from '../../renderer/state/theme.ts';
import { failedHost, forward, host, server, snapshot } from './samples.ts';
import { closeWindow, expectAccessible, openWindow } from './window.tsx';

afterEach(closeWindow);

const busy = () =>
  snapshot({
    hosts: [host('gpu01', 3, 1), host('gpu02', 0, 2), failedHost('off1')],
    servers: [server('gpu01', 8000, ['a/model', 'b/model'])],
    forwards: [forward('gpu01', 8000, 16_100)],
  });

test('the header answers what is free, and follows the engine', async () => {
  const { container, apply } = await openWindow(busy());
  const headline = () => container.querySelector('.Header__headline')?.textContent.trim();
  expect(headline()).toBe('3 idle of 6 GPUs · 2 of 3 hosts · 2 models · 1 forward');
  const [first] = screen.getAllByRole('button', { name: /idle of 6 GPUs/ });
  first?.focus();
  apply({ kind: 'host-changed', host: host('gpu02', 2, 0) });
  await waitFor(() => expect(headline()).toContain('5 idle of 6 GPUs'));
  // What is in the keyboard's focus stays there while its numbers change.
  expect(document.activeElement?.textContent).toBe('5 idle of 6 GPUs');
  expect(screen.queryByText('Demo cluster')).toBeNull();
});

test('the demo cluster is labelled', async () => {
  await openWindow(snapshot({ source: { kind: 'demo' } }));
  expect(screen.getByText('Demo cluster')).toBeTruthy();
});

test('a scan shows percent, count and time and can be cancelled; afterwards one can rescan', async () => {
  const { user, apply, calls, container } = await openWindow(busy());
  const startedAt = Date.now() - 67_000;
  apply({ kind: 'scan-changed', scan: { kind: 'running', done: 17, total: 30, startedAt } });
  const progress = await screen.findByRole('progressbar', { name: 'Scan' });
  expect(progress.getAttribute('value')).toBe('56');
  expect(screen.getByText('56 %')).toBeTruthy();
  expect(screen.getByText(/^Scanning, 17 of 30 hosts · 1:0\d$/)).toBeTruthy();
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  const stopped = { done: 17, total: 30, startedAt, finishedAt: Date.now() };
  apply({ kind: 'scan-changed', scan: { kind: 'cancelled', ...stopped } });
  expect(await screen.findByText(/^Scan cancelled at 17 of 30 hosts/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Rescan' }));
  expect(calls()).toEqual([
    { name: 'scan.cancel', input: {} },
    { name: 'scan.start', input: {} },
  ]);
});

test('the rail leads to the views, and the address remembers which', async () => {
  const { user } = await openWindow(busy());
  await user.click(screen.getByRole('link', { name: 'Models' }));
  expect(await screen.findByRole('heading', { level: 1, name: 'Models' })).toBeTruthy();
  expect(window.location.hash).toBe('#models');
  expect(screen.getByRole('link', { name: 'Models' }).getAttribute('aria-current')).toBe('page');
  expect(screen.getByRole('link', { name: 'GPUs' }).getAttribute('aria-current')).toBeNull();
});

test('/ focuses the filter, every word must match, and Escape clears it', async () => {
  const { user } = await openWindow(busy());
  const shown = () => screen.queryAllByRole('rowheader').map((cell) => cell.textContent.slice(0, 5));
  const filter = screen.getByRole('combobox', { name: /Filter/ });
  await user.keyboard('/');
  expect(document.activeElement).toBe(filter);
  await user.keyboard('h100 B/Mod');
  expect(shown()).toEqual(['gpu01']);
  expect(screen.queryByText(/did not answer/)).toBeNull();
  await user.keyboard('{Escape}');
  expect(filter).toHaveProperty('value', '');
  expect(shown()).toEqual(['gpu01', 'gpu02']);
  await user.keyboard('off1');
  expect(shown()).toEqual([]);
  expect(screen.getByRole('button', { name: '1 host did not answer' })).toBeTruthy();
  await user.keyboard('/');
  expect(filter).toHaveProperty('value', 'off1/');
  expect(screen.getByRole('heading', { name: 'Nothing matches “off1/”' })).toBeTruthy();
  await user.click(screen.getByText('Clear filter'));
  expect(shown()).toEqual(['gpu01', 'gpu02']);
  expect(document.activeElement).toBe(filter);
});

test('the theme follows the system until one is chosen, and the choice is kept', async () => {
  const { user } = await openWindow(busy());
  expect(document.documentElement.dataset.theme).toBeUndefined();
  await user.click(screen.getByRole('button', { name: 'Theme: System' }));
  expect(screen.getByRole('menuitemradio', { name: 'System' }).getAttribute('aria-checked')).toBe('true');
  await user.click(screen.getByRole('menuitemradio', { name: 'Dark' }));
  await waitFor(() => expect(document.documentElement.dataset.theme).toBe('dark'));
  expect(keptLook()).toEqual({ theme: 'dark', contrast: 'system' });
  await user.click(screen.getByRole('button', { name: 'Theme: Dark' }));
  await user.click(screen.getByRole('menuitemradio', { name: 'System' }));
  await waitFor(() => expect(document.documentElement.dataset.theme).toBeUndefined());
});

test('a lost link is a calm banner over the last known state, and the state is asked for again', async () => {
  const { setLink, snapshotsAsked } = await openWindow(busy());
  act(() => setLink('lost'));
  expect(screen.getByText('Connection to the app lost, reconnecting.')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'gpu01' })).toBeTruthy();
  act(() => setLink('open'));
  expect(screen.queryByText(/Connection to the app lost/)).toBeNull();
  await waitFor(() => expect(snapshotsAsked()).toBe(2));
});

test('before the first answer there is a quiet skeleton', async () => {
  const { container } = await openWindow(busy(), {
    handlers: { 'snapshot.get': () => new Promise(() => undefined) },
  });
  expect(screen.getByRole('status', { name: 'Loading' })).toBeTruthy();
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('GPUs');
  expect(screen.getByRole('button', { name: 'Rescan' })).toHaveProperty('disabled', true);
  await expectAccessible(container);
});

test('when the first answer fails it says so and asks again on demand', async () => {
  let refuse = true;
  const { user } = await openWindow(busy(), {
    handlers: {
      'snapshot.get': () => {
        if (refuse) throw new AppError('internal');
        return busy();
      },
    },
  });
  expect(await screen.findByRole('heading', { name: errorsEn.internal.title })).toBeTruthy();
  refuse = false;
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('button', { name: 'gpu01' })).toBeTruthy();
});

test('problems of the configuration are told once, and can be put away', async () => {
  const detail = 'config line 42: Include conf.d/*: permission denied';
  const { user, container } = await openWindow(
    snapshot({ hosts: [host('gpu01', 1, 0)], problems: [{ code: 'config-unreadable', detail }] }),
  );
  expect(screen.getByText(errorsEn['config-unreadable'].title)).toBeTruthy();
  expect(screen.getByText(detail)).toBeTruthy();
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'Dismiss configuration problems' }));
  expect(screen.queryByText(detail)).toBeNull();
});
