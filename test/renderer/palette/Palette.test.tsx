import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import { listening } from '../../gallery/gateway.ts';
import { host, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const some = () =>
  snapshot({
    hosts: [host('gpu01', 3, 1), host('gpu02', 0, 2)],
    servers: [server('gpu01', 8000, ['a/model'])],
  });
const marked = () => within(screen.getByRole('dialog')).getByRole('option', { selected: true }).textContent;

test('Ctrl+K opens it, from a field too, and once', async () => {
  const { user, container } = await openWindow(some());
  await user.click(screen.getByRole('combobox', { name: /^Filter/ }));
  await user.keyboard('{Control>}k{/Control}');
  const box = screen.getByRole('combobox', { name: 'View, host, model or action' });
  expect(document.activeElement).toBe(box);
  expect(box.getAttribute('aria-activedescendant')).toBe(screen.getByRole('option', { selected: true }).id);
  await expectAccessible(container.ownerDocument.body);
  await user.keyboard('{Control>}k{/Control}');
  expect(screen.getAllByRole('dialog')).toHaveLength(1);
});

test('Command+K does the same, and without the chord k means a row', async () => {
  const { user } = await openWindow(some());
  await user.keyboard('k');
  expect(screen.queryByRole('dialog')).toBeNull();
  await user.keyboard('{Meta>}k{/Meta}');
  expect(screen.getByRole('dialog', { name: 'Go to, or do' })).toBeTruthy();
});

test('arrows go round, and Enter goes to a view', async () => {
  const { user } = await openWindow(some());
  await user.keyboard('{Control>}k{/Control}');
  expect(marked()).toBe('GPUsView');
  await user.keyboard('{ArrowUp}');
  const last = screen.getAllByRole('option').at(-1)?.textContent;
  expect(marked()).toBe(last);
  await user.keyboard('{ArrowDown}{ArrowDown}{Enter}');
  await screen.findByRole('heading', { level: 1, name: 'Models' });
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('a host is found and its row takes the focus', async () => {
  const { user } = await openWindow(some(), { view: 'models' });
  await user.keyboard('{Control>}k{/Control}gpu02{Enter}');
  await waitFor(() => expect(document.activeElement?.closest('[data-key="gpu02"]')).toBeTruthy());
});

test('the gateway is switched, and its texts are not offered before it listens', async () => {
  const { user, calls } = await openWindow(some(), { view: 'forwards' });
  await user.keyboard('{Control>}k{/Control}switch the gateway{Enter}');
  await waitFor(() => expect(calls()).toEqual([{ name: 'gateway.switch', input: { on: true } }]));
  await user.keyboard('{Control>}k{/Control}codex');
  expect(screen.queryByRole('option', { name: /Codex/ })).toBeNull();
});

test('while the gateway listens its address and its texts are copied', async () => {
  const { user } = await openWindow({ ...some(), gateway: listening }, { view: 'forwards' });
  await user.keyboard('{Control>}k{/Control}codex');
  expect(marked()).toContain('Copy gateway configuration for Codex');
  await user.clear(screen.getByRole('combobox', { name: 'View, host, model or action' }));
  await user.keyboard('base url of the gateway{Enter}');
  await screen.findByText('Copied base URL');
  await user.keyboard('{Control>}k{/Control}request log{Enter}');
  expect(await screen.findByRole('tab', { name: 'Requests', selected: true })).toBeTruthy();
});

test('a model is forwarded, a host switched off, the theme changed', async () => {
  const { user, calls } = await openWindow(some());
  await user.keyboard('{Control>}k{/Control}forward a/model{Enter}');
  await waitFor(() =>
    expect(calls().at(-1)).toEqual({
      name: 'forward.open',
      input: { hostId: 'gpu01', remotePort: 8000 },
    }),
  );
  await user.keyboard('{Control>}k{/Control}switch off gpu02{Enter}');
  await screen.findByText('gpu02 switched off');
  await user.keyboard('{Control>}k{/Control}theme: dark{Enter}');
  await waitFor(() => expect(document.documentElement.dataset.theme).toBe('dark'));
  await user.keyboard('{Control>}k{/Control}keyboard sh{Enter}');
  await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
});

test('says when nothing matches, in Russian too', async () => {
  const { user } = await openWindow(snapshot({ settings: { ...defaultSettings, language: 'ru' } }));
  await user.keyboard('{Control>}k{/Control}');
  const box = screen.getByRole('combobox', { name: 'Раздел, хост, модель или действие' });
  expect(within(screen.getByRole('listbox')).getAllByRole('option')[0]?.textContent).toBe('GPUРаздел');
  await user.type(box, 'nowhere at all');
  expect(screen.getByText('Ничего не найдено.')).toBeTruthy();
  expect(box.getAttribute('aria-expanded')).toBe('false');
  expect(box.hasAttribute('aria-activedescendant')).toBe(false);
});
