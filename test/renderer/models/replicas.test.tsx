import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { ModelLoad } from '#common/servers.ts';
import { aLoad } from '../../support/samples.ts';
import { forward, host, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const load = (model: string, change: Partial<ModelLoad>) => [{ ...aLoad, model, running: 0, ...change }];
const fleet = () =>
  snapshot({
    hosts: ['a', 'b', 'c', 'd'].map((id) => host(id, 1, 0)),
    servers: [
      server('a', 8000, ['qwen'], { loads: load('qwen', { running: 7, waiting: 3 }) }),
      server('b', 8000, ['llama'], { loads: load('llama', { running: 1 }) }),
      server('b', 8001, ['qwen'], { loads: load('qwen', { running: 2 }) }),
      server('c', 8000, ['qwen'], { state: { kind: 'starting' } }),
      server('d', 8000, [], { state: { kind: 'locked' } }),
    ],
  });
const rowOf = (key: string) => {
  const row = document.querySelector<HTMLElement>(`[data-key="${key}"]`);
  if (row === null) throw new Error(`no row of ${key}`);
  return within(row);
};
const group = async (initial = fleet()) => {
  const opened = await openWindow(initial, { view: 'models' });
  await opened.user.click(screen.getByRole('button', { name: 'Group by model' }));
  return opened;
};

test('a row per model counts its servers and those without a queue', async () => {
  const { container } = await group();
  expect(screen.getAllByRole('rowheader').map(({ textContent }) => textContent)).toEqual([
    'qwen3 servers, 1 without a queue',
    'llama1 server, 1 without a queue',
    'Needs an API key to show its models1 server',
  ]);
  const cells = rowOf('model qwen').getAllByRole('cell');
  expect(cells.slice(0, 3).map(({ textContent }) => textContent)).toEqual(['3', '9', '3']);
  await expectAccessible(container);
});

test('the least busy is forwarded, and a message says which one it was', async () => {
  const { user, calls } = await group();
  await user.click(rowOf('model qwen').getByRole('button', { name: /^Forward the least busy/ }));
  await screen.findByText('localhost:16100 leads to b:8001');
  expect(calls().at(-1)).toEqual({ name: 'forward.open', input: { hostId: 'b', remotePort: 8001 } });
  await waitFor(() =>
    expect(rowOf('model qwen').getByRole('button', { name: /^Forward localhost:16100/ })).toBeTruthy(),
  );
});

test('a model that no server may be forwarded of says so', async () => {
  const { user, calls } = await group();
  const button = rowOf('server d:8000').getByRole('button', { name: 'Forward the least busy' });
  expect(button.getAttribute('aria-disabled')).toBe('true');
  expect(button.title).toBe('None of its servers is up and can be forwarded.');
  await user.click(button);
  expect(calls()).toEqual([]);
});

test('a model unfolds its servers, and the grouping is kept', async () => {
  const { user } = await group({
    ...fleet(),
    forwards: [forward('a', 8000, 16_100), forward('b', 8001, 16_101)],
  });
  await user.click(rowOf('model qwen').getByRole('button', { expanded: false, name: /^qwen/ }));
  const table = within(screen.getByRole('table', { name: 'qwen' }));
  expect(table.getAllByRole('rowheader')).toHaveLength(3);
  expect(table.getByRole('button', { name: /^Forward localhost:16101/ })).toBeTruthy();
  expect(rowOf('model qwen').getByTitle('and 1 more')).toBeTruthy();
  expect(JSON.parse(window.localStorage.getItem('vllm-tray.models-grouped') ?? '')).toBe(true);
});
