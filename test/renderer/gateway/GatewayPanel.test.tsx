import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { type Gateway, gatewayOff } from '#common/gateway.ts';
import { defaultSettings, type Settings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { listening, portTaken } from '../../gallery/gateway.ts';
import { host, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, type OpenOptions, openWindow } from '../window.tsx';

afterEach(() => {
  closeWindow();
  vi.restoreAllMocks();
});

const access = { url: 'http://127.0.0.1:16000/v1', key: 'the-key' };

const open = (gateway: Gateway, change: Partial<Snapshot> = {}, options: OpenOptions = {}) => {
  const on: Settings['gateway'] = {
    ...defaultSettings.gateway,
    enabled: gateway.state.kind !== 'off',
  };
  return openWindow(
    snapshot({
      hosts: [host('gpu01', 1, 0)],
      servers: [server('gpu01', 8000, ['b/model', 'a/model'])],
      gateway,
      ...change,
      settings: { ...defaultSettings, ...change.settings, gateway: on },
    }),
    { view: 'forwards', ...options, handlers: { 'gateway.access': () => access, ...options.handlers } },
  );
};
const panel = () => within(screen.getByRole('region', { name: 'Gateway' }));

/** What is copied from now on. Called with the window open, since user-event brings a clipboard of its own. */
function copies(): readonly string[] {
  const written: string[] = [];
  vi.spyOn(navigator.clipboard, 'writeText').mockImplementation(async (text) => void written.push(text));
  return written;
}

test('off, it is one switch and one sentence, and one call switches it on', async () => {
  const { user, calls, container } = await open(gatewayOff);
  const toggle = panel().getByRole('switch', { name: 'Gateway', description: /^Off\. One address/ });
  expect(panel().queryByRole('button')).toBeNull();
  await expectAccessible(container);
  await user.click(toggle);
  expect(calls()).toEqual([{ name: 'gateway.switch', input: { on: true } }]);
});

test('listening, it says where, what goes through it, and how many models it has', async () => {
  const { container, apply } = await open(listening);
  expect(panel().getByText('http://127.0.0.1:16000/v1')).toBeTruthy();
  const facts = () =>
    panel()
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent);
  expect(facts()).toEqual(['3 requests now', '1840 tok/s', '2 models', 'Request log']);
  await expectAccessible(container);
  const idle = { ...listening, running: 0, tokensPerSecond: null };
  apply({ kind: 'parts-changed', parts: { gateway: idle } });
  await waitFor(() => expect(facts().slice(0, 2)).toEqual(['0 requests now', '– tok/s']));
});

test('a client is copied its configuration with the chosen model, and where it goes', async () => {
  const { user, container } = await open(listening);
  const written = copies();
  await user.selectOptions(panel().getByLabelText('Model in the copied text'), 'b/model');
  await user.click(panel().getByRole('button', { name: 'Copy configuration' }));
  await expectAccessible(container);
  await user.click(screen.getByRole('menuitem', { name: 'opencode' }));
  await screen.findByText('Copied configuration for opencode');
  expect(screen.getByText('It goes into ~/.config/opencode/opencode.json.')).toBeTruthy();
  const config = JSON.parse(written[0] ?? '');
  expect(config.model).toBe('vllm-tray/b/model');
  expect(config.provider['vllm-tray'].options).toEqual({ baseURL: access.url, apiKey: access.key });
  expect(document.body.textContent).not.toContain(access.key);
});

test('the key alone is copied by name, and is never in the page', async () => {
  const { user } = await open(listening);
  const written = copies();
  await user.click(panel().getByRole('button', { name: 'Copy configuration' }));
  await user.click(screen.getByRole('menuitem', { name: 'Key' }));
  await screen.findByText('Copied key of the gateway');
  expect(written).toEqual([access.key]);
  expect(document.body.innerHTML).not.toContain(access.key);
});

test('a favourite is named before the first; without a model there are only address and key', async () => {
  const favourites = { hosts: [], models: ['b/model'] };
  const { user, apply } = await open(listening, { settings: { ...defaultSettings, favourites } });
  expect(panel().getByLabelText('Model in the copied text')).toHaveProperty('value', 'b/model');
  apply({ kind: 'servers-found', hostId: 'gpu01', servers: [] });
  expect(await panel().findByText('No model can take requests now')).toBeTruthy();
  await user.click(panel().getByRole('button', { name: 'Copy configuration' }));
  expect(screen.getAllByRole('menuitem').map(({ textContent }) => textContent)).toEqual(['Base URL', 'Key']);
});

test('a new key is made once the person has said yes', async () => {
  const { user, calls, container } = await open(listening);
  const renew = () => panel().getByRole('button', { name: 'Renew key' });
  await user.click(renew());
  const dialog = () => within(screen.getByRole('dialog', { name: 'Renew the key of the gateway?' }));
  await expectAccessible(container.ownerDocument.body);
  await user.click(dialog().getByRole('button', { name: 'Cancel' }));
  expect(calls()).toEqual([]);
  await user.click(renew());
  await user.click(dialog().getByRole('button', { name: 'Renew key' }));
  await screen.findByText('The gateway has a new key');
  expect(calls()).toEqual([{ name: 'gateway.renewKey', input: {} }]);
});

test('a port that is taken is named, and the next one is a click away', async () => {
  const { user, calls, container } = await open(portTaken);
  expect(panel().getByRole('alert').textContent).toBe(
    'The local port is taken by another program 127.0.0.1:16000: EADDRINUSE',
  );
  expect(panel().queryByRole('button', { name: 'Copy configuration' })).toBeNull();
  await expectAccessible(container);
  await user.click(panel().getByRole('button', { name: 'Use port 16001' }));
  const gateway = { ...defaultSettings.gateway, enabled: true, port: 16_001 };
  expect(calls()).toEqual([{ name: 'settings.update', input: { change: { gateway } } }]);
});
