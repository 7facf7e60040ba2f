import { act, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { AutoForwardEntry, AutoForwardStatus, Forward } from '#common/forwards.ts';
import { defaultSettings } from '#common/settings.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import { reveal } from '../../../renderer/state/route.ts';
import { aFailure } from '../../support/samples.ts';
import { forward, host, otherForward, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

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
  expect(first?.textContent).toContain('112 total');
  expect(first?.textContent).toContain('48.3 MB');
  expect(first?.textContent).toContain('1.2 kB');
  expect(first?.textContent).toContain(errorsEn['target-refused'].title);
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
    'A port from 1 to 65535, host:port beyond it, or the path of a socket.',
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
        throw new AppError('port-in-use', { detail: '16100 is held by python3 (pid 42); 16101 is free' });
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
  expect((await form.findByRole('alert')).textContent).toBe(
    `${errorsEn['port-in-use'].title}: 16100 is held by python3 (pid 42); 16101 is free.`,
  );
  expect(local.getAttribute('aria-invalid')).toBe('true');
  await user.type(local, '1');
  expect(form.queryByRole('alert')).toBeNull();
});

test('a forward leads beyond its host, to a port or a socket; tmux sessions do not', async () => {
  const { user, calls } = await openWindow(snapshot({ hosts }), { view: 'forwards' });
  const form = within(screen.getByRole('form', { name: 'Open a forward' }));
  await user.selectOptions(form.getByLabelText('Host'), 'gpu01');
  const remote = form.getByLabelText('Remote port');
  await user.type(remote, 'node7:8000');
  expect(form.getByRole('button', { name: 'As a tmux session' }).getAttribute('aria-disabled')).toBe('true');
  await user.type(remote, '{Enter}');
  await waitFor(() => expect(remote).toHaveProperty('value', ''));
  await user.type(remote, '/run/vllm.sock{Enter}');
  expect(calls()).toEqual([
    { name: 'forward.open', input: { hostId: 'gpu01', remotePort: 8000, remoteHost: 'node7' } },
    { name: 'forward.open', input: { hostId: 'gpu01', remoteSocket: '/run/vllm.sock' } },
  ]);
});

test('a pasted line of ssh fills the form, and opens all that it asks for when it is sent', async () => {
  const none = { remotePort: null, remoteHost: null, remoteSocket: null };
  const { user, calls, container } = await openWindow(snapshot({ hosts }), {
    view: 'forwards',
    handlers: {
      'forward.read': () => ({
        hostId: 'gpu02',
        forwards: [
          { ...none, remotePort: 8000, remoteHost: 'node7', localPort: 9000 },
          { ...none, remoteSocket: '/run/a.sock', localPort: 9001 },
        ],
        ignored: ['/tmp/x:node7:80'],
      }),
    },
  });
  const form = within(screen.getByRole('form', { name: 'Open a forward' }));
  const line = 'ssh -N -L 9000:node7:8000 -L 9001:/run/a.sock -L /tmp/x:node7:80 gpu02';
  await user.click(form.getByLabelText('Remote port'));
  await user.paste(line);
  expect(await form.findByText('localhost:9001 → /run/a.sock')).toBeTruthy();
  expect(form.getByLabelText('Host')).toHaveProperty('value', 'gpu02');
  expect(form.getByLabelText('Remote port')).toHaveProperty('value', 'node7:8000');
  expect(form.getByLabelText('Local port')).toHaveProperty('value', '9000');
  expect(form.getByText('Left out: /tmp/x:node7:80')).toBeTruthy();
  await expectAccessible(container);
  expect(calls()).toEqual([{ name: 'forward.read', input: { line } }]);
  await user.click(form.getByRole('button', { name: 'Open 2 forwards' }));
  await waitFor(() => expect(form.queryByText('localhost:9001 → /run/a.sock')).toBeNull());
  expect(calls().slice(1)).toEqual([
    {
      name: 'forward.open',
      input: { hostId: 'gpu02', remotePort: 8000, remoteHost: 'node7', localPort: 9000 },
    },
    { name: 'forward.open', input: { hostId: 'gpu02', localPort: 9001, remoteSocket: '/run/a.sock' } },
  ]);
});

test('a pasted line that cannot be read says why, and other texts are pasted as ever', async () => {
  const { user, calls } = await openWindow(snapshot({ hosts }), {
    view: 'forwards',
    handlers: {
      'forward.read': () => {
        throw new AppError('not-found', { detail: 'no host of the list is other' });
      },
    },
  });
  const form = within(screen.getByRole('form', { name: 'Open a forward' }));
  await user.click(form.getByLabelText('Remote port'));
  await user.paste('8000');
  expect(form.getByLabelText('Remote port')).toHaveProperty('value', '8000');
  expect(calls()).toEqual([]);
  await user.paste('ssh -L 9000:node7:8000 other');
  expect((await form.findByRole('alert')).textContent).toContain(errorsEn['not-found'].title);
});

const away = aFailure('connection-lost', { step: 'forward', nextAttemptAt: Date.now() + 1_800_000 });

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
  expect(down?.textContent).toMatch(/Reconnectingnext try in \d+ min/);
  expect(silent?.textContent).toContain('ListeningModel does not answer');
  expect(silent?.querySelector('[data-mood="warning"]')).toBeTruthy();
  expect(well?.textContent).toContain('ListeningModel answers');
  await user.click(screen.getByRole('button', { name: /^gpu01 ?:8000/, expanded: false }));
  expect(screen.getAllByText(errorsEn['connection-lost'].hint)).toHaveLength(2);
  expect(screen.getAllByText(/^next try in \d/)).toHaveLength(2);
  await user.click(screen.getByRole('button', { name: /^gpu01 ?:8001/ }));
  expect(screen.getAllByText('ECONNREFUSED').length).toBeGreaterThan(1);
  await user.click(screen.getByRole('button', { name: /^gpu01 ?:8002/ }));
  expect(screen.getByText('opened by the auto-forward rules')).toBeTruthy();
  expect(screen.getByText('reserved for this target, even while closed')).toBeTruthy();
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
    screen.getByRole('button', { name: 'Reserve port 16100 for this target', pressed: false }),
  );
  await user.click(screen.getByRole('button', { name: 'Release reserved port 16101', pressed: true }));
  expect(calls()).toEqual([
    { name: 'forward.retry', input: { forwardId: 'gpu01:8000' } },
    { name: 'forward.pin', input: { forwardId: 'gpu01:8000', pinned: true } },
    { name: 'forward.pin', input: { forwardId: 'gpu02:8000', pinned: false } },
  ]);
});

test('all are stopped only after a yes that says what breaks', async () => {
  const { user, calls, container } = await openWindow(
    snapshot({
      hosts,
      forwards: [forward('gpu01', 8000, 16_100), forward('gpu02', 8000, 16_101, { origin: 'auto' })],
    }),
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
  expect(await screen.findByText('Stopped 2 forwards')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Undo' }));
  expect(calls().slice(1)).toEqual([
    {
      name: 'forward.open',
      input: { hostId: 'gpu01', remotePort: 8000, origin: 'user', localPort: 16_100 },
    },
    // What the rules had opened is theirs again.
    {
      name: 'forward.open',
      input: { hostId: 'gpu02', remotePort: 8000, origin: 'auto', localPort: 16_101 },
    },
  ]);
});

test('a forward gets a name from its menu, is found by it, and loses it', async () => {
  const named = forward('gpu01', 8000, 16_100, { label: 'evaluation' });
  const { user, calls, container } = await openWindow(
    snapshot({ hosts, forwards: [named, forward('gpu02', 8000, 16_101)] }),
    { view: 'forwards' },
  );
  await user.pointer({
    target: screen.getByRole('button', { name: /gpu02 ?:8000/, expanded: false }),
    keys: '[MouseRight]',
  });
  await user.click(screen.getByRole('menuitem', { name: 'Give it a name…' }));
  await expectAccessible(container);
  await user.type(screen.getByRole('textbox', { name: 'Name' }), ' load test{Enter}');
  expect(calls()).toEqual([
    { name: 'forward.label', input: { forwardId: 'gpu02:8000', label: ' load test' } },
  ]);
  expect(screen.queryByRole('dialog')).toBeNull();
  await user.type(screen.getByRole('combobox', { name: /^Filter/ }), 'evalu');
  const [, only] = screen.getAllByRole('row');
  expect(only?.textContent).toContain('evaluation');
  await user.pointer({ target: screen.getByText('evaluation'), keys: '[MouseRight]' });
  await user.click(screen.getByRole('menuitem', { name: 'Change its name…' }));
  await user.clear(screen.getByRole('textbox', { name: 'Name' }));
  await user.keyboard('{Enter}');
  expect(calls().at(-1)).toEqual({ name: 'forward.label', input: { forwardId: 'gpu01:8000', label: '' } });
});

describe.each([
  ['in its bar', 'forwards', undefined],
  ['in the settings', 'settings', 'forwards'],
] as const)('auto-forward switched off %s', (_name, view, row) => {
  const settings = { ...defaultSettings, autoForward: { ...defaultSettings.autoForward, enabled: true } };
  const off = { name: 'settings.update', input: { change: { autoForward: defaultSettings.autoForward } } };
  const auto = (hostId: string, localPort: number) => forward(hostId, 8000, localPort, { origin: 'auto' });
  const switchOff = async (forwards: readonly Forward[]) => {
    const opened = await openWindow(snapshot({ hosts, settings, forwards }), {
      view,
      ...(row !== undefined && { row }),
    });
    await opened.user.click(screen.getByRole('switch', { name: /auto-forward|Forward every model/i }));
    return opened;
  };
  const press = (name: string) => within(screen.getByRole('dialog')).getByRole('button', { name });

  test('asks nothing where its rules have opened nothing', async () => {
    const { calls } = await switchOff([forward('gpu01', 8000, 16_100)]);
    expect(calls()).toEqual([off]);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  test('keeps what they have opened', async () => {
    const { user, calls, container } = await switchOff([auto('gpu01', 16_100)]);
    expect(calls()).toEqual([]);
    expect(screen.getByText('1 connection through it will break.')).toBeTruthy();
    await expectAccessible(container);
    await user.click(press('Keep open'));
    expect(calls()).toEqual([{ name: 'autoForward.off', input: { stop: false } }]);
  });

  test('stops it, and can be taken back; what a person has opened stays', async () => {
    const { user, calls } = await switchOff([auto('gpu01', 16_100), forward('gpu02', 8000, 16_101)]);
    await user.click(press('Stop'));
    expect(calls()).toEqual([{ name: 'autoForward.off', input: { stop: true } }]);
    expect(await screen.findByText('Stopped 1 forward')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    expect(calls().at(-1)).toEqual({
      name: 'settings.update',
      input: { change: { autoForward: settings.autoForward } },
    });
  });

  test('stays on after Cancel', async () => {
    const { user, calls } = await switchOff([auto('gpu01', 16_100)]);
    await user.click(press('Cancel'));
    expect(calls()).toEqual([]);
    expect(
      screen.getByRole('switch', { name: /auto-forward|Forward every model/i, checked: true }),
    ).toBeTruthy();
  });
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
      handlers: { 'tmux.open': () => otherForward('vllmctl_gpu01_8000_16105', 16_105) },
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
    expect((await form.findByRole('alert')).textContent).toMatch(/^tmux failed\. .*\(lost server\)$/);
  });

  test('is not offered where there is no tmux', async () => {
    const otherForwards = {
      tmux: 'missing',
      processes: 'available',
      forwards: [],
      lookedAt: Date.now(),
    } as const;
    const { user, calls } = await openWindow(snapshot({ hosts, otherForwards }), { view: 'forwards' });
    const button = screen.getByRole('button', { name: 'As a tmux session' });
    expect([button.getAttribute('aria-disabled'), button.title]).toEqual([
      'true',
      'There is no tmux on this computer',
    ]);
    await user.click(button);
    expect(calls()).toEqual([]);
    expect(screen.getByText(/sessions cannot be listed or opened/)).toBeTruthy();
  });
});

describe('auto-forward', () => {
  test('is a switch that says its rules, and leads to them', async () => {
    const { user, calls } = await openWindow(snapshot({ hosts }), { view: 'forwards' });
    const toggle = screen.getByRole('switch', { name: 'Auto-forward' });
    expect(document.getElementById(toggle.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
      'Off. Would forward: every model, on all hosts; closes 1 min after its model is gone.',
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
    expect(screen.getByRole('button', { name: /Auto-forward results/ }).textContent).toContain(
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
    const title = screen.getByRole('button', { name: /Auto-forward results/ });
    expect(title.textContent).toContain('2 × forwarded · 1 × no free port · 1 × excluded by the rules');
    await user.click(title);
    const rows = screen.getAllByRole('row').map(({ textContent }) => textContent);
    expect(rows).toContain('m1gpu01:1localhost:16100Forwarded');
    expect(rows).toContain(`m4gpu01:4–No free port${errorsEn['ports-exhausted'].title}: 16100-16199`);
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
