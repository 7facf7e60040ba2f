/** What other programs forward, and the model servers on this computer, in the Forwards view. */

import { screen, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import { errors } from '#common/errors.ts';
import type { LocalServer } from '#common/forwards.ts';
import { aFailure, aLocalServer } from '../samples.ts';
import { foreign, forward, host, snapshot } from './samples.ts';
import { closeWindow, expectAccessible, openWindow } from './window.tsx';

afterEach(closeWindow);

const hosts = [host('gpu01', 1, 0), host('gpu02', 1, 0)];

describe('forwards of other programs', () => {
  const dead = { kind: 'dead', failure: aFailure('forward-dead', { detail: '' }) } as const;
  const ssh = foreign('', 9000, {
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
      elsewhere: {
        tmux: 'available',
        processes: 'available',
        forwards: [
          foreign('vllmctl_gpu01_8000_16100', 16_100),
          foreign('vllmctl_gpu01_8001_16101', 16_101, { models: [], state: dead }),
          ssh,
        ],
        lookedAt: Date.now(),
      },
    });

  test('say who holds them, where they lead, and their models or why there is none', async () => {
    const { user, container } = await openWindow(shot(), { view: 'forwards' });
    const section = within(screen.getByRole('region', { name: 'Elsewhere' }));
    const [, tmux, , plain] = section.getAllByRole('row');
    expect(tmux?.textContent).toContain('vllmctl_gpu01_8000_16100tmux session');
    expect(tmux?.textContent).toContain('localhost:16100 → 8000some/model');
    expect(plain?.textContent).toContain('ssh 4242ssh -N -L 9000:localhost:8000 lab');
    expect(plain?.textContent).toContain(`${errors['server-not-openai'].title}an HTML page`);
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
    expect(calls()).toEqual([{ name: 'elsewhere.kill', input: { id: 'tmux vllmctl_gpu01_8000_16100' } }]);
  });

  test('that are dead are listed with the reason before they are ended, and told afterwards', async () => {
    const { user, calls } = await openWindow(shot(), {
      view: 'forwards',
      handlers: {
        'elsewhere.clean': ({ ids = [] }) => ids.map((id) => ({ id, session: id, reason: 'dead' })),
      },
    });
    await user.click(screen.getByRole('button', { name: 'Clean 1 dead' }));
    const dialog = within(screen.getByRole('dialog', { name: 'End 1 dead tmux session?' }));
    expect(dialog.getByRole('listitem').textContent).toBe(
      `vllmctl_gpu01_8001_16101localhost:16101 → gpu01:8000. ${errors['forward-dead'].title}.`,
    );
    await user.click(dialog.getByRole('button', { name: 'End 1 session' }));
    expect(calls()).toEqual([{ name: 'elsewhere.clean', input: { ids: ['tmux vllmctl_gpu01_8001_16101'] } }]);
    expect(await screen.findByText('Ended 1 dead tmux session')).toBeTruthy();
  });

  test('are looked for again on demand, and found by the filter', async () => {
    const { user, calls } = await openWindow(shot(), { view: 'forwards' });
    await user.click(screen.getByRole('button', { name: /^Refresh Look for other/ }));
    expect(calls()).toEqual([{ name: 'elsewhere.refresh', input: {} }]);
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

describe('model servers on this computer', () => {
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
        elsewhere: {
          tmux: 'available',
          processes: 'available',
          forwards: [foreign('vllmctl_gpu02_8000_16101', 16_101)],
          lookedAt: 5,
        },
        localServers: [
          local(8000, { kind: 'process', pid: 77, command: 'python3' }),
          local(
            11_434,
            { kind: 'process', pid: null, command: null },
            { models: [], engine: null, version: null },
          ),
          local(16_100, { kind: 'forward', forwardId: 'gpu01:8000' }),
          local(16_101, { kind: 'foreign', foreignId: 'tmux vllmctl_gpu02_8000_16101' }),
        ],
      }),
      { view: 'forwards' },
    );
    const section = within(screen.getByRole('region', { name: 'On this computer' }));
    const rows = section.getAllByRole('row').map(({ textContent }) => textContent);
    expect(rows.slice(1)).toEqual([
      'localhost:8000m8000vLLM 0.11.0python3 (77)Up',
      'localhost:11434Serves no model–a programUp',
      'localhost:16100m16100vLLM 0.11.0this app, from gpu01:8000Up',
      'localhost:16101m16101vLLM 0.11.0tmux vllmctl_gpu02_8000_16101Up',
    ]);
    expect(section.getByRole('link', { name: 'this app, from gpu01:8000' }).getAttribute('href')).toBe(
      '#forwards/gpu01%3A8000',
    );
    await expectAccessible(container);
    await user.click(section.getByRole('button', { name: 'Copy the base URL of port 8000' }));
    expect(await navigator.clipboard.readText()).toBe('http://localhost:8000/v1');
  });

  test('are looked for on demand; without any it says what to do', async () => {
    const { user, calls } = await openWindow(snapshot({ hosts }), { view: 'forwards' });
    expect(screen.getByText(/Start one here, or forward one/)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: /^Refresh Look for model servers/ }));
    expect(calls()).toEqual([{ name: 'local.refresh', input: {} }]);
  });
});
