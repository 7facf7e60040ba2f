import { act, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import { host, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const titles = () => screen.getAllByRole('columnheader').map(({ textContent }) => textContent);

test('by keyboard alone: a column goes, stays away in the next window, and comes back', async () => {
  const shot = () => snapshot({ hosts: [host('gpu01', 1, 1)] });
  const { user, container, calls } = await openWindow(shot());
  const all = titles();
  expect(all).toContain('Users');
  const chooser = screen.getByRole('button', { name: 'Columns' });
  act(() => chooser.focus());
  await user.keyboard('{Enter}');
  const panel = screen.getByRole('dialog', { name: 'Columns' });
  expect(within(panel).getByRole('group', { name: 'Columns' })).toBeTruthy();
  await expectAccessible(container);
  // The name of the row is no choice.
  expect(within(panel).queryByRole('checkbox', { name: 'Host' })).toBeNull();
  while (document.activeElement !== within(panel).getByRole('checkbox', { name: 'Users' }))
    await user.keyboard('{Tab}');
  await user.keyboard(' ');
  expect(titles()).toEqual(all.filter((title) => title !== 'Users'));
  await user.keyboard('{Escape}');
  expect(document.activeElement).toBe(chooser);
  expect(calls()).toEqual([
    { name: 'settings.update', input: { change: { hiddenColumns: ['gpus/users'] } } },
  ]);
  closeWindow();
  // Kept by the app, not by the page: the browser page has another address after each start.
  const settings = { ...defaultSettings, hiddenColumns: ['gpus/users'] };
  const again = await openWindow({ ...shot(), settings: { ...settings, welcomed: true } });
  expect(titles()).not.toContain('Users');
  await again.user.click(screen.getByRole('button', { name: 'Columns' }));
  await again.user.click(screen.getByRole('checkbox', { name: 'Users' }));
  expect(titles()).toEqual(all);
});

test('two that are taken out in one go both stay away, and all come back together', async () => {
  const { user, calls } = await openWindow(snapshot({ hosts: [host('gpu01', 1, 1)] }));
  const all = titles();
  await user.click(screen.getByRole('button', { name: 'Columns' }));
  act(() => {
    screen.getByRole('checkbox', { name: 'Users' }).click();
    screen.getByRole('checkbox', { name: 'Memory' }).click();
  });
  await waitFor(() =>
    expect(titles()).toEqual(all.filter((title) => !['Users', 'Memory'].includes(title ?? ''))),
  );
  await user.click(screen.getByRole('button', { name: 'Show all' }));
  await waitFor(() => expect(titles()).toEqual(all));
  expect(calls().at(-1)?.input).toEqual({ change: { hiddenColumns: [] } });
});

test.each(['gpus/host', 'gpus/nothing', 'models/users', 'users'])('%s hides nothing', async (name) => {
  const settings = { ...defaultSettings, hiddenColumns: [name] };
  await openWindow(snapshot({ hosts: [host('gpu01', 1, 1)], settings }));
  expect(titles()).toContain('Host');
  expect(titles()).toContain('Users');
});

test('in Russian, and each table for itself', async () => {
  const shot = snapshot({ hosts: [host('gpu01', 1, 1)], servers: [server('gpu01', 8000, ['m'])] });
  const { user, calls } = await openWindow(
    { ...shot, settings: { ...shot.settings, language: 'ru' } },
    { view: 'models' },
  );
  const columns = titles().length;
  await user.click(screen.getByRole('button', { name: 'Столбцы' }));
  await user.click(screen.getByRole('checkbox', { name: 'Состояние' }));
  expect(titles()).toHaveLength(columns - 1);
  expect(calls().at(-1)?.input).toEqual({ change: { hiddenColumns: ['models/state'] } });
});
