import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import { failedHost, forward, host, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const items = () => screen.getAllByRole('menuitem').map(({ textContent }) => textContent);
const rowOf = (key: string) => {
  const row = document.querySelector<HTMLElement>(`[data-key="${key}"]`);
  if (row === null) throw new Error(`no row of ${key}`);
  return row;
};
/** As the menu key does: on what has the focus, and without a place. */
const askByKey = (key: string) => {
  const control = within(rowOf(key)).getAllByRole('button')[0];
  control?.focus();
  fireEvent.contextMenu(control ?? rowOf(key), { clientX: 0, clientY: 0 });
  return control;
};

test('the menu of a host has what its row and details have, and gives the focus back', async () => {
  const { user } = await openWindow(snapshot({ hosts: [host('gpu01', 2, 0), host('gpu02', 1, 0)] }));
  const control = askByKey('gpu01');
  expect(items()).toEqual([
    'Copy ssh command',
    'Copy shell on the 2 free GPUs',
    'Serve a model here',
    'Rescan',
    'Add to favourites',
    'Switch off',
  ]);
  const menu = screen.getByRole('menu', { name: 'gpu01' });
  await expectAccessible(menu);
  expect(document.activeElement?.textContent).toBe('Copy ssh command');
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('menu')).toBeNull();
  expect(document.activeElement).toBe(control);
});

test('a host is switched off from its row, and on again by undo', async () => {
  const { user, calls } = await openWindow(snapshot({ hosts: [host('gpu01', 1, 0)] }));
  askByKey('gpu01');
  // The first entry with an s is another one.
  await user.keyboard('ss{Enter}');
  await screen.findByText('gpu01 switched off');
  expect(calls().at(-1)).toEqual({
    name: 'settings.update',
    input: { change: { excludedHosts: ['gpu01'] } },
  });
  await user.click(screen.getByRole('button', { name: 'Undo' }));
  await waitFor(() => expect(calls().at(-1)?.input).toEqual({ change: { excludedHosts: [] } }));
});

test('hosts that failed have the same menu, and are switched off together', async () => {
  const { user, calls } = await openWindow(snapshot({ hosts: [failedHost('a'), failedHost('b')] }));
  askByKey('b');
  expect(items()).toEqual(['Copy ssh command', 'Try again', 'Add to favourites', 'Switch off']);
  await user.keyboard('{Escape}');
  await user.click(screen.getByRole('button', { name: 'Switch off 2 hosts' }));
  await screen.findByText('2 hosts switched off');
  expect(calls().at(-1)?.input).toEqual({ change: { excludedHosts: ['a', 'b'] } });
  await user.click(screen.getByRole('button', { name: 'Undo' }));
  await waitFor(() => expect(calls().at(-1)?.input).toEqual({ change: { excludedHosts: [] } }));
});

test('a model is forwarded from its menu, which then has what its chip has', async () => {
  const { user, calls } = await openWindow(
    snapshot({ hosts: [host('gpu01', 1, 0)], servers: [server('gpu01', 8000, ['a'])] }),
    { view: 'models' },
  );
  askByKey('gpu01:8000 a');
  expect(items()).toEqual(['Forward', 'Send a test prompt', 'Add to favourites']);
  await user.keyboard('{Enter}');
  const chip = await screen.findByRole('button', { name: /^Forward localhost:16100/ });
  expect(calls().at(-1)?.name).toBe('forward.open');
  await user.click(chip);
  const ofChip = items();
  await user.keyboard('{Escape}');
  askByKey('gpu01:8000 a');
  expect(items()).toEqual([...ofChip, 'Add to favourites']);
});

test('the key of a locked server is asked for in a dialog', async () => {
  const locked = server('gpu01', 8000, [], { state: { kind: 'locked' } });
  const { user } = await openWindow(snapshot({ hosts: [host('gpu01', 1, 0)], servers: [locked] }), {
    view: 'models',
  });
  askByKey('gpu01:8000 ');
  await user.keyboard('{End}{Enter}');
  await screen.findByRole('dialog', { name: 'API key for gpu01:8000' });
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('a forward has its row in its menu', async () => {
  const { user, calls } = await openWindow(
    snapshot({ hosts: [host('gpu01', 1, 0)], forwards: [forward('gpu01', 8000, 16_100)] }),
    { view: 'forwards' },
  );
  askByKey('gpu01:8000');
  expect(items().at(0)).toBe('Reserve port 16100 for this target');
  expect(items().at(-1)).toBe('Stop forward');
  await user.keyboard('{End}{Enter}');
  await waitFor(() => expect(calls().at(-1)?.name).toBe('forward.close'));
});

test('where text is typed or a link is opened the menu is the own one of the browser', async () => {
  await openWindow(snapshot({ hosts: [host('gpu01', 1, 0)], servers: [server('gpu01', 8000, ['a'])] }));
  fireEvent.contextMenu(within(rowOf('gpu01')).getByRole('link', { name: 'a' }));
  expect(screen.queryByRole('menu')).toBeNull();
  fireEvent.contextMenu(rowOf('gpu01'), { clientX: 30, clientY: 40 });
  expect(screen.getByRole('menu', { name: 'gpu01' })).toBeTruthy();
});

test('a favourite host stands on top, has a star, and is kept in the settings', async () => {
  const hosts = [host('gpu01', 8, 0), host('gpu02', 1, 0), host('gpu03', 0, 1)];
  const { user, calls, container } = await openWindow(snapshot({ hosts }));
  const order = () => [...document.querySelectorAll<HTMLElement>('[data-key]')].map((row) => row.dataset.key);
  expect(order()).toEqual(['gpu01', 'gpu02', 'gpu03']);
  fireEvent.contextMenu(rowOf('gpu03'));
  await user.click(screen.getByRole('menuitem', { name: 'Add to favourites' }));
  await waitFor(() => expect(within(rowOf('gpu03')).getByTitle('Favourite')).toBeTruthy());
  expect(calls().at(-1)?.input).toEqual({ change: { favourites: { hosts: ['gpu03'], models: [] } } });
  await expectAccessible(container);
  // The list holds still while one works in it.
  fireEvent.pointerOut(document.querySelector('.view') ?? document.body, { relatedTarget: document.body });
  await waitFor(() => expect(order()).toEqual(['gpu03', 'gpu01', 'gpu02']));
  fireEvent.contextMenu(rowOf('gpu03'));
  await user.click(screen.getByRole('menuitem', { name: 'Remove from favourites' }));
  await waitFor(() => expect(within(rowOf('gpu03')).queryByTitle('Favourite')).toBeNull());
});

test('a favourite model stands on top, in both forms of the list', async () => {
  const servers = [server('gpu01', 8000, ['a']), server('gpu01', 8001, ['b'])];
  const settings = { ...defaultSettings, favourites: { hosts: [], models: ['b'] } };
  const { user } = await openWindow(snapshot({ hosts: [host('gpu01', 1, 0)], servers, settings }), {
    view: 'models',
  });
  const order = () => [...document.querySelectorAll<HTMLElement>('[data-key]')].map((row) => row.dataset.key);
  expect(order()).toEqual(['gpu01:8001 b', 'gpu01:8000 a']);
  await user.click(screen.getByRole('button', { name: 'Group by model' }));
  expect(order()).toEqual(['model b', 'model a']);
});
