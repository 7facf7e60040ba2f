import { screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { forward, host, server, snapshot } from '../samples.ts';
import { closeWindow, openWindow } from '../window.tsx';

afterEach(closeWindow);

const servers = [server('gpu01', 8000, ['a/model']), server('gpu02', 8000, ['b/model'])];
const forwards = [forward('gpu01', 8000, 16_100), forward('gpu02', 8000, 16_101)];
const some = snapshot({ hosts: [host('gpu01', 3, 1), host('gpu02', 0, 2)], servers });

const focusOn = (name: string) =>
  waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name })));

test('the focus goes to what takes the place of the button that had it', async () => {
  const { user } = await openWindow(some, { view: 'models' });
  screen.getByRole('button', { name: /^Forward b.model/ }).focus();
  await user.keyboard('{Enter}');
  await waitFor(() => expect(document.activeElement?.textContent).toBe('localhost:16100'));
  expect(document.activeElement?.closest('tr')?.textContent).toContain('gpu02');
});

test('a row that goes leaves the focus to the one that moves up, and the last one to the view', async () => {
  const { apply } = await openWindow({ ...some, forwards }, { view: 'forwards' });
  screen.getByRole('button', { name: 'Stop forward to gpu01:8000' }).focus();
  apply({ kind: 'forward-closed', forwardId: 'gpu01:8000' });
  await focusOn('Stop forward to gpu02:8000');
  apply({ kind: 'forward-closed', forwardId: 'gpu02:8000' });
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('main')));
});

test('what goes outside of a list leaves the focus to the view', async () => {
  const { user } = await openWindow({ ...some, forwards }, { view: 'forwards' });
  await user.click(screen.getByRole('button', { name: 'Stop forward to gpu01:8000' }));
  (await screen.findByRole('button', { name: 'Dismiss message' })).focus();
  await user.keyboard('{Enter}');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('main')));
});

test('a row of another view is not the one that moved up', async () => {
  await openWindow(some, { view: 'models' });
  screen.getByRole('button', { name: /^Forward b.model/ }).focus();
  window.location.hash = '#gpus';
  await screen.findByRole('heading', { name: 'GPUs' });
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('main')));
});
