import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { ModelLoad } from '#common/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import { reveal } from '../../../renderer/state/route.ts';
import { aFailure, aLoad } from '../../support/samples.ts';
import { failedHost, forward, host, otherForward, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(() => {
  vi.unstubAllGlobals();
  closeWindow();
});

const base = 'meta-llama/Llama-3.1-8B';
const rowOf = (name: string): HTMLTableRowElement => {
  const [title] = screen.getAllByTitle(name);
  const row = title?.closest('tr') ?? null;
  if (row === null) throw new Error(`no row of ${name}`);
  return row;
};
const unfold = (name: string) =>
  within(rowOf(name)).getByRole('button', { expanded: false, name: /^(?!Forward)/ });
/** Of the rows from the top, as their buttons say them. */
const names = () =>
  screen.getAllByRole('rowheader').map((header) => within(header).getAllByRole('button')[0]?.textContent);
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
  expect(names()).toEqual([base, 'sql-lora adapter', 'other']);
  const row = rowOf(base);
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
  const cells = (name: string) => [...rowOf(name).cells].slice(5, 11).map(({ textContent }) => textContent);
  expect(cells(base)).toEqual(['28', '3', '4068', '791', '38 %', '149 ms']);
  expect(cells('silent')).toEqual(['–', '–', '–', '–', '–', '–']);
  expect(rowOf(base).textContent).toContain('Busy');
  expect(rowOf('silent').textContent).toContain('Up');
  const totals = screen.getByRole('list', { name: 'All models shown' });
  expect(
    within(totals)
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent),
  ).toEqual(['28 running', '3 waiting', '4068 tok/s in', '791 tok/s out']);
});

test('a long queue and a full KV cache stand out', async () => {
  const loads = [{ ...aLoad, waiting: 12, kvCachePct: 95 }];
  const { container } = await openWindow(
    snapshot({ hosts: [host('gpu01', 1, 0)], servers: [server('gpu01', 8000, ['org/model'], { loads })] }),
    { view: 'models' },
  );
  expect(rowOf('org/model').querySelector('.ModelsView__queue')?.getAttribute('data-long')).toBe('true');
  const bar = rowOf('org/model').querySelector<HTMLElement>('.ModelsView__kvBar[data-full="true"] > span');
  expect(bar?.style.width).toBe('95%');
  await expectAccessible(container);
});

test('a model of a lost host says since when, has dashes, and cannot be forwarded', async () => {
  const load = { model: base, running: 28, waiting: 3, kvCachePct: 37.6, ttft: null } as ModelLoad;
  const state = { kind: 'stale', failure: aFailure('connection-lost') } as const;
  const lost = host('gpu01', 1, 1, { state, measuredAt: Date.now() - 42_000 });
  const { container } = await openWindow(
    snapshot({ hosts: [lost], servers: [server('gpu01', 8000, [base], { loads: [load] })] }),
    { view: 'models' },
  );
  expect(rowOf(base).textContent).toMatch(/Host lost, 0:4\d ago/);
  const numbers = [...rowOf(base).querySelectorAll('td.number')].slice(1);
  expect(new Set(numbers.map(({ textContent }) => textContent))).toEqual(new Set(['–']));
  const button = within(rowOf(base)).getByRole('button', { name: /^Forward / });
  expect(button.getAttribute('aria-disabled')).toBe('true');
  expect(button.title).toContain(errorsEn['host-lost'].title);
  expect(screen.getByText(/^0 models/)).toBeTruthy();
  await expectAccessible(container);
});

test('a stuck server says so, and in its details why and for how long', async () => {
  const state = { kind: 'stuck', why: 'no-progress', since: Date.now() - 125_000 } as const;
  const { container, user } = await openWindow(
    snapshot({ hosts: [host('gpu01', 1, 0)], servers: [server('gpu01', 8000, [base], { state })] }),
    { view: 'models' },
  );
  expect(rowOf(base).textContent).toContain('Stuck');
  await user.click(unfold(base));
  expect(container.textContent).toMatch(/Requests run or wait, and no token has come for \d+:\d\d\./);
  await expectAccessible(container);
});

test('locked and failed servers are rows that say so', async () => {
  const html = aFailure('server-not-openai', { step: 'models', detail: '<html>502' });
  const { container, user } = await openWindow(
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
  expect(screen.getByRole('cell', { name: 'Locked' })).toBeTruthy();
  expect(screen.getByText(errorsEn['server-not-openai'].title)).toBeTruthy();
  expect(screen.getByRole('cell', { name: 'Failed' })).toBeTruthy();
  await user.click(screen.getByRole('button', { name: errorsEn['server-not-openai'].title }));
  expect(screen.getByText('<html>502')).toBeTruthy();
  expect(screen.getByText(errorsEn['server-not-openai'].hint)).toBeTruthy();
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
  expect(await choose('Copy export OPENAI_BASE_URL (bash, zsh, fish)')).toBe(
    'export OPENAI_BASE_URL=http://localhost:16103/v1',
  );
  expect(await choose('Copy setenv OPENAI_BASE_URL (tcsh)')).toBe(
    'setenv OPENAI_BASE_URL http://localhost:16103/v1',
  );
  expect(await choose('Copy curl (bash, zsh, fish, tcsh)')).toContain(`"model":"${base}"`);
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
  expect(focused()).toBe('Send a test prompt');
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
  const state = { kind: 'retrying', failure: aFailure('connection-lost', { step: 'forward' }) } as const;
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
  expect(reason?.textContent).toContain(errorsEn['forwarding-prohibited'].title);
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
  expect(await within(messages).findByText(errorsEn['target-refused'].title)).toBeTruthy();
  expect(within(messages).getByText(errorsEn['target-refused'].hint)).toBeTruthy();
  expect(within(messages).getByText('Connection refused')).toBeTruthy();
  await user.click(within(messages).getByRole('button', { name: 'Dismiss message' }));
  expect(within(messages).queryByText(errorsEn['target-refused'].title)).toBeNull();
  const button = screen.getByRole('button', { name: /^Forward/ });
  await waitFor(() => expect(button.getAttribute('aria-disabled')).toBe('false'));
});

const scanned = { kind: 'done', done: 1, total: 1, startedAt: 1, finishedAt: 2 } as const;

test.each([
  [
    'models',
    { excludedAliases: ['a', 'b'] },
    'All 2 hosts are switched off',
    'Choose hosts',
    '#settings/hosts',
  ],
  [
    'gpus',
    { excludedAliases: ['a', 'b'] },
    'All 2 hosts are switched off',
    'Choose hosts',
    '#settings/hosts',
  ],
  [
    'forwards',
    { excludedAliases: ['a'] },
    'The only host is switched off',
    'Choose hosts',
    '#settings/hosts',
  ],
  ['models', { hosts: [failedHost('a')], scan: scanned }, 'No host answered', 'Show hosts', '#gpus'],
] as const)(
  '%s that are empty for %o say why, and lead to what ends it',
  async (view, fields, title, button, place) => {
    const { user, container } = await openWindow(snapshot(fields), { view });
    expect(screen.getByRole('heading', { name: title })).toBeTruthy();
    await expectAccessible(container);
    await user.click(screen.getByRole('button', { name: button }));
    expect(window.location.hash).toBe(place);
  },
);

test('a model that another program forwards says so at its button, which stays', async () => {
  const other = otherForward('vllmctl_gpu01_8000_16105', 16_105, { hostId: 'gpu01', remotePort: 8000 });
  const { calls, user } = await openWindow(
    snapshot({
      hosts: [host('gpu01', 1, 0)],
      servers: [server('gpu01', 8000, ['some/model'])],
      otherForwards: { tmux: 'available', processes: 'available', forwards: [other], lookedAt: 1 },
    }),
    { view: 'models' },
  );
  const button = screen.getByRole('button', { name: /^Forward some/ });
  expect(button.getAttribute('title')).toContain('Another program already forwards it to localhost:16105');
  expect(screen.getByText(':16105')).toBeTruthy();
  await user.click(button);
  expect(calls()).toEqual([{ name: 'forward.open', input: { hostId: 'gpu01', remotePort: 8000 } }]);
});

test('without a model server it says what to do, and during a scan that it is looking', async () => {
  const { apply } = await openWindow(snapshot({ hosts: [host('gpu01', 1, 0)] }), { view: 'models' });
  expect(screen.getByRole('heading', { name: 'No model server found' })).toBeTruthy();
  apply({ kind: 'scan-changed', scan: { kind: 'running', done: 0, total: 1, startedAt: Date.now() } });
  expect(await screen.findByRole('heading', { name: 'Looking for model servers' })).toBeTruthy();
});

const loadOf = (model: string | null, change: Partial<ModelLoad> = {}): ModelLoad => ({
  model,
  running: 1,
  waiting: 0,
  kvCachePct: 10,
  prefixHitPct: null,
  preemptionsTotal: null,
  promptTokensTotal: null,
  generationTokensTotal: null,
  promptTokensPerSecond: 100,
  generationTokensPerSecond: 50,
  ttft: null,
  interToken: null,
  endToEnd: null,
  finished: {},
  ...change,
});

const fleet = (running: readonly number[]) =>
  snapshot({
    hosts: running.map((_, at) => host(`gpu0${at + 1}`, 1, 0)),
    servers: running.map((n, at) =>
      server(`gpu0${at + 1}`, 8000, [`m${at + 1}`], { loads: [loadOf(`m${at + 1}`, { running: n })] }),
    ),
  });

test('a press on a header sorts by it, says so, and is remembered', async () => {
  const { user } = await openWindow(fleet([5, 20, 10]), { view: 'models' });
  expect(names()).toEqual(['m1', 'm2', 'm3']);
  const header = screen.getByRole('columnheader', { name: /^Running/ });
  expect(header.getAttribute('aria-sort')).toBe('none');
  await user.click(within(header).getByRole('button'));
  expect([names(), header.getAttribute('aria-sort')]).toEqual([['m2', 'm3', 'm1'], 'descending']);
  await user.click(within(header).getByRole('button'));
  expect([names(), header.getAttribute('aria-sort')]).toEqual([['m1', 'm3', 'm2'], 'ascending']);
  cleanup();
  await openWindow(fleet([5, 20, 10]), { view: 'models' });
  expect(names()).toEqual(['m1', 'm3', 'm2']);
});

test('a table that stands by numbers holds still while they change', async () => {
  const { user, apply } = await openWindow(fleet([5, 20]), { view: 'models' });
  await user.click(screen.getByRole('button', { name: 'Running' }));
  expect(names()).toEqual(['m2', 'm1']);
  const busier = server('gpu01', 8000, ['m1'], { loads: [loadOf('m1', { running: 99 })] });
  apply({ kind: 'servers-found', hostId: 'gpu01', servers: [busier] });
  expect(await screen.findByRole('cell', { name: '99' })).toBeTruthy();
  expect(names()).toEqual(['m2', 'm1']);
});

test('a row unfolds all that is known: load, latencies, who else serves the model, and its charts', async () => {
  const load = loadOf(base, {
    running: 28,
    waiting: 3,
    prefixHitPct: 41.6,
    preemptionsTotal: 7,
    promptTokensTotal: 12_345_678,
    finished: { stop: 1200, length: 30, abort: 4, tool_calls: 5 },
    ttft: { p50Ms: 149, p95Ms: 1300 },
    interToken: { p50Ms: 21, p95Ms: 34 },
    endToEnd: { p50Ms: 4100, p95Ms: 9900 },
  });
  const { user, container } = await openWindow(
    snapshot({
      hosts: [host('gpu01', 1, 0), host('gpu02', 1, 0)],
      servers: [
        server('gpu01', 8000, [base], { loads: [load], address: '::1' }),
        server('gpu02', 9000, ['other', base]),
      ],
    }),
    { view: 'models' },
  );
  await user.click(unfold(base));
  const figures = screen.getByRole('region', { name: `Load of ${base}` });
  for (const text of [
    'Prefix hits42 %',
    'Preemptions7',
    'Prompts, since start12.3M',
    'Finished, completed1,200',
    'Finished, length limit30',
    'Finished, aborted4',
    'Finished, tool_calls5',
    'First token149 ms1.3 s',
    'Between tokens21 ms34 ms',
    'Whole request4.1 s9.9 s',
  ])
    expect(figures.textContent).toContain(text);
  expect(screen.getByText('[::1]:8000, gpu01')).toBeTruthy();
  expect(screen.getByText(/ago$/)).toBeTruthy();
  expect(screen.getByRole('link', { name: 'gpu02:9000' }).getAttribute('href')).toBe('#models/gpu02%3A9000');
  const charts = screen.getByRole('region', { name: `History of ${base}` });
  expect(within(charts).getAllByRole('figure')).toHaveLength(4);
  await expectAccessible(container);
  // Anywhere in the row folds it again.
  await user.click(screen.getAllByRole('cell', { name: '28' })[0] ?? container);
  expect(screen.queryByRole('region', { name: `Load of ${base}` })).toBeNull();
});

test('a server that tells no load says so, and an adapter where its load is', async () => {
  const models = [
    { id: base, maxModelLen: 131_072, parent: null },
    { id: 'sql-lora', maxModelLen: null, parent: base },
  ];
  const { user } = await openWindow(
    snapshot({ hosts: [host('gpu01', 1, 0)], servers: [server('gpu01', 8000, [], { models })] }),
    { view: 'models' },
  );
  for (const name of [base, 'sql-lora']) await user.click(unfold(name));
  expect(screen.getByText('This server reports no metrics.')).toBeTruthy();
  expect(screen.getByText('Adapter load is counted with its base model.')).toBeTruthy();
});

describe('the API key of a locked server', () => {
  const locked = (change: Partial<Snapshot> = {}) =>
    snapshot({
      hosts: [host('gpu01', 1, 0)],
      servers: [server('gpu01', 8000, [], { state: { kind: 'locked' } })],
      ...change,
    });
  const dialog = () => within(screen.getByRole('dialog', { name: 'API key for gpu01:8000' }));

  test('goes to the engine once, and is not shown again', async () => {
    const { user, calls, container } = await openWindow(locked(), { view: 'models' });
    await user.click(screen.getByRole('button', { name: 'Enter API key gpu01:8000' }));
    const field = dialog().getByLabelText('API key');
    expect(field.getAttribute('type')).toBe('password');
    expect(dialog().getByText(/Kept until you quit\.$/)).toBeTruthy();
    await expectAccessible(container);
    await user.click(dialog().getByRole('button', { name: 'Save' }));
    expect(dialog().getByRole('alert').textContent).toBe('Type or paste the key.');
    await user.type(field, 'two words');
    await user.click(dialog().getByRole('button', { name: 'Save' }));
    expect(dialog().getByRole('alert').textContent).toMatch(/without spaces/);
    expect(calls()).toEqual([]);
    await user.clear(field);
    await user.type(field, ' sk-secret {Enter}');
    expect(calls()).toEqual([{ name: 'server.setKey', input: { serverId: 'gpu01:8000', key: 'sk-secret' } }]);
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(document.body.textContent).not.toContain('sk-secret');
  });

  test('can be changed and removed, and commands then take it from the environment', async () => {
    const apiKeys = { serverIds: ['gpu01:8000'], kept: true };
    const servers = [server('gpu01', 8000, [base])];
    const { user, calls } = await openWindow(
      locked({ servers, apiKeys, forwards: [forward('gpu01', 8000, 16_103)] }),
      { view: 'models' },
    );
    await user.click(unfold(base));
    await user.click(screen.getByRole('button', { name: 'Change API key gpu01:8000' }));
    expect(dialog().getByText(/encrypted by the keyring/)).toBeTruthy();
    await user.keyboard('{Escape}');
    await user.click(screen.getByRole('button', { name: /localhost:16103/ }));
    await user.click(screen.getByRole('menuitem', { name: 'Copy curl (bash, zsh, fish, tcsh)' }));
    expect(await navigator.clipboard.readText()).toContain('"Authorization: Bearer $OPENAI_API_KEY"');
    await user.click(screen.getByRole('button', { name: 'Remove API key gpu01:8000' }));
    expect(calls()).toEqual([{ name: 'server.setKey', input: { serverId: 'gpu01:8000', key: null } }]);
  });
});

test('the chip opens the pages about the API: as a link in a browser, by the app in its own window', async () => {
  const opened = { ...one(), forwards: [forward('gpu01', 8000, 16_103)] };
  const first = await openWindow(opened, { view: 'models' });
  await first.user.click(screen.getByRole('button', { name: /localhost:16103/ }));
  const link = screen.getByRole('menuitem', { name: 'Open /docs' });
  expect(['href', 'target', 'rel'].map((name) => link.getAttribute(name))).toEqual([
    'http://localhost:16103/docs',
    '_blank',
    'noopener noreferrer',
  ]);
  closeWindow();
  vi.stubGlobal('vllmTray', {});
  const { user, calls } = await openWindow(opened, { view: 'models' });
  await user.click(screen.getByRole('button', { name: /localhost:16103/ }));
  await user.click(screen.getByRole('menuitem', { name: 'Open /docs' }));
  expect(calls()).toEqual([{ name: 'app.openDocs', input: { forwardId: 'gpu01:8000' } }]);
});

test('an engine without such pages offers none, and the Python program names its model', async () => {
  const servers = [server('gpu01', 8000, ['m'], { engine: 'ollama' })];
  const { user } = await openWindow(
    { ...one(), servers, forwards: [forward('gpu01', 8000, 16_103)] },
    {
      view: 'models',
    },
  );
  await user.click(screen.getByRole('button', { name: /localhost:16103/ }));
  expect(screen.queryByRole('menuitem', { name: 'Open /docs' })).toBeNull();
  await user.click(screen.getByRole('menuitem', { name: 'Copy Python' }));
  expect(await navigator.clipboard.readText()).toBe(
    [
      'from openai import OpenAI',
      '',
      'client = OpenAI(base_url="http://localhost:16103/v1", api_key="none")',
      'answer = client.chat.completions.create(',
      '    model="m",',
      '    messages=[{"role": "user", "content": "Hello"}],',
      ')',
      'print(answer.choices[0].message.content)',
      '',
    ].join('\n'),
  );
});

test('a chip whose model does not answer says so, though its listener accepts', async () => {
  const health = { kind: 'model-down', failure: aFailure('target-refused') } as const;
  await openWindow({ ...one(), forwards: [forward('gpu01', 8000, 16_103, { health })] }, { view: 'models' });
  const chip = screen.getByRole('button', {
    name: 'Forward localhost:16103, listening, model does not answer',
  });
  expect(chip.querySelector('[data-mood="warning"]')).toBeTruthy();
});

test('the row that the address names is marked and gets the focus, whatever the filter', async () => {
  const { user } = await openWindow(fleet([1, 2, 3]), { view: 'models' });
  await user.type(screen.getByRole('combobox', { name: /^Filter/ }), 'm1');
  expect(names()).toEqual(['m1']);
  act(() => reveal({ view: 'models', id: 'gpu03:8000' }));
  await waitFor(() => expect(names()).toEqual(['m1', 'm3']));
  await waitFor(() => expect(rowOf('m3').dataset.marked).toBe('true'));
  expect(document.activeElement?.textContent).toBe('m3');
});

test('what a hostile server calls itself stays text', async () => {
  const id = `<img src=x onerror="window.broken=1">${'x'.repeat(100_000)}`;
  const { container, user } = await openWindow(
    snapshot({
      hosts: [host('gpu01', 1, 0)],
      servers: [server('gpu01', 8000, [id], { version: '<script>1</script>' })],
      forwards: [forward('gpu01', 8000, 16_103)],
    }),
    { view: 'models' },
  );
  await user.click(screen.getAllByRole('button', { expanded: false })[1] ?? container);
  expect(container.querySelector('img, script')).toBeNull();
  expect(within(screen.getByRole('table')).getAllByText(/^<img src=x/).length).toBeGreaterThan(0);
});
