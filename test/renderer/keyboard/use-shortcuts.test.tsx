import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { forward, host, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const some = () =>
  snapshot({
    hosts: [host('gpu01', 3, 1), host('gpu02', 0, 2)],
    servers: [server('gpu01', 8000, ['a/model'])],
    forwards: [forward('gpu01', 8000, 16_100)],
  });

test('? lists the shortcuts, and Escape or the button closes the list', async () => {
  const { user, container } = await openWindow(some());
  await user.keyboard('?');
  const sheet = within(screen.getByRole('dialog', { name: 'Keyboard shortcuts' }));
  expect(sheet.getByText('Rescan')).toBeTruthy();
  await expectAccessible(container.ownerDocument.body);
  await user.click(sheet.getByRole('button', { name: 'Close' }));
  expect(screen.queryByRole('dialog')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Keyboard' }));
  fireEvent(screen.getByRole('dialog'), new Event('cancel', { cancelable: true }));
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('g and a letter, or a digit, go to a view, and the next Tab begins there', async () => {
  const { user } = await openWindow(some());
  const current = () => screen.getByRole('link', { current: 'page' }).textContent;
  await user.keyboard('gm');
  expect(current()).toBe('Models');
  expect(document.activeElement).toBe(screen.getByRole('main'));
  await user.keyboard('gg');
  expect(current()).toBe('GPUs');
  await user.keyboard('3');
  expect(current()).toBe('Forwards');
  await user.keyboard('m');
  expect(current()).toBe('Forwards');
});

test('a keyboard with other letters works by the place of its keys', async () => {
  await openWindow(some());
  for (const [key, code] of [
    ['п', 'KeyG'],
    ['ь', 'KeyM'],
  ] as const)
    fireEvent.keyDown(document.body, { key, code });
  expect(await screen.findByRole('link', { current: 'page', name: 'Models' })).toBeTruthy();
});

test('r scans again, but not while one types, holds Ctrl, or has a dialog open', async () => {
  const { user, calls } = await openWindow(some());
  await user.keyboard('r');
  expect(calls()).toEqual([{ name: 'scan.start', input: {} }]);
  await user.keyboard('{Control>}r{/Control}');
  await user.keyboard('/');
  await user.keyboard('r?gm');
  expect(screen.getByRole('combobox', { name: /Filter/ })).toHaveProperty('value', 'r?gm');
  await user.keyboard('{Escape}');
  await user.click(screen.getByRole('button', { name: 'Keyboard' }));
  await user.keyboard('r');
  expect(calls()).toHaveLength(1);
  expect(screen.getByRole('link', { current: 'page' }).textContent).toBe('GPUs');
});

test('r does nothing while a scan runs', async () => {
  const scan = { kind: 'running', done: 0, total: 2, startedAt: Date.now() } as const;
  const { user, calls } = await openWindow({ ...some(), scan });
  await user.keyboard('r');
  expect(calls()).toEqual([]);
});

test('j and arrows walk the rows, and Enter does what the row does', async () => {
  const { user } = await openWindow(some());
  const row = (name: string) => screen.getByRole('button', { name });
  await user.keyboard('j');
  expect(document.activeElement).toBe(row('gpu01'));
  await user.keyboard('{ArrowDown}');
  expect(document.activeElement).toBe(row('gpu02'));
  await user.keyboard('{ArrowDown}k');
  expect(document.activeElement).toBe(row('gpu01'));
  await user.keyboard('{Enter}');
  expect(row('gpu01').getAttribute('aria-expanded')).toBe('true');
});

test('the first Tab leads past the rail', async () => {
  const { user } = await openWindow(some());
  await user.tab();
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Skip to content' }));
  await user.keyboard('{Enter}');
  expect(document.activeElement).toBe(screen.getByRole('main'));
});

test('what a message offers is done by its button or by u', async () => {
  const { user, calls } = await openWindow(some(), { view: 'forwards' });
  const stop = () => user.click(screen.getByRole('button', { name: 'Stop forward to gpu01:8000' }));
  await stop();
  await user.click(await screen.findByRole('button', { name: 'Undo' }));
  const reopened = {
    name: 'forward.open',
    input: { hostId: 'gpu01', remotePort: 8000, localPort: 16_100, origin: 'user' },
  };
  expect(calls()).toEqual([{ name: 'forward.close', input: { forwardId: 'gpu01:8000' } }, reopened]);
  expect(screen.queryByText('Stopped the forward to gpu01:8000')).toBeNull();
  await screen.findByRole('button', { name: 'Stop forward to gpu01:8000' });
  await stop();
  await screen.findByText('Stopped the forward to gpu01:8000');
  await user.keyboard('u');
  expect(calls().at(-1)).toEqual(reopened);
  await user.keyboard('u');
  expect(calls()).toHaveLength(4);
});

test('the title tells how many GPUs are idle', async () => {
  const { apply } = await openWindow(some());
  expect(document.title).toBe('3 idle · vllm-tray');
  apply({ kind: 'host-changed', host: host('gpu02', 2, 0) });
  await waitFor(() => expect(document.title).toBe('5 idle · vllm-tray'));
});
