import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { AppError, errors } from '#common/errors.ts';
import type { ModelLoad } from '#common/model.ts';
import { failure, forward, host, server, snapshot } from './samples.ts';
import { closeWindow, expectAccessible, openWindow } from './window.tsx';

afterEach(closeWindow);

const base = 'meta-llama/Llama-3.1-8B';
const one = () => snapshot({ hosts: [host('gpu01', 1, 0)], servers: [server('gpu01', 8000, [base])] });

test('one row per model, adapters under their base, with server, engine and context', async () => {
  const models = [
    { id: base, maxModelLen: 131_072, parent: null },
    { id: 'other', maxModelLen: null, parent: null },
    { id: 'sql-lora', maxModelLen: null, parent: base },
  ];
  const { container } = await openWindow(
    snapshot({ hosts: [host('gpu01', 1, 0)], servers: [server('gpu01', 8000, [], { models })] }),
    { view: 'models' },
  );
  const rows = screen.getAllByRole('rowheader').map((header) => header.textContent);
  expect(rows).toEqual([base, 'sql-lora adapter', 'other']);
  const row = screen.getByText(base).closest('tr');
  expect(row?.textContent).toContain('gpu01:8000');
  expect(row?.textContent).toContain('vLLM 0.11.0');
  expect(row?.textContent).toContain('131,072');
  expect(row?.textContent).toContain('Up');
  await expectAccessible(container);
});

test('how busy a model is, and dashes where its server does not tell', async () => {
  const load = {
    model: base,
    running: 28,
    waiting: 3,
    kvCachePct: 37.6,
    promptTokensPerSecond: 4067.7,
    generationTokensPerSecond: 790.8,
    ttft: { p50Ms: 149.2, p95Ms: 300 },
  };
  const busy = server('gpu01', 8000, [base], { loads: [load as ModelLoad] });
  const silent = server('gpu01', 8001, ['silent']);
  await openWindow(snapshot({ hosts: [host('gpu01', 1, 0)], servers: [busy, silent] }), { view: 'models' });
  const cells = (name: string) =>
    [...(screen.getByText(name).closest('tr')?.cells ?? [])]
      .slice(4, 9)
      .map(({ textContent }) => textContent);
  expect(cells(base)).toEqual(['28', '3', '4068, 791', '38 %', '149 ms']);
  expect(cells('silent')).toEqual(['–', '–', '–', '–', '–']);
});

test('locked and failed servers are rows that say so', async () => {
  const html = failure('server-not-openai', { step: 'models', detail: '<html>502' });
  const { container } = await openWindow(
    snapshot({
      hosts: [host('gpu01', 1, 0)],
      servers: [
        server('gpu01', 8000, [], { state: { kind: 'locked' } }),
        server('gpu01', 8001, [], { state: { kind: 'failed', failure: html }, engine: null, version: null }),
      ],
    }),
    { view: 'models' },
  );
  expect(screen.getByText('Needs an API key to show its models')).toBeTruthy();
  expect(screen.getByText('Locked')).toBeTruthy();
  expect(screen.getByText(errors['server-not-openai'].title)).toBeTruthy();
  expect(screen.getByText('<html>502')).toBeTruthy();
  expect(screen.getByText('Failed')).toBeTruthy();
  await expectAccessible(container);
});

test('Forward is one contract call, and the button becomes the chip of the forward', async () => {
  const { user, calls } = await openWindow(one(), { view: 'models' });
  await user.click(screen.getByRole('button', { name: `Forward ${base} on gpu01:8000` }));
  expect(calls()).toEqual([{ name: 'forward.open', input: { hostId: 'gpu01', remotePort: 8000 } }]);
  expect(await screen.findByRole('button', { name: 'Forward localhost:16100, listening' })).toBeTruthy();
  expect(screen.queryByRole('button', { name: /on gpu01/ })).toBeNull();
});

test('the chip copies base URL, export line and curl, and stops the forward', async () => {
  const { user, calls, container } = await openWindow(
    { ...one(), forwards: [forward('gpu01', 8000, 16_103)] },
    { view: 'models' },
  );
  const choose = async (entry: string) => {
    await user.click(screen.getByRole('button', { name: 'Forward localhost:16103, listening' }));
    await user.click(screen.getByRole('menuitem', { name: entry }));
    return navigator.clipboard.readText();
  };
  await user.click(screen.getByRole('button', { name: 'Forward localhost:16103, listening' }));
  await expectAccessible(container);
  await user.keyboard('{Escape}');
  expect(await choose('Copy base URL')).toBe('http://localhost:16103/v1');
  expect(await choose('Copy export OPENAI_BASE_URL')).toBe(
    'export OPENAI_BASE_URL=http://localhost:16103/v1',
  );
  expect(await choose('Copy curl')).toContain(`"model":"${base}"`);
  expect(await screen.findByText('Copied curl command')).toBeTruthy();
  await choose('Stop forward');
  expect(calls()).toEqual([{ name: 'forward.close', input: { forwardId: 'gpu01:8000' } }]);
  expect(await screen.findByRole('button', { name: /^Forward .*on gpu01:8000/ })).toBeTruthy();
});

test('the menu works by keyboard: arrows go round, letters jump, Escape gives the focus back', async () => {
  const { user } = await openWindow(
    { ...one(), forwards: [forward('gpu01', 8000, 16_103)] },
    { view: 'models' },
  );
  const chip = screen.getByRole('button', { name: /localhost:16103/ });
  const focused = () => document.activeElement?.textContent;
  chip.focus();
  await user.keyboard('{ArrowDown}');
  expect(focused()).toBe('Copy base URL');
  await user.keyboard('{ArrowUp}');
  expect(focused()).toBe('Stop forward');
  await user.keyboard('{ArrowDown}');
  expect(focused()).toBe('Copy base URL');
  await user.keyboard('{End}');
  expect(focused()).toBe('Stop forward');
  await user.keyboard('{Home}s');
  expect(focused()).toBe('Stop forward');
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('menu')).toBeNull();
  expect(document.activeElement).toBe(chip);
  await user.keyboard('{Enter}');
  expect(screen.getByRole('menu')).toBeTruthy();
  await user.tab();
  expect(screen.queryByRole('menu')).toBeNull();
  await user.click(chip);
  await user.click(screen.getByRole('columnheader', { name: 'Server' }));
  expect(screen.queryByRole('menu')).toBeNull();
});

test('a forward that waits for its host keeps its address and says what it does', async () => {
  const state = { kind: 'retrying', failure: failure('connection-lost', { step: 'forward' }) } as const;
  await openWindow({ ...one(), forwards: [forward('gpu01', 8000, 16_103, { state })] }, { view: 'models' });
  expect(screen.getByRole('button', { name: 'Forward localhost:16103, reconnecting' })).toBeTruthy();
});

test('where the host forbids forwarding the button says why and calls nothing', async () => {
  const { user, calls } = await openWindow(
    snapshot({
      hosts: [host('gpu01', 1, 0, { forwarding: 'prohibited' })],
      servers: [server('gpu01', 8000, [base])],
    }),
    { view: 'models' },
  );
  const button = screen.getByRole('button', { name: /^Forward/ });
  expect(button.getAttribute('aria-disabled')).toBe('true');
  const reason = document.getElementById(button.getAttribute('aria-describedby') ?? '');
  expect(reason?.textContent).toContain(errors['forwarding-prohibited'].title);
  await user.click(button);
  expect(calls()).toEqual([]);
});

test('a refused forward is a message with cause, remedy and detail, and the button is there again', async () => {
  const { user } = await openWindow(one(), {
    view: 'models',
    handlers: {
      'forward.open': () => {
        throw new AppError('target-refused', { detail: 'Connection refused' });
      },
    },
  });
  await user.click(screen.getByRole('button', { name: /^Forward/ }));
  const messages = screen.getByRole('region', { name: 'Messages' });
  expect(messages.getAttribute('aria-live')).toBe('polite');
  expect(await within(messages).findByText(errors['target-refused'].title)).toBeTruthy();
  expect(within(messages).getByText(errors['target-refused'].hint)).toBeTruthy();
  expect(within(messages).getByText('Connection refused')).toBeTruthy();
  await user.click(within(messages).getByRole('button', { name: 'Dismiss message' }));
  expect(within(messages).queryByText(errors['target-refused'].title)).toBeNull();
  const button = screen.getByRole('button', { name: /^Forward/ });
  await waitFor(() => expect(button.getAttribute('aria-disabled')).toBe('false'));
});

test('without a model server it says what to do, and during a scan that it is looking', async () => {
  const { apply } = await openWindow(snapshot({ hosts: [host('gpu01', 1, 0)] }), { view: 'models' });
  expect(screen.getByRole('heading', { name: 'No model server found' })).toBeTruthy();
  apply({ kind: 'scan-changed', scan: { kind: 'running', done: 0, total: 1, startedAt: Date.now() } });
  expect(await screen.findByRole('heading', { name: 'Looking for model servers' })).toBeTruthy();
});
