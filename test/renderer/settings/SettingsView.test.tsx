import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { newPrometheusSource } from '#common/prometheus.ts';
import { defaultSettings, type Settings } from '#common/settings.ts';
import { isUsable } from '#common/settings-form.ts';
import { readNumber, writeNumber } from '../../../renderer/lib/number-text.ts';
import { ruleKinds } from '../../../renderer/settings/rules.ts';
import { sections } from '../../../renderer/settings/sections.ts';
import { host, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, type OpenOptions, openWindow } from '../window.tsx';

afterEach(() => {
  closeWindow();
  vi.unstubAllGlobals();
});

async function open(row: string, settings: Partial<Settings> = {}, options: OpenOptions = {}) {
  const window = await openWindow(
    snapshot({
      hosts: [host('gpu2', 1, 0, { labels: { rack: 'r1', cluster: 'a' } }), host('gpu10', 0, 1)],
      excludedAliases: ['gpu1'],
      settings: { ...defaultSettings, excludedHosts: ['gpu1'], welcomed: true, ...settings },
    }),
    { view: 'settings', row, ...options },
  );
  const changes = () =>
    window
      .calls()
      .flatMap(({ name, input }) =>
        name === 'settings.update' ? [(input as { change: Partial<Settings> }).change] : [],
      );
  return { ...window, changes };
}

test('the sections are named in the address, and every one is accessible', async () => {
  const { user, container } = await open('hosts');
  const links = within(screen.getByRole('navigation', { name: 'Section' }));
  for (const link of links.getAllByRole('link')) {
    await user.click(link);
    const title = link.textContent;
    await screen.findByRole('heading', { level: 2, name: title });
    expect(link.getAttribute('aria-current')).toBe('true');
    await expectAccessible(container);
  }
  expect(links.getAllByRole('link')).toHaveLength(sections.length);
  await user.selectOptions(links.getByRole('combobox'), 'Scanning');
  await screen.findByRole('heading', { level: 2, name: 'Scanning' });
});

describe('numbers', () => {
  test('are stored when the field is left, in their own unit, the group whole', async () => {
    const { user, changes } = await open('scanning');
    const field = screen.getByLabelText('While the window is shown');
    expect(field).toHaveProperty('value', '5');
    await user.clear(field);
    await user.type(field, '2.5');
    expect(changes()).toEqual([]);
    await user.tab();
    expect(changes()).toEqual([{ cadence: { ...defaultSettings.cadence, gpusMs: 2500 } }]);
    await waitFor(() => expect(field).toHaveProperty('value', '2.5'));
  });

  test('a change builds on the one before that is still on its way', async () => {
    const handlers = { 'settings.update': () => new Promise<void>(() => undefined) };
    const { user, changes } = await open('scanning', {}, { handlers });
    await user.type(screen.getByLabelText('Hosts in a scan'), '{Control>}a{/Control}32');
    await user.type(screen.getByLabelText('Logins'), '{Control>}a{/Control}8{Enter}');
    const { limits } = defaultSettings;
    expect(changes()).toEqual([
      { limits: { ...limits, hosts: 32 } },
      { limits: { ...limits, hosts: 32, handshakes: 8 } },
    ]);
  });

  test('that are not allowed are said at the field and not sent; Escape brings the stored one back', async () => {
    const { user, changes, container } = await open('idle');
    const field = screen.getByLabelText('Utilisation at most');
    await user.clear(field);
    await user.type(field, '101{Enter}');
    expect(screen.getByRole('alert').textContent).toBe('A number from 0 to 100 %');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    await expectAccessible(container);
    await user.keyboard('{Escape}');
    expect(field).toHaveProperty('value', '5');
    expect(screen.queryByRole('alert')).toBeNull();
    expect(changes()).toEqual([]);
  });

  test.each([
    ['5', 5000],
    [' 1 000 ', null],
    ['2,5', 2500],
    ['0.3', null],
    ['1.001', 1001],
    ['1.0001', null],
    ['600', 600_000],
    ['601', null],
    ['', null],
    ['-5', null],
    ['1e3', null],
    ['0x5', null],
  ])('read "%s" as %s', (text, value) => {
    expect(readNumber(text, { range: { from: 1000, to: 600_000, whole: true }, factor: 1000 })).toBe(value);
  });

  test('are written as they are read', () => {
    expect(writeNumber(2500, 1000, 'en')).toBe('2.5');
    expect(writeNumber(2500, 1000, 'ru')).toBe('2,5');
    expect(writeNumber(1_000_000, 1, 'en')).toBe('1000000');
  });
});

describe('hosts', () => {
  const switchOf = (alias: string) => screen.getByRole('switch', { name: new RegExp(`^${alias}\\b`) });

  test('all stand in one list by name, and a switch is one change that can be taken back', async () => {
    const { user, changes } = await open('hosts');
    const names = screen.getAllByRole('switch').map((one) => one.closest('label')?.textContent);
    expect(names).toEqual(['gpu1', 'gpu2me@gpu2.example.org', 'gpu10me@gpu10.example.org']);
    expect(switchOf('gpu1')).toHaveProperty('checked', false);
    expect(screen.getByText('2 of 3 hosts switched on')).toBeTruthy();
    await user.click(switchOf('gpu10'));
    expect(changes()).toEqual([{ excludedHosts: ['gpu1', 'gpu10'] }]);
    await screen.findByText('1 of 3 hosts switched on');
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    await screen.findByText('2 of 3 hosts switched on');
    expect(changes().at(-1)).toEqual({ excludedHosts: ['gpu1'] });
  });

  test('the filter finds, and all on or off means those that were found', async () => {
    const { user, changes } = await open('hosts');
    await user.keyboard('/');
    await user.keyboard('GPU1');
    expect(screen.getAllByRole('switch')).toHaveLength(2);
    await user.click(screen.getByRole('button', { name: 'Switch matching off' }));
    expect(changes()).toEqual([{ excludedHosts: ['gpu1', 'gpu10'] }]);
    await user.clear(screen.getByRole('textbox', { name: 'Find a host' }));
    await user.click(screen.getByRole('button', { name: 'All on' }));
    expect(changes().at(-1)).toEqual({ excludedHosts: [] });
    await user.type(screen.getByRole('textbox', { name: 'Find a host' }), 'nothing');
    expect(screen.getByText('No host name matches.')).toBeTruthy();
  });

  test('of a thousand only those in view exist', async () => {
    const { user, container } = await openWindow(
      snapshot({ hosts: Array.from({ length: 1000 }, (_, n) => host(`node${n}`, 0, 0)) }),
      { view: 'settings' },
    );
    expect(screen.getAllByRole('switch').length).toBeLessThan(40);
    expect(screen.getByText('1,000 of 1,000 hosts switched on')).toBeTruthy();
    await user.type(screen.getByRole('textbox', { name: 'Find a host' }), 'node999');
    expect(screen.getAllByRole('switch')).toHaveLength(1);
    await expectAccessible(container);
  });

  test('the pattern tells what it matches while it is typed, and must be one', async () => {
    const { user, changes } = await open('hosts');
    const field = screen.getByLabelText('Only hosts whose name matches');
    await user.type(field, '^gpu1');
    expect(screen.getByText('Matches 2 of 3 hosts.')).toBeTruthy();
    await user.type(field, '(');
    expect(screen.getByRole('alert').textContent).toBe('This is not a regular expression.');
    await user.type(field, '{Enter}');
    expect(changes()).toEqual([]);
    await user.type(field, '{Backspace}{Enter}');
    expect(changes()).toEqual([{ hostPattern: '^gpu1' }]);
    await screen.findByText('Excluded by the pattern');
  });

  test('each may have an SSH client of its own', async () => {
    const { user, changes } = await open('hosts', { ssh: { transport: 'auto', hosts: { gpu2: 'system' } } });
    await user.selectOptions(screen.getByLabelText('SSH client for gpu10'), 'Built-in');
    await user.selectOptions(await screen.findByLabelText('SSH client for gpu2'), 'Default client');
    await user.selectOptions(screen.getByLabelText('SSH client'), 'System’s ssh');
    expect(changes().map(({ ssh }) => ssh)).toEqual([
      { transport: 'auto', hosts: { gpu2: 'system', gpu10: 'built-in' } },
      { transport: 'auto', hosts: { gpu10: 'built-in' } },
      { transport: 'system', hosts: { gpu10: 'built-in' } },
    ]);
  });
});

describe('lists', () => {
  test('of ports take several at once, in order, and nothing else', async () => {
    const { user, changes } = await open('servers');
    const field = screen.getByLabelText('Additional ports to check');
    await user.type(field, '9000 8000,');
    expect(changes()).toEqual([{ modelPorts: { extra: [8000, 9000], skip: [] } }]);
    await user.type(field, '70000{Enter}');
    expect(screen.getByRole('alert').textContent).toBe('A port is a number from 1 to 65535.');
    expect(field).toHaveProperty('value', '70000');
    await user.click(await screen.findByRole('button', { name: 'Remove 8000' }));
    expect(changes().at(-1)).toEqual({ modelPorts: { extra: [9000], skip: [] } });
    expect(changes()).toHaveLength(2);
  });

  test('of names belong to their setting', async () => {
    const { user, changes } = await open('forwards');
    await user.type(screen.getByLabelText('Not these models'), 'acme/*{Enter}');
    await user.click(screen.getByRole('switch', { name: 'Forward every model automatically' }));
    const { autoForward } = defaultSettings;
    expect(changes()).toEqual([
      { autoForward: { ...autoForward, denyModels: ['acme/*'] } },
      { autoForward: { ...autoForward, denyModels: ['acme/*'], enabled: true } },
    ]);
  });

  test.each([
    ['forwards', 'Not these models', 200],
    ['notifications', 'Mute these hosts', 300],
  ])('of names in %s say how long one may be, and take one that is as long', async (row, label, most) => {
    const { user, changes } = await open(row);
    const field = screen.getByLabelText(label);
    await user.click(field);
    await user.paste('x'.repeat(most + 1));
    await user.keyboard('{Enter}');
    expect(screen.getByRole('alert').textContent).toBe(`A name has at most ${most} letters.`);
    expect(changes()).toEqual([]);
    await user.keyboard('{Backspace}{Enter}');
    expect(screen.queryByRole('alert')).toBeNull();
    expect(isUsable(changes()[0])).toBe(true);
    expect(await screen.findByRole('button', { name: `Remove ${'x'.repeat(most)}` })).toBeTruthy();
  });
});

test('the two ends of the port range go together', async () => {
  const { user, changes } = await open('forwards');
  const first = screen.getByLabelText('First local port');
  await user.clear(first);
  await user.type(first, '17000');
  await user.tab();
  expect(screen.getByRole('alert').textContent).toContain('the first not above the last');
  expect(changes()).toEqual([]);
  const last = screen.getByLabelText('Last local port');
  await user.clear(last);
  await user.type(last, '17099{Enter}');
  expect(changes()).toEqual([{ localPorts: { from: 17_000, to: 17_099 } }]);
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
});

test('language, theme and contrast apply at once', async () => {
  const { user } = await open('appearance');
  await user.selectOptions(screen.getByLabelText('Theme'), 'Dark');
  await user.selectOptions(screen.getByLabelText('Contrast'), 'More');
  await waitFor(() =>
    expect(document.documentElement.dataset).toMatchObject({ theme: 'dark', contrast: 'more' }),
  );
  await user.selectOptions(screen.getByLabelText('Language'), 'Русский');
  expect(await screen.findByRole('heading', { level: 2, name: 'Внешний вид' })).toBeTruthy();
  expect(document.documentElement.lang).toBe('ru');
});

describe('rules of notifications', () => {
  const rulesOf = (change: Partial<Settings> | undefined) => change?.notifications?.rules;

  test('of every kind can be made, are of use at once, and have their fields', async () => {
    const { user, changes, container } = await open('notifications', {
      notifications: { ...defaultSettings.notifications, rules: [] },
    });
    expect(screen.getByText('No rules, so no notifications.')).toBeTruthy();
    for (const [index] of ruleKinds.entries()) {
      await user.click(screen.getByRole('button', { name: 'Add a rule' }));
      await user.click(screen.getAllByRole('menuitem')[index] as HTMLElement);
      await expectAccessible(container);
      expect(changes()).toHaveLength(index);
      await user.click(screen.getByRole('button', { name: 'Save rule' }));
      await waitFor(() =>
        expect(screen.getAllByRole('button', { name: /^Remove:/ })).toHaveLength(index + 1),
      );
    }
    expect(rulesOf(changes().at(-1))?.map(({ kind }) => kind)).toEqual(ruleKinds);
    expect(new Set(rulesOf(changes().at(-1))?.map(({ id }) => id)).size).toBe(ruleKinds.length);
  });

  test('are edited aside, and stored when they are saved', async () => {
    const { user, changes } = await open('notifications');
    await user.click(screen.getByRole('button', { name: 'Add a rule' }));
    await user.click(screen.getByRole('menuitem', { name: 'GPUs are free' }));
    const count = screen.getByLabelText('Number of GPUs');
    expect(document.activeElement).toBe(count);
    await user.type(count, '{Control>}a{/Control}0');
    await user.click(screen.getByRole('button', { name: 'Save rule' }));
    expect(screen.getByRole('alert').textContent).toBe('A number from 1 to 10000');
    expect(document.activeElement).toBe(count);
    await user.type(count, '{Control>}a{/Control}4');
    await user.type(screen.getByLabelText('GPU kind'), 'H100');
    await user.type(screen.getByLabelText('Minimum memory per GPU'), '{Control>}a{/Control}40');
    await user.type(screen.getByLabelText('Only on these hosts'), 'gpu-*');
    await user.click(screen.getByRole('switch', { name: 'Only once' }));
    // One that is true tells as soon as it is stored: nothing is before it is whole.
    expect(changes()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Save rule' }));
    expect(await screen.findByText('4 GPUs are free on one host')).toBeTruthy();
    expect(screen.getByText('H100 · 40 GiB or more · on gpu-*')).toBeTruthy();
    const rules = rulesOf(changes().at(-1)) ?? [];
    expect(rules.slice(0, -1)).toEqual(defaultSettings.notifications.rules);
    expect(rules.at(-1)).toMatchObject({
      kind: 'gpus-free',
      atLeast: 4,
      counted: 'one-host',
      gpu: 'H100',
      memGiB: 40,
      once: false,
    });
    expect(changes()).toHaveLength(1);

    await user.click(screen.getByRole('button', { name: 'Edit: 4 GPUs are free on one host' }));
    await user.type(screen.getByLabelText('Number of GPUs'), '{Control>}a{/Control}8');
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(screen.queryByLabelText('Number of GPUs')).toBeNull();
    expect(changes()).toHaveLength(1);
    await user.click(screen.getByRole('button', { name: 'Edit: 4 GPUs are free on one host' }));
    await user.click(screen.getByRole('switch', { name: 'Active: 4 GPUs are free on one host' }));
    await user.type(screen.getByLabelText('Number of GPUs'), '{Control>}a{/Control}2');
    await user.selectOptions(screen.getByLabelText('Counted'), 'In total');
    await user.click(screen.getByRole('button', { name: 'Save rule' }));
    expect(rulesOf(changes().at(-1))?.at(-1)).toMatchObject({
      atLeast: 2,
      counted: 'in-total',
      enabled: false,
    });
    expect(screen.getByText('2 GPUs are free in total')).toBeTruthy();
  });

  test('are switched and removed at once, with a way back', async () => {
    const { user, changes } = await open('notifications');
    await user.click(screen.getByRole('switch', { name: /^Active: A forward is lost/ }));
    expect(rulesOf(changes().at(-1))?.map(({ enabled }) => enabled)).toEqual([false, true]);
    await user.click(screen.getByRole('button', { name: /^Remove: A forward is lost/ }));
    expect(rulesOf(changes().at(-1))?.map(({ kind }) => kind)).toEqual(['launch']);
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    expect(rulesOf(changes().at(-1))?.map(({ kind }) => kind)).toEqual(['forward', 'launch']);
  });
});

describe('notifications of the browser', () => {
  const stub = (permission: NotificationPermission, requestPermission = async () => permission) => {
    const Notification = { permission, requestPermission: vi.fn(requestPermission) };
    vi.stubGlobal('Notification', Notification);
    return Notification;
  };

  test('are asked for by a click and never else', async () => {
    const notification = stub('default', async () => {
      notification.permission = 'granted';
      return 'granted';
    });
    const { user } = await open('notifications');
    expect(notification.requestPermission).not.toHaveBeenCalled();
    await user.click(screen.getByRole('button', { name: 'Allow' }));
    expect(await screen.findByText(/^Allowed\./)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Allow' })).toBeNull();
  });

  test('that are denied are explained', async () => {
    stub('denied');
    await open('notifications');
    expect(screen.getByText(/^Denied\. Allow them in the browser’s settings/)).toBeTruthy();
  });

  test('are no matter of the desktop app’s window', async () => {
    stub('default');
    await open('notifications', {}, { face: 'desktop' });
    expect(screen.queryByText('Notifications of this browser')).toBeNull();
  });
});

test('what belongs to the desktop cannot be switched in a browser, which says why', async () => {
  await open('desktop');
  expect(screen.getByText(/^Not available here/)).toBeTruthy();
  for (const one of screen.getAllByRole('switch')) expect(one).toHaveProperty('disabled', true);
  closeWindow();
  const { user, changes } = await open('desktop', {}, { face: 'desktop' });
  await user.click(screen.getByRole('switch', { name: 'Start at login' }));
  expect(changes()).toEqual([{ startAtLogin: true }]);
});

describe('files', () => {
  /** What the page gave to be saved. */
  const savedFiles = () => {
    const saved: { readonly name: string; readonly text: Promise<string> }[] = [];
    let latest = new Blob();
    vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
      latest = blob as Blob;
      return 'blob:saved';
    });
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      if (this.download !== '') saved.push({ name: this.download, text: latest.text() });
    });
    return saved;
  };
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('scan, history and settings are saved', async () => {
    const saved = savedFiles();
    const file = (fileName: string) => () => ({ fileName, mediaType: 'text/plain', text: '{}' });
    const handlers = { 'export.file': file('scan.json'), 'settings.export': file('settings.json') };
    const { user, calls } = await open('history', {}, { handlers });
    await user.click(screen.getByRole('button', { name: 'The history as CSV' }));
    await waitFor(() => expect(saved).toHaveLength(1));
    expect(calls().at(-1)).toEqual({ name: 'export.file', input: { what: 'history', format: 'csv' } });
    await user.click(screen.getByRole('link', { name: 'Backup and reset' }));
    await user.click(await screen.findByRole('button', { name: 'Export' }));
    await waitFor(() => expect(saved.map(({ name }) => name)).toEqual(['scan.json', 'settings.json']));
    expect(await saved[1]?.text).toBe('{}');
  });

  test('settings from a file are taken over, what was not usable is listed, and all can be taken back', async () => {
    const detail = 'theme';
    const { user, calls, changes } = await open(
      'backup',
      { theme: 'dark' },
      {
        handlers: { 'settings.import': () => [{ code: 'settings-broken', detail }] },
      },
    );
    const file = new File(['{"theme":"pink"}'], 'settings.json', { type: 'application/json' });
    const picker = document.querySelector('input[type="file"]') as HTMLInputElement;
    await act(async () => void fireEvent.change(picker, { target: { files: [file] } }));
    expect(await screen.findByText(detail)).toBeTruthy();
    expect(calls().find(({ name }) => name === 'settings.import')?.input).toEqual({
      text: '{"theme":"pink"}',
    });
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    expect(changes()).toEqual([expect.objectContaining({ theme: 'dark', excludedHosts: ['gpu1'] })]);
  });

  test('a file that is too long is refused here', async () => {
    const { calls } = await open('backup');
    const file = new File(['x'.repeat(1_000_001)], 'settings.json');
    const picker = document.querySelector('input[type="file"]') as HTMLInputElement;
    await act(async () => void fireEvent.change(picker, { target: { files: [file] } }));
    expect((await screen.findByRole('alert')).textContent).toBe('This file is too long for settings.');
    expect(calls()).toEqual([]);
  });

  test('a reset can be taken back', async () => {
    const { user, calls, changes } = await open('backup', { theme: 'dark' });
    await user.click(screen.getByRole('button', { name: 'Reset' }));
    expect(calls()).toEqual([{ name: 'settings.reset', input: {} }]);
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    expect(changes()).toEqual([expect.objectContaining({ theme: 'dark' })]);
  });
});

test('about tells version, runtime and where the files lie', async () => {
  await open('about');
  expect(await screen.findByText('1.2.3')).toBeTruthy();
  expect(screen.getByText('/home/me/.config/vllm-tray/config.json')).toBeTruthy();
  expect(screen.getByText('/home/me/.ssh/config')).toBeTruthy();
  expect(screen.getByText('None')).toBeTruthy();
});

test('what was broken in the settings file stays said, also when the banner is put away', async () => {
  const detail = 'limits.hosts';
  const { user } = await openWindow(snapshot({ problems: [{ code: 'settings-broken', detail }] }), {
    view: 'settings',
  });
  expect(screen.getAllByText(detail)).toHaveLength(2);
  await user.click(screen.getByRole('button', { name: 'Dismiss configuration problems' }));
  const region = within(screen.getByRole('region', { name: 'Problems with the settings' }));
  expect(region.getByText(detail)).toBeTruthy();
});

describe('groups', () => {
  test('are made of a line, grow and shrink, and end without hosts', async () => {
    const { user, changes } = await open('groups');
    const line = screen.getByLabelText('New group');
    await user.type(line, 'h100{Enter}');
    expect(screen.getByRole('alert').textContent).toMatch(/^Needs a name/);
    await user.type(line, ': gpu2, h100-*{Enter}');
    const groups = (patterns: Settings['groups']['patterns']) => ({
      groups: { byFile: true, label: '', patterns },
    });
    expect(changes()).toEqual([groups([{ name: 'h100', hosts: ['gpu2', 'h100-*'] }])]);
    expect(line).toHaveProperty('value', '');
    await user.click(await screen.findByRole('button', { name: 'Remove gpu2' }));
    await user.click(await screen.findByRole('button', { name: 'Remove h100-*' }));
    expect(changes().slice(1)).toEqual([groups([{ name: 'h100', hosts: ['h100-*'] }]), groups([])]);
    await waitFor(() => expect(screen.queryByText('Hosts of h100')).toBeNull());
  });

  test('of files are switched off', async () => {
    const { user, changes } = await open('groups');
    await user.click(screen.getByRole('switch', { name: 'Group by file' }));
    expect(changes()).toEqual([{ groups: { byFile: false, label: '', patterns: [] } }]);
  });

  test('of a label are offered beside a Prometheus, with the labels that hosts have', async () => {
    const prometheus = [newPrometheusSource('one', 'http://prometheus')];
    const { user, changes } = await open('groups', { prometheus });
    const line = screen.getByLabelText('Group by label');
    expect(screen.getByText(/Hosts have: cluster, rack\.$/)).toBeTruthy();
    await user.type(line, '1st{Enter}');
    expect(screen.getByRole('alert').textContent).toMatch(/^A label has letters/);
    await user.clear(line);
    await user.type(line, 'rack{Enter}');
    expect(changes()).toEqual([{ groups: { byFile: true, label: 'rack', patterns: [] } }]);
  });
});
