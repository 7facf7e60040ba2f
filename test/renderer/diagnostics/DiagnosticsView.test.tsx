import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LogLine } from '#common/diagnostics.ts';
import { AppError } from '#common/failure.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import { choose, nothingSelected } from '../../../renderer/diagnostics/selection.ts';
import { sortHosts } from '../../../renderer/diagnostics/troubles.ts';
import { aFailure } from '../../support/samples.ts';
import { failedHost, host, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, type OpenOptions, openWindow } from '../window.tsx';

afterEach(() => {
  closeWindow();
  vi.restoreAllMocks();
});

const open = (hosts = [host('gpu01', 1, 0)], options: OpenOptions = {}) =>
  openWindow(snapshot({ hosts }), { view: 'diagnostics', ...options });

/** What is copied from now on. Called with the window open, since user-event brings a clipboard of its own. */
function copies(): readonly string[] {
  const written: string[] = [];
  vi.spyOn(navigator.clipboard, 'writeText').mockImplementation(async (text) => void written.push(text));
  return written;
}

describe('hosts with trouble', () => {
  const refused = {
    code: 'connection-refused',
    step: 'connect',
    detail: 'connect ECONNREFUSED 10.0.0.7:22',
    command: 'ssh off1',
    nextAttemptAt: Date.now() + 65_000,
    hop: 'gateway',
  } as const;

  test('tell step, code, raw text, command, next attempt, client, endpoint and forwarding', async () => {
    const { container, calls, user } = await open([host('gpu01', 1, 0), failedHost('off1', refused)]);
    expect(screen.getByText('1 host with problems')).toBeTruthy();
    const card = within(screen.getByRole('article', { name: 'off1' }));
    expect(card.getByText(errorsEn['connection-refused'].title)).toBeTruthy();
    expect(card.getByText(errorsEn['connection-refused'].hint)).toBeTruthy();
    expect(card.getByText(refused.detail)).toBeTruthy();
    expect(card.getByRole('button', { name: 'Copy command: ssh off1' })).toBeTruthy();
    const facts = [...container.querySelectorAll('.TroubleCard__trouble > dl > div')].map(
      (fact) => fact.textContent,
    );
    expect(facts).toEqual([
      'Failed atconnecting, on the jump host gateway connection-refused',
      expect.stringMatching(/^Next attemptin 1 min$/),
      'Endpointme@off1.example.org:22',
      'Clientnone yet',
      'Forwardingallowed',
    ]);
    await expectAccessible(container);
    await user.click(card.getByRole('button', { name: 'Try again off1' }));
    expect(calls().at(-1)).toEqual({ name: 'scan.start', input: { hostIds: ['off1'] } });
  });

  test('keep their card while they are tried again', async () => {
    const { apply } = await open([failedHost('off1', refused)]);
    const off = failedHost('off1', refused);
    apply({ kind: 'host-changed', host: { ...off, state: { kind: 'connecting', step: 'connect' } } });
    expect(await screen.findByText('Trying again now')).toBeTruthy();
    expect(screen.getByText(refused.detail)).toBeTruthy();
    apply({ kind: 'host-changed', host: host('off1', 1, 0) });
    expect(await screen.findByText('No problems')).toBeTruthy();
  });

  test('stand before the others, which are counts that unfold', async () => {
    const noGpu = host('cpu', 0, 0, { state: { kind: 'no-gpu', failure: aFailure('no-gpu-tool') } });
    const later = host('later', 0, 0, { state: { kind: 'unresolved' }, endpoint: null });
    const { user, container } = await open([host('gpu01', 1, 0, { client: 'system' }), noGpu, later]);
    const groups = () =>
      within(screen.getByRole('main'))
        .getAllByRole('button', { expanded: false })
        .map((button) => button.textContent);
    expect(groups()).toEqual(['1 host not tried yet', '1 host without a GPU', '1 host OK']);
    await user.click(screen.getByRole('button', { name: '1 host OK' }));
    expect(screen.getByText('system’s ssh')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: '1 host without a GPU' }));
    expect(screen.getByRole('article', { name: 'cpu' })).toBeTruthy();
    await expectAccessible(container);
  });

  test('a thousand of them cost no more than those in view', async () => {
    await open(Array.from({ length: 1000 }, (_, n) => failedHost(`off${n}`, refused)));
    expect(screen.getByText('1,000 hosts with problems')).toBeTruthy();
    expect(screen.getAllByRole('article').length).toBeLessThan(30);
  });

  test('share what did not change with the sorting before', () => {
    const hosts = [failedHost('a', refused), failedHost('b', refused)];
    const first = sortHosts(null, hosts);
    const second = sortHosts(first, [hosts[0] as (typeof hosts)[0], failedHost('b', refused)]);
    expect(second.troubles[0]).toBe(first.troubles[0]);
    expect(second.troubles[1]).not.toBe(first.troubles[1]);
  });
});

describe('the log', () => {
  const lines: readonly LogLine[] = [
    { number: 1, at: 1000, level: 'debug', message: 'probe shell open' },
    { number: 2, at: 2000, level: 'info', message: 'off1: connection-refused at connect' },
    { number: 3, at: 3000, level: 'warn', message: 'the agent is gone' },
    { number: 4, at: 4000, level: 'error', message: 'something broke' },
  ];

  async function openLog(more: () => readonly LogLine[] = () => []) {
    let first = true;
    const asked: number[] = [];
    const opened = await open(undefined, {
      handlers: {
        'log.get': ({ after }) => {
          asked.push(after);
          const answer = first ? lines : more();
          first = false;
          return answer;
        },
      },
    });
    const written = copies();
    await opened.user.click(screen.getByRole('tab', { name: 'Log' }));
    await within(await screen.findByRole('listbox')).findByText('something broke');
    const shown = () =>
      within(screen.getByRole('listbox'))
        .getAllByRole('option')
        .map((line) => line.querySelector('.LogLines__message')?.textContent);
    return { ...opened, asked, written, shown };
  }

  test('is filtered by level and text, and says how much of it is shown', async () => {
    const { user, shown, container } = await openLog();
    expect(shown()).toHaveLength(4);
    await expectAccessible(container);
    await user.selectOptions(screen.getByLabelText('Level'), 'Warnings and errors');
    expect(shown()).toEqual(['the agent is gone', 'something broke']);
    await user.keyboard('{Escape}');
    (document.activeElement as HTMLElement).blur();
    await user.keyboard('/');
    await user.keyboard('AGENT');
    expect(shown()).toEqual(['the agent is gone']);
    expect(screen.getByText('1 of 4 lines')).toBeTruthy();
    await user.keyboard('xyz');
    expect(screen.getByText('No matching lines.')).toBeTruthy();
  });

  test('goes on from the last line it has, and rests while paused', async () => {
    const next = { number: 5, at: 5000, level: 'info', message: 'and again' } as const;
    let given = false;
    const { user, asked, shown } = await openLog(() => {
      const answer = given ? [] : [next];
      given = true;
      return answer;
    });
    await waitFor(() => expect(shown()).toContain('and again'));
    await waitFor(() => expect(asked.slice(0, 3)).toEqual([0, 4, 5]));
    await user.click(screen.getByRole('button', { name: 'Pause' }));
    const count = asked.length;
    await user.click(screen.getByRole('button', { name: 'Resume' }));
    await waitFor(() => expect(asked.length).toBe(count + 1));
  });

  test('is not asked for while nobody sees the page', async () => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    const asked = vi.fn(() => lines);
    const { user } = await open(undefined, { handlers: { 'log.get': asked } });
    await user.click(screen.getByRole('tab', { name: 'Log' }));
    expect(screen.getByText('Nothing has been logged yet.')).toBeTruthy();
    expect(asked).not.toHaveBeenCalled();
  });

  test('is copied whole, or the lines that are selected by mouse and keys', async () => {
    const { user, written } = await openLog();
    await user.click(screen.getByRole('button', { name: 'Copy all' }));
    expect(written[0]?.split('\n')).toHaveLength(4);
    expect(written[0]).toContain('1970-01-01T00:00:02.000Z info off1: connection-refused at connect');
    const line = (text: string) => screen.getByText(text);
    await user.click(line('probe shell open'));
    await user.keyboard('{Shift>}');
    await user.click(line('the agent is gone'));
    await user.keyboard('{/Shift}');
    await user.click(screen.getByRole('button', { name: 'Copy 3 lines' }));
    expect(written[1]?.split('\n')).toHaveLength(3);
    screen.getByRole('listbox').focus();
    await user.keyboard('{End}{Control>}c{/Control}');
    await waitFor(() => expect(written[2]).toMatch(/error something broke$/));
    await user.keyboard('{Control>}a{/Control}{Control>}c{/Control}');
    await waitFor(() => expect(written[3]?.split('\n')).toHaveLength(4));
  });

  test('a selection adds with Ctrl, spans with Shift, and begins anew without', () => {
    const shown = [1, 2, 3, 4, 5];
    const one = choose(nothingSelected, 2, 'alone', shown);
    const two = choose(one, 4, 'beside', shown);
    expect([...two.chosen]).toEqual([2, 4]);
    expect([...choose(two, 5, 'through', shown).chosen]).toEqual([4, 5]);
    expect([...choose(two, 1, 'through', shown).chosen]).toEqual([1, 2, 3, 4]);
    expect([...choose(two, 4, 'beside', shown).chosen]).toEqual([2]);
    expect([...choose(two, 1, 'alone', shown).chosen]).toEqual([1]);
    // The anchor was filtered away.
    expect([...choose(two, 2, 'through', [1, 2]).chosen]).toEqual([2]);
  });
});

describe('the report', () => {
  test('is shown before it is copied', async () => {
    const report = { fileName: 'report.txt', mediaType: 'text/plain', text: '# vllm-tray' };
    const { user, container } = await open(undefined, { handlers: { 'report.get': () => report } });
    const written = copies();
    await user.click(screen.getByRole('button', { name: 'Report…' }));
    const dialog = within(screen.getByRole('dialog', { name: 'Report for an issue or a colleague' }));
    expect(await dialog.findByText('# vllm-tray')).toBeTruthy();
    await expectAccessible(container.ownerDocument.body);
    await user.click(dialog.getByRole('button', { name: 'Copy' }));
    expect(written).toEqual(['# vllm-tray']);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(screen.getByText('Copied report')).toBeTruthy();
  });

  test('that cannot be had says why', async () => {
    const { user } = await open(undefined, {
      handlers: {
        'report.get': () => {
          throw new AppError('internal');
        },
      },
    });
    await user.click(screen.getByRole('button', { name: 'Report…' }));
    expect((await screen.findByRole('alert')).textContent).toBe(errorsEn.internal.title);
    expect(screen.getByRole('button', { name: 'Copy' }).getAttribute('aria-disabled')).toBe('true');
  });
});

test('the address leads to a host', async () => {
  await open([failedHost('off1'), failedHost('off2')], { row: 'off2' });
  const row = screen.getByRole('article', { name: 'off2' }).closest('li');
  expect(row?.dataset.revealed).toBe('true');
});
