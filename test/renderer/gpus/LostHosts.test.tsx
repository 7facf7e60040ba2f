import { act, screen, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { aFailure } from '../../support/samples.ts';
import { host, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const state = { kind: 'stale', failure: aFailure('connection-lost') } as const;
const lost = (id: string, measuredAt: number) => host(id, 0, 2, { state, measuredAt });
const order = () =>
  screen.getAllByRole('rowheader').map((cell) => within(cell).getByRole('button').textContent);

test('lost hosts stand on top until their row was opened, also in the next window', async () => {
  const shot = () => snapshot({ hosts: [host('idle', 4, 0), lost('gone', 5), host('busy', 0, 4)] });
  const { user, container } = await openWindow(shot());
  expect(order()).toEqual(['gone', 'idle', 'busy']);
  expect(screen.getByText('Lost host on top until seen: gone')).toBeTruthy();
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'gone' }));
  expect(screen.queryByText(/^Lost host/)).toBeNull();
  const kept = window.localStorage.getItem('vllm-tray.lost-seen');
  closeWindow();
  window.localStorage.setItem('vllm-tray.lost-seen', kept ?? '');
  await openWindow(shot());
  expect(order()).toEqual(['idle', 'busy', 'gone']);
});

test('all are seen at once, and one that is lost again is new', async () => {
  const { user, apply } = await openWindow(
    snapshot({ hosts: [host('idle', 4, 0), lost('a', 5), lost('b', 6)] }),
  );
  await user.click(screen.getByRole('button', { name: 'Seen' }));
  expect(screen.queryByText(/^Lost host/)).toBeNull();
  act(() => apply({ kind: 'host-changed', host: lost('a', 7) }));
  expect(await screen.findByText('Lost host on top until seen: a')).toBeTruthy();
});
