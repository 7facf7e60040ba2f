import { expect, it } from 'vitest';
import { type GatewayState, gatewayOff } from '#common/gateway.ts';
import { gatewayEntries } from '#common/menu-gateway.ts';
import { defaultSettings } from '#common/settings.ts';
import { menuWords } from '#common/words/menu.ts';
import { aFailure } from '../../support/samples.ts';
import { snapshot } from '../../support/snapshot.ts';

const entries = (state: GatewayState, enabled = true) =>
  gatewayEntries({
    snapshot: snapshot({
      gateway: { ...gatewayOff, state },
      settings: { ...defaultSettings, gateway: { ...defaultSettings.gateway, enabled } },
    }),
    language: 'en',
    words: menuWords.en,
  });

it('one click switches it on, and off again', () => {
  expect(entries({ kind: 'off' }, false)).toEqual([
    {
      kind: 'check',
      id: 'gateway',
      label: 'Gateway',
      checked: false,
      call: { name: 'gateway.switch', input: { on: true } },
    },
  ]);
  expect(entries({ kind: 'starting' })).toMatchObject([
    { checked: true, label: 'Gateway   starting', call: { input: { on: false } } },
  ]);
});

it('its address can be copied while it listens', () => {
  const url = 'http://127.0.0.1:16000/v1';
  expect(entries({ kind: 'listening', port: 16_000, url })).toMatchObject([
    { label: 'Gateway   localhost:16000' },
    { label: `Copy ${url}`, call: { name: 'app.copyText', input: { text: url } } },
  ]);
});

it('why it does not listen stands in its entry, with the way to the window', () => {
  const [toggle, show] = entries({ kind: 'failed', failure: aFailure('port-in-use') });
  expect(toggle).toMatchObject({ label: expect.stringContaining('port'), checked: true });
  expect(show).toMatchObject({ call: { name: 'app.showWindow', input: { place: { view: 'forwards' } } } });
});
