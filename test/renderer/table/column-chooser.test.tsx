import { act, screen, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { host, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const titles = () => screen.getAllByRole('columnheader').map(({ textContent }) => textContent);

test('by keyboard alone: a column goes, stays away in the next window, and comes back', async () => {
  const shot = () => snapshot({ hosts: [host('gpu01', 1, 1)] });
  const { user, container } = await openWindow(shot());
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
  const kept = window.localStorage.getItem('vllm-tray.gpus-hidden');
  closeWindow();
  window.localStorage.setItem('vllm-tray.gpus-hidden', kept ?? '');
  const again = await openWindow(shot());
  expect(titles()).not.toContain('Users');
  await again.user.click(screen.getByRole('button', { name: 'Columns' }));
  await again.user.click(screen.getByRole('checkbox', { name: 'Users' }));
  expect(titles()).toEqual(all);
});

test.each(['{"host":true}', '["host","nothing",3]', 'not JSON', '[]'])(
  'what was kept as %s hides nothing',
  async (kept) => {
    window.localStorage.setItem('vllm-tray.gpus-hidden', kept);
    await openWindow(snapshot({ hosts: [host('gpu01', 1, 1)] }));
    expect(titles()).toContain('Host');
    expect(titles()).toContain('Users');
  },
);

test('in Russian, and each table for itself', async () => {
  const shot = snapshot({ hosts: [host('gpu01', 1, 1)], servers: [server('gpu01', 8000, ['m'])] });
  const { user } = await openWindow(
    { ...shot, settings: { ...shot.settings, language: 'ru' } },
    { view: 'models' },
  );
  const columns = titles().length;
  await user.click(screen.getByRole('button', { name: 'Столбцы' }));
  await user.click(screen.getByRole('checkbox', { name: 'Состояние' }));
  expect(titles()).toHaveLength(columns - 1);
  expect(window.localStorage.getItem('vllm-tray.gpus-hidden')).toBeNull();
});
