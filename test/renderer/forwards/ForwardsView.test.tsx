import { act, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import { AppError, errors } from '#common/errors.ts';
import type { AutoForwardEntry, AutoForwardStatus } from '#common/forwards.ts';
import { defaultSettings } from '#common/settings.ts';
import { reveal } from '../../renderer/state/route.ts';
import { aFailure } from '../samples.ts';
import { foreign, forward, host, server, snapshot } from './samples.ts';
import { closeWindow, expectAccessible, openWindow } from './window.tsx';

afterEach(closeWindow);

const hosts = [host('gpu01', 1, 0), host('gpu02', 1, 0)];

test('each forward shows both ends, model, state, connections, bytes and its last error', async () => {
  const refused = aFailure('target-refused', { step: 'forward', detail: 'connect failed' });
  const { container } = await openWindow(
    snapshot({
      hosts,
      servers: [server('gpu01', 8000, ['some/model'])],
      forwards: [
        forward('gpu01', 8000, 16_100, { lastError: refused }),
        forward('gpu02', 9000, null, { state: { kind: 'opening' } }),
      ],
    }),
    { view: 'forwards' },
  );
  const [, first, second] = screen.getAllByRole('row');
  expect(first?.textContent).toContain('localhost:16100');
  expect(first?.textContent).toContain('gpu01:8000');
  expect(first?.textContent).toContain('some/model');
  expect(first?.textContent).toContain('Listening');
  expect(first?.textContent).toContain('112 in all');
  expect(first?.textContent).toContain('48.3 MB');
  expect(first?.textContent).toContain('1.2 kB');
  expect(first?.textContent).toContain(errors['target-refused'].title);
  expect(second?.textContent).toContain('Opening');
  expect(second?.textContent).toContain('gpu02:9000');
  await expectAccessible(container);
});

test('stop is one contract call, and the row goes', async () => {
  const { user, calls } = await openWindow(snapshot({ hosts, forwards: [forward('gpu01', 8000, 16_100)] }), {
    view: 'forwards',
  });
  await user.click(screen.getByRole('button', { name: 'Stop forward to gpu01:8000' }));
  expect(calls()).toEqual([{ name: 'forward.close', input: { forwardId: 'gpu01:8000' } }]);
  expect(await screen.findByRole('heading', { name: 'No forward is open' })).toBeTruthy();
});

test('a forward by hand needs a host and a port; the local port may be left out', async () => {
  const { user, calls, container } = await openWindow(snapshot({ hosts }), { view: 'forwards' });
  const form = within(screen.getByRole('form', { name: 'Open a forward' }));
  await user.click(form.getByRole('button', { name: 'Open forward' }));
  expect(form.getByText('Choose a host.')).toBeTruthy();
  const remote = form.getByLabelText('Remote port');
  expect(remote.getAttribute('aria-invalid')).toBe('true');
  expect(document.getElementById(remote.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
    'A port is a number from 1 to 65535.',
  );
  await expectAccessible(container);
  expect(calls()).toEqual([]);

  await user.selectOptions(form.getByLabelText('Host'), 'gpu02');
  await user.type(remote, '8000{Enter}');
  expect(calls()).toEqual([{ name: 'forward.open', input: { hostId: 'gpu02', remotePort: 8000 } }]);
  expect(await screen.findByRole('button', { name: 'Stop forward to gpu02:8000' })).toBeTruthy();
  expect(remote).toHaveProperty('value', '');
});

test('a wanted local port goes with the call; what the engine refuses is said at its field', async () => {
  const { user, calls } = await openWindow(snapshot({ hosts }), {
    view: 'forwards',
    handlers: {
      'forward.open': () => {
        throw new AppError('port-in-use');
      },
    },
  });
  const form = within(screen.getByRole('form', { name: 'Open a forward' }));
  await user.selectOptions(form.getByLabelText('Host'), 'gpu01');
  await user.type(form.getByLabelText('Remote port'), '8000');
  const local = form.getByLabelText('Local port');
  await user.type(local, '16100{Enter}');
  const input = { hostId: 'gpu01', remotePort: 8000, localPort: 16_100 };
  expect(calls()).toEqual([{ name: 'forward.open', input }]);
  expect((await form.findByRole('alert')).textContent).toContain(errors['port-in-use'].title);
  expect(local.getAttribute('aria-invalid')).toBe('true');
  await user.type(local, '1');
  expect(form.queryByRole('alert')).toBeNull();
});

const away = aFailure('connection-lost', { step: 'forward', nextAttemptAt: Date.now() + 3_600_000 });

test('a tunnel that is down is told from a model that does not answer', async () => {
  const refused = aFailure('target-refused', { detail: 'ECONNREFUSED' });
  const { user, container } = await openWindow(
    snapshot({
      hosts,
      forwards: [
        forward('gpu01', 8000, 16_100, { state: { kind: 'retrying', failure: away } }),
        forward('gpu01', 8001, 16_101, { health: { kind: 'model-down', failure: refused } }),
        forward('gpu01', 8002, 16_102, { health: { kind: 'answering' }, origin: 'auto', pinned: true }),
      ],
    }),
    { view: 'forwards' },
  );
  const [, down, silent, well] = screen.getAllByRole('row');
  expect(down?.textContent).toContain('ReconnectingTunnel is down');
  expect(silent?.textContent).toContain('ListeningModel does not answer');
  expect(silent?.querySelector('.state[data-mood="warning"]')).toBeTruthy();
  expect(well?.textContent).toContain('ListeningModel answers');
  await user.click(screen.getByRole('button', { name: /^gpu01 ?:8000/, expanded: false }));
  expect(screen.getAllByText(errors['connection-lost'].hint)).toHaveLength(2);
  expect(screen.getByText(/^Next try in \d/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: /^gpu01 ?:8001/ }));
  expect(screen.getAllByText('ECONNREFUSED').length).toBeGreaterThan(1);
  await user.click(screen.getByRole('button', { name: /^gpu01 ?:8002/ }));
  expect(screen.getByText('opened by the auto-forward rules')).toBeTruthy();
  expect(screen.getByText('kept for this target, also while it is closed')).toBeTruthy();
  await expectAccessible(container);
});

test('a forward that is away is retried, and a port is kept, by one call each', async () => {
  const { user, calls } = await openWindow(
    snapshot({
      hosts,
      forwards: [
        forward('gpu01', 8000, 16_100, { state: { kind: 'retrying', failure: away } }),
        forward('gpu02', 8000, 16_101, { pinned: true }),
      ],
    }),
    { view: 'forwards' },
  );
  expect(screen.queryByRole('button', { name: 'Retry the forward to gpu02:8000' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Retry the forward to gpu01:8000' }));
  await user.click(
    screen.getByRole('button', { name: 'Keep port 16100 for this target alone', pressed: false }),
  );
  await user.click(screen.getByRole('button', { name: /^Port 16101 is kept/, pressed: true }));
  expect(calls()).toEqual([
    { name: 'forward.retry', input: { forwardId: 'gpu01:8000' } },
    { name: 'forward.pin', input: { forwardId: 'gpu01:8000', pinned: true } },
    { name: 'forward.pin', input: { forwardId: 'gpu02:8000', pinned: false } },
  ]);
});

test('all are stopped only after a yes that says what breaks', async () => {
  const { user, calls, container } = await openWindow(
    snapshot({ hosts, forwards: [forward('gpu01', 8000, 16_100), forward('gpu02', 8000, 16_101)] }),
    { view: 'forwards' },
  );
  await user.click(screen.getByRole('button', { name: 'Stop all' }));
  const dialog = within(screen.getByRole('dialog', { name: 'Stop 2 forwards?' }));
  expect(dialog.getByText('2 connections through them will break.')).toBeTruthy();
  await expectAccessible(container);
  await user.click(dialog.getByRole('button', { name: 'Cancel' }));
  expect(calls()).toEqual([]);
  await user.click(screen.getByRole('button', { name: 'Stop all' }));
  await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Stop all' }));
  expect(calls()).toEqual([{ name: 'forward.closeAll', input: {} }]);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('the form offers hosts with models first, and their ports', async () => {
  const { user, container } = await openWindow(
    snapshot({ hosts, servers: [server('gpu02', 8001, ['some/model'])] }),
    { view: 'forwards' },
  );
  const form = within(screen.getByRole('form', { name: 'Open a forward' }));
  const select = form.getByLabelText('Host');
  expect(
    within(select)
      .getAllByRole('option')
      .map(({ textContent }) => textContent),
  ).toEqual(['Choose', 'gpu02', 'gpu01']);
  await user.selectOptions(select, 'gpu02');
  const remote = form.getByLabelText('Remote port');
  expect(remote.getAttribute('placeholder')).toBe('8001');
  const [option] = container.querySelectorAll(`[id="${remote.getAttribute('list')}"] option`);
  expect([option?.getAttribute('value'), option?.getAttribute('label')]).toEqual(['8001', 'some/model']);
});

describe('a forward as a tmux session', () => {
  test('opens by its own call, and the message names its port', async () => {
    const { user, calls } = await openWindow(snapshot({ hosts }), {
      view: 'forwards',
      handlers: { 'tmux.open': () => foreign('vllmctl_gpu01_8000_16105', 16_105) },
    });
    const form = within(screen.getByRole('form', { name: 'Open a forward' }));
    await user.selectOptions(form.getByLabelText('Host'), 'gpu01');
    await user.type(form.getByLabelText('Remote port'), '8000');
    await user.click(form.getByRole('button', { name: 'As a tmux session' }));
    expect(calls()).toEqual([{ name: 'tmux.open', input: { hostId: 'gpu01', remotePort: 8000 } }]);
    expect(await screen.findByText('A tmux session forwards localhost:16105')).toBeTruthy();
  });

  test('that fails says why in the form, with the cause', async () => {
    const { user } = await openWindow(snapshot({ hosts }), {
      view: 'forwards',
      handlers: {
        'tmux.open': () => {
          throw new AppError('tmux-failed', { detail: 'lost server' });
        },
      },
    });
    const form = within(screen.getByRole('form', { name: 'Open a forward' }));
    await user.selectOptions(form.getByLabelText('Host'), 'gpu01');
    await user.type(form.getByLabelText('Remote port'), '8000');
    await user.click(form.getByRole('button', { name: 'As a tmux session' }));
    expect((await form.findByRole('alert')).textContent).toMatch(/^tmux did not do it\. .*\(lost server\)$/);
  });

  test('is not offered where there is no tmux', async () => {
    const elsewhere = { tmux: 'missing', processes: 'available', forwards: [], lookedAt: 5 } as const;
    const { user, calls } = await openWindow(snapshot({ hosts, elsewhere }), { view: 'forwards' });
    const button = screen.getByRole('button', { name: 'As a tmux session' });
    expect([button.getAttribute('aria-disabled'), button.title]).toEqual([
      'true',
      'There is no tmux on this computer',
    ]);
    await user.click(button);
    expect(calls()).toEqual([]);
    expect(screen.getByText(/no session can be seen or opened/)).toBeTruthy();
  });
});

describe('auto-forward', () => {
  test('is a switch that says its rules, and leads to them', async () => {
    const { user, calls } = await openWindow(snapshot({ hosts }), { view: 'forwards' });
    const toggle = screen.getByRole('switch', { name: 'Auto-forward' });
    expect(document.getElementById(toggle.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
      'Off. It would forward by itself: every model, on all hosts; closes 1 min after its model is gone.',
    );
    expect(screen.getByRole('link', { name: 'Rules in Settings' }).getAttribute('href')).toBe(
      '#settings/forwards',
    );
    await user.click(toggle);
    const { autoForward } = defaultSettings;
    expect(calls()).toEqual([
      { name: 'settings.update', input: { change: { autoForward: { ...autoForward, enabled: true } } } },
    ]);
    await waitFor(() => expect(toggle).toHaveProperty('checked', true));
    expect(screen.getByRole('button', { name: /What auto-forward did/ }).textContent).toContain(
      'No model has been found yet.',
    );
  });

  test('tells what it did with each model, in words', async () => {
    const entry = (port: number, status: AutoForwardStatus, change: Partial<AutoForwardEntry> = {}) => ({
      serverId: `gpu01:${port}`,
      hostId: 'gpu01',
      remotePort: port,
      model: `m${port}`,
      localPort: null,
      status,
      failure: null,
      ...change,
    });
    const settings = { ...defaultSettings, autoForward: { ...defaultSettings.autoForward, enabled: true } };
    const { user, container } = await openWindow(
      snapshot({
        hosts,
        settings,
        autoForwards: [
          entry(1, 'forwarded', { localPort: 16_100 }),
          entry(2, 'forwarded', { localPort: 16_101 }),
          entry(3, 'not-allowed'),
          entry(4, 'no-free-port', { failure: aFailure('ports-exhausted', { detail: '16100-16199' }) }),
        ],
      }),
      { view: 'forwards' },
    );
    const title = screen.getByRole('button', { name: /What auto-forward did/ });
    expect(title.textContent).toContain('2 × forwarded · 1 × no free port · 1 × the rules leave it out');
    await user.click(title);
    const rows = screen.getAllByRole('row').map(({ textContent }) => textContent);
    expect(rows).toContain('m1gpu01:1localhost:16100Forwarded');
    expect(rows).toContain(`m4gpu01:4–No free port${errors['ports-exhausted'].title}: 16100-16199`);
    await expectAccessible(container);
  });
});

test('the forward that the address names is marked, whatever the filter', async () => {
  const forwards = [forward('gpu01', 8000, 16_100), forward('gpu02', 8000, 16_101)];
  const { user } = await openWindow(snapshot({ hosts, forwards }), { view: 'forwards' });
  await user.type(screen.getByRole('combobox', { name: /^Filter/ }), 'gpu01');
  expect(screen.getByText('1 of 2 forwards')).toBeTruthy();
  act(() => reveal({ view: 'forwards', id: 'gpu02:8000' }));
  const stop = await screen.findByRole('button', { name: 'Stop forward to gpu02:8000' });
  await waitFor(() => expect(stop.closest('tr')?.dataset.marked).toBe('true'));
});
