/** Other forwards and local servers, in the Forwards view. */

import { screen, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import type { LocalServer } from '#common/local-servers.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import { aFailure, aLoad, aLocalServer } from '../../support/samples.ts';
import { forward, host, otherForward, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const hosts = [host('gpu01', 1, 0), host('gpu02', 1, 0)];

describe('other forwards', () => {
  const dead = { kind: 'dead', failure: aFailure('forward-dead', { detail: '' }) } as const;
  const ssh = otherForward('', 9000, {
    id: 'ssh 4242 9000',
    owner: { kind: 'ssh', pid: 4242, command: 'ssh -N -L 9000:localhost:8000 lab', startedAt: null },
    destination: 'lab',
    hostId: null,
    models: [],
    state: { kind: 'no-model', failure: aFailure('server-not-openai', { detail: 'an HTML page' }) },
  });
  const shot = () =>
    snapshot({
      hosts,
      otherForwards: {
        tmux: 'available',
        processes: 'available',
        forwards: [
          otherForward('vllmctl_gpu01_8000_16100', 16_100),
          otherForward('vllmctl_gpu01_8001_16101', 16_101, { models: [], state: dead }),
          ssh,
        ],
        lookedAt: Date.now(),
      },
    });

  test('say who holds them, where they lead, and their models or why there is none', async () => {
    const { user, container } = await openWindow(shot(), { view: 'forwards' });
    const section = within(screen.getByRole('region', { name: 'Other forwards' }));
    const [, tmux, , plain] = section.getAllByRole('row');
    expect(tmux?.textContent).toContain('vllmctl_gpu01_8000_16100tmux session');
    expect(tmux?.textContent).toContain('localhost:16100 → 8000some/model');
    expect(plain?.textContent).toContain('ssh 4242ssh -N -L 9000:localhost:8000 lab');
    expect(plain?.textContent).toContain(`${errorsEn['server-not-openai'].title}an HTML page`);
    await expectAccessible(container);
    await user.click(
      section.getByRole('button', { name: 'Copy the command that attaches to vllmctl_gpu01_8000_16100' }),
    );
    expect(await navigator.clipboard.readText()).toBe("tmux attach -t '=vllmctl_gpu01_8000_16100'");
  });

  test('are ended only after a yes, which names what ends', async () => {
    const { user, calls, container } = await openWindow(shot(), { view: 'forwards' });
    await user.click(screen.getByRole('button', { name: 'End the ssh process 4242' }));
    const dialog = within(screen.getByRole('dialog', { name: 'End the ssh process 4242?' }));
    expect(dialog.getByText(/from localhost:9000 to lab:8000 ends with it/)).toBeTruthy();
    expect(dialog.getByText('ssh -N -L 9000:localhost:8000 lab')).toBeTruthy();
    await expectAccessible(container);
    await user.click(dialog.getByRole('button', { name: 'Cancel' }));
    expect(calls()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'End the tmux session vllmctl_gpu01_8000_16100' }));
    await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'End session' }));
    expect(calls()).toEqual([{ name: 'otherForwards.kill', input: { id: 'tmux vllmctl_gpu01_8000_16100' } }]);
  });

  test('that are dead are listed with the reason before they are ended, and told afterwards', async () => {
    const { user, calls } = await openWindow(shot(), {
      view: 'forwards',
      handlers: {
        'otherForwards.clean': ({ ids = [] }) => ids.map((id) => ({ id, session: id, reason: 'dead' })),
      },
    });
    await user.click(screen.getByRole('button', { name: 'Remove 1 dead' }));
    const dialog = within(screen.getByRole('dialog', { name: 'End 1 dead tmux session?' }));
    expect(dialog.getByRole('listitem').textContent).toBe(
      `vllmctl_gpu01_8001_16101localhost:16101 → gpu01:8000. ${errorsEn['forward-dead'].title}.`,
    );
    await user.click(dialog.getByRole('button', { name: 'End 1 session' }));
    expect(calls()).toEqual([
      { name: 'otherForwards.clean', input: { ids: ['tmux vllmctl_gpu01_8001_16101'] } },
    ]);
    expect(await screen.findByText('Ended 1 dead tmux session')).toBeTruthy();
  });

  test('are looked for again on demand, and found by the filter', async () => {
    const { user, calls } = await openWindow(shot(), { view: 'forwards' });
    await user.click(screen.getByRole('button', { name: /^Refresh/ }));
    expect(calls()).toEqual([{ name: 'localServers.refresh', input: {} }]);
    const filter = screen.getByRole('combobox', { name: /^Filter/ });
    const holders = () => screen.getAllByRole('rowheader').map(({ textContent }) => textContent);
    await user.type(filter, '4242');
    expect(holders()).toEqual(['ssh 4242ssh -N -L 9000:localhost:8000 lab']);
    await user.clear(filter);
    await user.type(filter, 'state:dead');
    expect(holders()).toEqual(['vllmctl_gpu01_8001_16101tmux session']);
    await user.type(filter, ' nowhere');
    expect(screen.getByRole('heading', { name: /^Nothing matches/ })).toBeTruthy();
  });
});

describe('local servers', () => {
  const local = (
    port: number,
    owner: LocalServer['owner'],
    change: Partial<LocalServer> = {},
  ): LocalServer => ({
    ...aLocalServer,
    port,
    version: '0.11.0',
    models: [`m${port}`],
    owner,
    ...change,
  });

  test('say who serves them, and give their base URL', async () => {
    const { user, container } = await openWindow(
      snapshot({
        hosts,
        forwards: [forward('gpu01', 8000, 16_100)],
        otherForwards: {
          tmux: 'available',
          processes: 'available',
          forwards: [otherForward('vllmctl_gpu02_8000_16101', 16_101)],
          lookedAt: Date.now(),
        },
        localServers: [
          local(
            8000,
            { kind: 'process', pid: 77, command: 'python3', session: 'work' },
            {
              loads: [
                {
                  ...aLoad,
                  model: 'm8000',
                  running: 3,
                  waiting: 2,
                  kvCachePct: 41,
                  generationTokensPerSecond: 120,
                },
              ],
            },
          ),
          local(
            11_434,
            { kind: 'process', pid: null, command: null },
            { models: [], engine: null, version: null },
          ),
          local(16_100, { kind: 'forward', forwardId: 'gpu01:8000' }),
          local(16_101, { kind: 'other-forward', otherForwardId: 'tmux vllmctl_gpu02_8000_16101' }),
        ],
      }),
      { view: 'forwards' },
    );
    const section = within(screen.getByRole('region', { name: 'Local servers' }));
    const rows = section.getAllByRole('row').map(({ textContent }) => textContent);
    expect(rows.slice(1)).toEqual([
      'localhost:8000m8000vLLM 0.11.0python3 (77), tmux: work3212041 %Up',
      'localhost:11434Serves no model–a program––––Up',
      'localhost:16101m16101vLLM 0.11.0tmux vllmctl_gpu02_8000_16101––––Up',
    ]);
    await expectAccessible(container);
    await user.click(section.getByRole('button', { name: 'Copy the base URL of port 8000' }));
    expect(await navigator.clipboard.readText()).toBe('http://localhost:8000/v1');
  });

  test('are none where all that answers is forwarded by this app, which has its own table', async () => {
    await openWindow(
      snapshot({
        hosts,
        forwards: [forward('gpu01', 8000, 16_100)],
        localServers: [local(16_100, { kind: 'forward', forwardId: 'gpu01:8000' })],
      }),
      { view: 'forwards' },
    );
    const section = within(screen.getByRole('region', { name: 'Local servers' }));
    expect(section.getByText(/started on this computer appears here/)).toBeTruthy();
    expect(section.queryByRole('row')).toBeNull();
  });

  test('are looked for on demand, with the other forwards, by one button', async () => {
    const { user, calls } = await openWindow(snapshot({ hosts }), { view: 'forwards' });
    await user.click(screen.getByRole('button', { name: /^Refresh/ }));
    expect(calls()).toEqual([{ name: 'localServers.refresh', input: {} }]);
  });
});
