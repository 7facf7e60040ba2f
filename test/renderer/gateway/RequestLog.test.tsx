import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { type GatewayRequest, gatewayOff } from '#common/gateway.ts';
import { requestsPart } from '../../../renderer/gateway/place.ts';
import { listening, requests } from '../../gallery/gateway.ts';
import { host, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

/** An engine whose log holds these now. */
function open(held: () => readonly GatewayRequest[], gateway = { ...listening, ended: held().length }) {
  return openWindow(snapshot({ hosts: [host('gpu01', 1, 0)], gateway }), {
    view: 'diagnostics',
    row: requestsPart,
    handlers: { 'gateway.requests': ({ after }) => held().filter(({ number }) => number > after) },
  });
}
const rows = () => screen.getAllByRole('row').slice(1);

test('each request that ended is a row, the newest first', async () => {
  const { container } = await open(() => requests);
  await waitFor(() => expect(rows()).toHaveLength(requests.length));
  const texts = rows().map(({ textContent }) => textContent);
  expect(texts[0]).toContain('/v1/embeddings');
  expect(texts[0]).toContain('Client left');
  expect(texts[1]).toContain('Cut off');
  expect(texts[2]).toMatch(/gpu02:8000second try200812 \/ 3442\.2 s41\.2 sAnswered$/);
  expect(texts[3]).toMatch(/Qwen3-32–404––4 msBy the gateway$/);
  expect(rows()[3]?.querySelector('[data-mood="warning"]')).toBeTruthy();
  await expectAccessible(container);
});

test('another one is asked for when it has ended, and those of before are kept', async () => {
  let held: readonly GatewayRequest[] = requests.slice(0, 2);
  const { apply, calls } = await open(() => held);
  await waitFor(() => expect(rows()).toHaveLength(2));
  held = requests;
  apply({ kind: 'parts-changed', parts: { gateway: { ...listening, ended: 6 } } });
  await waitFor(() => expect(rows()).toHaveLength(6));
  // A change of what runs asks for nothing.
  apply({ kind: 'parts-changed', parts: { gateway: { ...listening, ended: 6, running: 0 } } });
  await waitFor(() => expect(rows()).toHaveLength(6));
  const asked = calls().filter(({ name }) => name === 'gateway.requests');
  expect(asked.map(({ input }) => input)).toEqual([{ after: 0 }, { after: 2 }]);
});

test('an app that was started again counts from the beginning', async () => {
  let held: readonly GatewayRequest[] = requests;
  const { apply } = await open(() => held);
  await waitFor(() => expect(rows()).toHaveLength(6));
  held = requests.slice(0, 1);
  apply({ kind: 'parts-changed', parts: { gateway: { ...listening, ended: 1 } } });
  await waitFor(() => expect(rows()).toHaveLength(1));
});

test('before the first one it says what comes here, and where the gateway is switched on', async () => {
  const { container, user } = await open(() => [], gatewayOff);
  expect(screen.getByRole('heading', { name: 'No requests yet' })).toBeTruthy();
  await expectAccessible(container);
  await user.click(within(screen.getByRole('tabpanel')).getByRole('link', { name: 'Forwards' }));
  expect(await screen.findByRole('heading', { level: 1, name: 'Forwards' })).toBeTruthy();
});
