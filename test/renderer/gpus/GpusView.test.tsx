import { act, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, test } from 'vitest';
import { type ErrorCode, type Failure, failedKind } from '#common/failure.ts';
import type { Host } from '#common/hosts.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import { reveal } from '../../../renderer/state/route.ts';
import { aFailure, aProcess } from '../../support/samples.ts';
import { busyGpu, failedHost, gpu, host, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const rowNames = () =>
  screen.getAllByRole('rowheader').map((header) => within(header).getByRole('button').textContent);

function rowOf(name: string): HTMLElement {
  const row = screen.getByRole('button', { name }).closest('tr');
  if (row === null) throw new Error(`no row ${name}`);
  return row;
}

test('hosts stand by idle GPUs, each with its strip, free count, load, memory and people', async () => {
  const { container } = await openWindow(
    snapshot({
      hosts: [host('few', 1, 3), host('many', 6, 2), host('none', 0, 2)],
      servers: [server('many', 8000, ['meta-llama/Llama-3.1-8B'])],
    }),
  );
  expect(rowNames()).toEqual(['many', 'few', 'none']);
  const row = rowOf('many');
  expect(within(row).getByRole('img', { name: '8 GPUs: 6 idle, 2 busy' })).toBeTruthy();
  expect(row.textContent).toContain('6 of 8 free');
  expect(row.textContent).toContain('23 %');
  expect(row.textContent).toContain('141 / 637 GiB');
  expect(row.textContent).toContain('66 °C');
  expect(row.textContent).toContain('alice');
  expect(row.textContent).toContain('Llama-3.1-8B');
  await expectAccessible(container);
});

test('a GPU in error and one that says nothing are neither idle nor busy', async () => {
  const silent = gpu(3, { utilPct: null, memUsedMiB: null });
  const gpus = [gpu(0), busyGpu(1), gpu(2, { problem: 'GPU requires reset' }), silent];
  await openWindow(snapshot({ hosts: [host('mixed', 0, 0, { gpus })] }));
  expect(screen.getByRole('img', { name: '4 GPUs: 1 idle, 1 busy, 1 in error, 1 unknown' })).toBeTruthy();
});

test('a host that stopped answering keeps its row and claims nothing about now', async () => {
  const state = { kind: 'stale', failure: aFailure('connection-lost') } as const;
  await openWindow(snapshot({ hosts: [host('old', 2, 2, { state })] }));
  expect(screen.getByRole('img', { name: '4 GPUs, stale' })).toBeTruthy();
  expect(rowOf('old').textContent).toContain('Stopped answering');
  expect(rowOf('old').textContent).toContain('– of 4 free');
});

test('a host being scanned says how far it is', async () => {
  const hosts = [
    host('waits', 0, 0, { state: { kind: 'queued' } }),
    host('logs-in', 0, 0, { state: { kind: 'connecting', step: 'authenticate' } }),
  ];
  await openWindow(snapshot({ hosts }));
  expect(rowOf('waits').textContent).toContain('Queued');
  expect(rowOf('logs-in').textContent).toContain('Logging in');
});

test('a row unfolds by keyboard to its GPUs, processes, driver and ssh command', async () => {
  const { user, container } = await openWindow(snapshot({ hosts: [host('gpu01', 1, 1)] }));
  const button = screen.getByRole('button', { name: 'gpu01' });
  expect(button.getAttribute('aria-expanded')).toBe('false');
  act(() => button.focus());
  await user.keyboard('{Enter}');
  expect(button.getAttribute('aria-expanded')).toBe('true');
  const table = screen.getByRole('table', { name: 'GPUs of gpu01' });
  expect(within(table).getByText('Idle')).toBeTruthy();
  expect(within(table).getByText('Busy')).toBeTruthy();
  expect(within(table).getByText('python train.py')).toBeTruthy();
  expect(screen.getByText('550.54.15')).toBeTruthy();
  expect(screen.getByText('me@gpu01.example.org:22')).toBeTruthy();
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'Copy ssh command: ssh gpu01' }));
  expect(await navigator.clipboard.readText()).toBe('ssh gpu01');
  expect(await screen.findByText('Copied ssh command')).toBeTruthy();
});

test('hosts that failed are a folded group with cause, remedy, command and try again', async () => {
  const detail = 'connect ETIMEDOUT 10.0.0.7:22';
  const { user, container, calls } = await openWindow(
    snapshot({
      hosts: [host('up', 1, 0), failedHost('off1', { detail, command: 'ssh off1 true' }), failedHost('off2')],
    }),
  );
  expect(rowNames()).toEqual(['up']);
  expect(screen.queryByText(detail)).toBeNull();
  await user.click(screen.getByRole('button', { name: '2 hosts did not answer' }));
  expect(screen.getAllByText(errorsEn['connection-timeout'].title)).toHaveLength(2);
  expect(screen.getAllByText(errorsEn['connection-timeout'].hint)).toHaveLength(2);
  expect(screen.getByText(detail)).toBeTruthy();
  expect(screen.getByText('ssh off1 true')).toBeTruthy();
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'Try again off1' }));
  expect(calls()).toEqual([{ name: 'scan.start', input: { hostIds: ['off1'] } }]);
});

describe('a failed host offers the step of its failure', () => {
  const failing = (code: ErrorCode, fields: Partial<Failure> = {}): Host => ({
    ...failedHost('off1'),
    state: { kind: failedKind(code), failure: aFailure(code, fields) },
  });
  const actionsOf = (name: string) =>
    within(screen.getByRole('region', { name }))
      .getAllByRole('button', { name: /^[^:]* off1$/ })
      .map((button) => button.textContent);
  const group = 'Hosts that did not answer';
  const key = { id: 'k', name: 'off1', type: 'ssh-ed25519', fingerprint: 'SHA256:x', file: '/f' };

  test('log in', async () => {
    const { user, calls } = await openWindow(snapshot({ hosts: [failing('auth-locked')] }));
    expect(actionsOf(group)).toEqual(['Log in off1', 'Try again off1', 'Switch off off1']);
    await user.click(screen.getByRole('button', { name: 'Log in off1' }));
    expect(calls()).toEqual([{ name: 'host.login', input: { hostIds: ['off1'] } }]);
  });

  test('review the key, and that one alone, in place of trying again', async () => {
    const other = { ...key, id: 'l', name: 'other', fingerprint: 'SHA256:y' };
    const waiting = { ...failing('hostkey-unknown', { hostKeyId: 'l' }), id: 'off2', alias: 'off2' };
    const { user, container, calls } = await openWindow(
      snapshot({ hosts: [failing('hostkey-unknown', { hostKeyId: 'k' }), waiting], hostKeys: [key, other] }),
    );
    expect(actionsOf(group)).toEqual(['Review key off1', 'Switch off off1']);
    await user.click(screen.getByRole('button', { name: 'Review key off1' }));
    const dialog = within(screen.getByRole('dialog'));
    expect(dialog.getByText('SHA256:x')).toBeTruthy();
    expect(dialog.queryByText('SHA256:y')).toBeNull();
    await expectAccessible(container);
    await user.click(dialog.getByRole('checkbox'));
    await user.click(dialog.getByRole('button', { name: 'Accept 1 key' }));
    expect(calls()).toEqual([{ name: 'hostKey.accept', input: { keyIds: ['k'] } }]);
  });

  test('copy the command', async () => {
    const { user } = await openWindow(
      snapshot({ hosts: [failing('hostkey-changed', { command: 'ssh-keygen -R off1' })] }),
    );
    expect(actionsOf(group)).toEqual(['Copy command off1', 'Try again off1', 'Switch off off1']);
    await user.click(screen.getByRole('button', { name: 'Copy command off1' }));
    expect(await navigator.clipboard.readText()).toBe('ssh-keygen -R off1');
  });

  test('and a problem of the settings opens their section', async () => {
    const { user } = await openWindow(snapshot({ problems: [{ code: 'no-tray', detail: '' }] }));
    await user.click(screen.getByRole('button', { name: 'Open settings' }));
    expect(window.location.hash).toBe('#settings/desktop');
  });
});

test('a failed host that is tried again stays in the group, and so does the focus', async () => {
  const { user, apply } = await openWindow(snapshot({ hosts: [host('up', 1, 0), failedHost('off1')] }));
  await user.click(screen.getByRole('button', { name: '1 host did not answer' }));
  const again = screen.getByRole('button', { name: 'Try again off1' });
  await user.click(again);
  apply({
    kind: 'host-changed',
    host: { ...failedHost('off1'), state: { kind: 'connecting', step: 'connect' } },
  });
  await waitFor(() => expect(again.getAttribute('aria-disabled')).toBe('true'));
  expect(document.activeElement).toBe(again);
  expect(rowNames()).toEqual(['up']);
  // What a cancelled scan leaves behind can be tried again too.
  apply({ kind: 'host-changed', host: { ...failedHost('off1'), state: { kind: 'unresolved' } } });
  await waitFor(() => expect(again.getAttribute('aria-disabled')).toBe('false'));
  expect(rowNames()).toEqual(['up']);
});

test('when no host answered the group is open', async () => {
  await openWindow(snapshot({ hosts: [failedHost('off1')] }));
  expect(screen.getByRole('heading', { name: 'No host answered' })).toBeTruthy();
  expect(screen.getByText(errorsEn['connection-timeout'].hint)).toBeTruthy();
});

test('with no host in the configuration it says what to write there', async () => {
  const { user, container, calls } = await openWindow(snapshot());
  expect(screen.getByRole('heading', { name: 'No host in /home/me/.ssh/config' })).toBeTruthy();
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'Scan again' }));
  expect(calls()).toEqual([{ name: 'scan.start', input: {} }]);
});

test('a patch for one host touches no other row', async () => {
  const { container, apply } = await openWindow(snapshot({ hosts: [host('a', 2, 0), host('b', 1, 1)] }));
  const touched = new Set<string>();
  const observer = new MutationObserver((records) => {
    for (const { target } of records) {
      const element = target instanceof Element ? target : target.parentElement;
      touched.add(element?.closest('tr')?.querySelector('button')?.textContent ?? 'elsewhere');
    }
  });
  const body = container.querySelector('tbody');
  if (body === null) throw new Error('no table');
  observer.observe(body, { subtree: true, childList: true, characterData: true, attributes: true });
  const hotter = [gpu(0), busyGpu(1, { utilPct: 40, temperatureC: 71 })];
  apply({ kind: 'host-changed', host: host('b', 0, 0, { gpus: hotter }) });
  await waitFor(() => expect(rowOf('b').textContent).toContain('71 °C'));
  observer.disconnect();
  expect([...touched]).toEqual(['b']);
});

test('rows hold still under the pointer and move when it leaves', async () => {
  const { user, apply } = await openWindow(snapshot({ hosts: [host('a', 3, 1), host('b', 2, 2)] }));
  await user.hover(screen.getByRole('button', { name: 'b' }));
  apply({ kind: 'host-changed', host: host('b', 4, 0) });
  await waitFor(() => expect(rowOf('b').textContent).toContain('4 of 4 free'));
  expect(rowNames()).toEqual(['a', 'b']);
  await user.hover(screen.getByRole('combobox'));
  await waitFor(() => expect(rowNames()).toEqual(['b', 'a']));
});

test('text from hosts is text, whatever it looks like', async () => {
  const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
  const processes = [{ ...aProcess, user: evil, command: evil, memUsedMiB: 1 }];
  const { user, container } = await openWindow(
    snapshot({
      hosts: [
        host('evil', 0, 0, {
          gpus: [busyGpu(0, { name: evil, processes, problem: evil })],
          driverVersion: evil,
        }),
        failedHost('worse', { detail: evil, command: evil }),
      ],
      servers: [server('evil', 8000, [evil])],
    }),
  );
  await user.click(screen.getByRole('button', { name: 'evil' }));
  await user.click(screen.getByRole('button', { name: '1 host did not answer' }));
  expect(screen.getAllByText(evil).length).toBeGreaterThanOrEqual(4);
  expect(container.querySelector('img, script')).toBeNull();
});

test('a column header sorts, says so, and is remembered', async () => {
  const shot = () => snapshot({ hosts: [host('b10', 1, 0), host('b9', 3, 1), host('a', 0, 2)] });
  const { user, container } = await openWindow(shot());
  const header = (name: string) => screen.getByRole('columnheader', { name });
  expect(header('Free').getAttribute('aria-sort')).toBe('descending');
  expect(header('Host').getAttribute('aria-sort')).toBe('none');
  await user.click(within(header('Host')).getByRole('button'));
  expect(rowNames()).toEqual(['a', 'b9', 'b10']);
  await user.click(within(header('Host')).getByRole('button'));
  expect(rowNames()).toEqual(['b10', 'b9', 'a']);
  expect(header('Host').getAttribute('aria-sort')).toBe('descending');
  await expectAccessible(container);
  const kept = window.localStorage.getItem('vllm-tray.gpus-sort');
  closeWindow();
  window.localStorage.setItem('vllm-tray.gpus-sort', kept ?? '');
  await openWindow(shot());
  expect(rowNames()).toEqual(['b10', 'b9', 'a']);
});

test('a press anywhere in a row unfolds it, but not on a link in it', async () => {
  const { user } = await openWindow(
    snapshot({ hosts: [host('gpu01', 1, 0)], servers: [server('gpu01', 8000, ['org/Llama'])] }),
  );
  await user.click(screen.getByText('0 %'));
  expect(screen.getByRole('table', { name: 'GPUs of gpu01' })).toBeTruthy();
  await user.click(screen.getByText('0 %', { selector: '[data-table="gpus"] td' }));
  expect(screen.queryByRole('table', { name: 'GPUs of gpu01' })).toBeNull();
  await user.click(screen.getByRole('link', { name: 'Llama' }));
  expect(window.location.hash).toBe('#models/gpu01%3A8000');
});

test('a place in the address is shown, focused and marked, also where the filter or a fold hides it', async () => {
  const { user } = await openWindow(
    snapshot({ hosts: [host('up', 1, 0), host('other', 1, 0), failedHost('off')] }),
  );
  await user.type(screen.getByRole('combobox'), 'other');
  expect(rowNames()).toEqual(['other']);
  act(() => reveal({ view: 'gpus', id: 'up' }));
  await waitFor(() => expect(rowOf('up').dataset.marked).toBe('true'));
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'up' }));
  await user.type(screen.getByRole('combobox'), ' ');
  expect(rowNames()).toEqual(['other']);
  await user.click(screen.getByRole('button', { name: 'Clear filter' }));
  act(() => reveal({ view: 'gpus', id: 'off' }));
  const again = await screen.findByRole('button', { name: 'Try again off' });
  await waitFor(() => expect(document.activeElement).toBe(again));
});

test('a host that failed tells when it is tried again, and can be logged in to', async () => {
  const locked = {
    ...failedHost('locked'),
    state: { kind: 'auth-needed', failure: aFailure('auth-locked', { nextAttemptAt: Date.now() + 95_000 }) },
  } as const;
  const { user, calls } = await openWindow(snapshot({ hosts: [host('up', 1, 0), locked] }));
  await user.click(screen.getByRole('button', { name: '1 host did not answer' }));
  expect(screen.getByText(/^next try in 1 min$/)).toBeTruthy();
  // Who looks need not wait for it.
  expect(calls()).toEqual([{ name: 'host.look', input: { hostIds: ['locked'] } }]);
  const group = within(screen.getByRole('region', { name: 'Hosts that did not answer' }));
  await user.click(group.getByRole('button', { name: /^Log in/ }));
  expect(calls().at(-1)).toEqual({ name: 'host.login', input: { hostIds: ['locked'] } });
});

describe('hosts in groups', () => {
  const inGroups = [
    host('a1', 1, 7, { group: 'a100' }),
    host('alone', 2, 0),
    host('h1', 4, 4, { group: 'h100' }),
    host('h2', 8, 0, { group: 'h100' }),
  ];
  const head = (name: RegExp) => screen.getByRole('button', { name });
  const open = (row?: string) => openWindow(snapshot({ hosts: inGroups }), row === undefined ? {} : { row });

  test('stand below the headline of their group, in the order of the configuration, most idle first within', async () => {
    const { container } = await open();
    expect(rowNames()).toEqual([
      'a100: 1 of 8 free 1 host',
      'a1',
      'h100: 12 of 16 free 2 hosts',
      'h2',
      'h1',
      'Other hosts: 2 of 2 free 1 host',
      'alone',
    ]);
    await expectAccessible(container);
  });

  test('fold, and stay folded in the next window', async () => {
    const { user } = await open();
    await user.click(head(/^h100:/));
    expect(head(/^h100:/).getAttribute('aria-expanded')).toBe('false');
    expect(rowNames()).toEqual([
      expect.stringMatching(/^a100/),
      'a1',
      expect.stringMatching(/^h100/),
      expect.stringMatching(/^Other/),
      'alone',
    ]);
    const kept = window.localStorage.getItem('vllm-tray.gpus-folded');
    closeWindow();
    window.localStorage.setItem('vllm-tray.gpus-folded', kept ?? '');
    const again = await open();
    expect(screen.queryByRole('button', { name: 'h1' })).toBeNull();
    await again.user.click(head(/^h100:/));
    expect(screen.getByRole('button', { name: 'h1' })).toBeTruthy();
  });

  test('that are folded show what a filter finds, and the row that the address asks for', async () => {
    const { user } = await open();
    await user.click(head(/^h100:/));
    await user.keyboard('/group:h1');
    await waitFor(() => expect(rowNames()).toEqual(['h100: 12 of 16 free 2 hosts', 'h2', 'h1']));
    await user.click(head(/^h100:/));
    expect(rowNames()).toEqual(['h100: 12 of 16 free 2 hosts']);
    await user.keyboard('{Escape}{Escape}');
    await waitFor(() => expect(screen.queryByRole('button', { name: 'h1' })).toBeNull());
    act(() => reveal({ view: 'gpus', id: 'h1' }));
    await screen.findByRole('button', { name: 'h1' });
  });

  test('follow when the configuration is read again, and are gone when no host has one', async () => {
    const { apply } = await open();
    const listed = inGroups.map((one) => ({ ...one, group: null }));
    act(() => apply({ kind: 'hosts-listed', hosts: listed, excludedAliases: [], problems: [] }));
    await waitFor(() => expect([...rowNames()].sort()).toEqual(['a1', 'alone', 'h1', 'h2']));
  });

  test('in Russian too', async () => {
    const settings = { ...snapshot().settings, language: 'ru' } as const;
    await openWindow(snapshot({ hosts: inGroups, settings }));
    const names = rowNames().map((name) => name?.replaceAll('\u00a0', ' '));
    expect(names).toContain('h100: свободно 12 из 16 2 хоста');
    expect(names).toContain('Остальные хосты: свободно 2 из 2 1 хост');
  });
});
