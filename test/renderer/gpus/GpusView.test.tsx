import { act, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { errors } from '#common/errors.ts';
import { reveal } from '../../renderer/state/route.ts';
import { aFailure, aProcess } from '../samples.ts';
import { busyGpu, failedHost, gpu, host, server, snapshot } from './samples.ts';
import { closeWindow, expectAccessible, openWindow } from './window.tsx';

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
  expect(screen.getByRole('img', { name: '4 GPUs, values are old' })).toBeTruthy();
  expect(rowOf('old').textContent).toContain('Stopped answering');
  expect(rowOf('old').textContent).toContain('– of 4 free');
});

test('a host being scanned says how far it is', async () => {
  const hosts = [
    host('waits', 0, 0, { state: { kind: 'queued' } }),
    host('logs-in', 0, 0, { state: { kind: 'connecting', step: 'authenticate' } }),
  ];
  await openWindow(snapshot({ hosts }));
  expect(rowOf('waits').textContent).toContain('Waiting for its turn');
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
  expect(screen.getAllByText(errors['connection-timeout'].title)).toHaveLength(2);
  expect(screen.getAllByText(errors['connection-timeout'].hint)).toHaveLength(2);
  expect(screen.getByText(detail)).toBeTruthy();
  expect(screen.getByText('ssh off1 true')).toBeTruthy();
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'Try again off1' }));
  expect(calls()).toEqual([{ name: 'scan.start', input: { hostIds: ['off1'] } }]);
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
  expect(screen.getByText(errors['connection-timeout'].hint)).toBeTruthy();
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
  await user.click(screen.getByText('0 %', { selector: '.host-row td' }));
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
  await user.clear(screen.getByRole('combobox'));
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
  expect(screen.getByText(/^next try in 1:3\d$/)).toBeTruthy();
  const group = within(screen.getByRole('region', { name: 'Hosts that did not answer' }));
  await user.click(group.getByRole('button', { name: /^Log in/ }));
  expect(calls()).toEqual([{ name: 'host.login', input: { hostIds: ['locked'] } }]);
});
