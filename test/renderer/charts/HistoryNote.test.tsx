import { screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { CallInput } from '#common/contract.ts';
import { columnName, rangeMs, type SourcePast, type Track } from '#common/history.ts';
import { newPrometheusSource, type PrometheusState } from '#common/prometheus.ts';
import type { Event } from '#common/reduce.ts';
import { defaultSettings } from '#common/settings.ts';
import { aFailure, aLoad } from '../../support/samples.ts';
import { gpu, host, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const minute = 60_000;
const now = Date.now();
const util = columnName('GPU-0', 'utilPct');

/** Measured here for the last two minutes. */
const own: Track = { id: 'gpu01', times: [now - 2 * minute, now], columns: { [util]: [30, 40] } };

/** A value for each step of a range, from this share of it on. */
function pastOf(range: CallInput<'history.fromSources'>['range'], from = 0): SourcePast {
  const stepMs = rangeMs[range] / 360;
  const times = Array.from({ length: 361 }, (_none, at) => now - rangeMs[range] + at * stepMs).slice(
    from * 360,
  );
  const track = { id: 'gpu01', times, columns: { [util]: times.map((_time, at) => (at === 0 ? 97 : 50)) } };
  return { kind: 'read', source: 'fleet', track, stepMs, partial: null };
}

const source = newPrometheusSource('one', 'http://prometheus:9090');
const state: PrometheusState = {
  id: 'one',
  state: { kind: 'up' },
  answeredAt: now,
  hosts: 1,
  gpus: 1,
  scrapeMs: 15_000,
  partial: null,
  ambiguous: [],
  secret: { login: false, header: false, kept: false },
};
const settings = { ...defaultSettings, prometheus: [source] };
const hosts = [host('gpu01', 0, 0, { gpus: [gpu(0)], measuredAt: now })];

type Asked = CallInput<'history.fromSources'>;

/** The details of gpu01 over sources that answer so. */
async function openDetails(
  answer: (input: Asked) => readonly SourcePast[] | Promise<readonly SourcePast[]>,
  prometheus: readonly PrometheusState[] = [state],
) {
  const asked: Asked[] = [];
  const handlers = {
    'history.get': () => [own],
    'history.fromSources': (input: Asked) => {
      asked.push(input);
      return answer(input);
    },
  };
  const opened = await openWindow(snapshot({ hosts, settings, prometheus }), { handlers });
  await opened.user.click(screen.getByRole('button', { name: 'gpu01' }));
  return { ...opened, asked };
}

/** What a poll says of the source, without hosts of its own. */
const read = (now: PrometheusState): Event => ({
  kind: 'prometheus-read',
  hosts: [],
  servers: [],
  beside: new Map(),
  states: [now],
});

const chart = (text: RegExp) => screen.findByRole('img', { name: text });

test('a chart reaches back as far as the source knows, at half an hour, a day and a week', async () => {
  const { asked, user, container } = await openDetails(({ range }) => [pastOf(range)]);
  await chart(/^Utilisation of gpu01, last 30 minutes\. GPU 0: now 40 %, between 30 % and 97 %/);
  for (const [name, text] of [
    ['24 h', /last 24 hours\. GPU 0: now 40 %, between 30 % and 97 %/],
    ['7 d', /last 7 days\. GPU 0: now 40 %, between 30 % and 97 %/],
  ] as const) {
    await user.click(screen.getByRole('radio', { name }));
    await chart(text);
  }
  expect(asked).toEqual([
    { hostId: 'gpu01', range: 'half-hour' },
    { hostId: 'gpu01', range: 'day' },
    { hostId: 'gpu01', range: 'week' },
  ]);
  expect(screen.queryByText(/No data before/)).toBeNull();
  await expectAccessible(container);
});

test('what is missing from the beginning is said', async () => {
  const { user } = await openDetails(({ range }) => [pastOf(range, 0.5)]);
  await user.click(screen.getByRole('radio', { name: '7 d' }));
  await waitFor(() => expect(screen.getByText(/^No data before \d+ \w+, \d\d:\d\d$/)).toBeTruthy());
});

test('a source that fails is said in one line, what was measured here stays, and it can be asked again', async () => {
  let isAway = true;
  const failure = aFailure('source-busy', { detail: 'HTTP 503' });
  const { user, asked, container } = await openDetails(({ range }) =>
    isAway ? [{ kind: 'failed', source: 'fleet', failure }] : [pastOf(range)],
  );
  await screen.findByText('History could not be read from fleet: Prometheus is busy (HTTP 503)');
  await chart(/GPU 0: now 40 %, between 30 % and 40 %/);
  await expectAccessible(container);
  isAway = false;
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  await chart(/between 30 % and 97 %/);
  expect(screen.queryByText(/could not be read/)).toBeNull();
  expect(asked).toHaveLength(2);
});

test('an incomplete answer is drawn, and said to be incomplete', async () => {
  await openDetails(({ range }) => [
    { ...pastOf(range), kind: 'read', partial: 'a store is away' } as SourcePast,
  ]);
  await screen.findByText('History from fleet is incomplete: a store is away');
  await chart(/between 30 % and 97 %/);
});

test('an answer to a range that is not shown any more is passed over', async () => {
  const answers = new Map<Asked['range'], (pasts: readonly SourcePast[]) => void>();
  const { user } = await openDetails(({ range }) => new Promise((resolve) => answers.set(range, resolve)));
  await waitFor(() => expect(answers.has('half-hour')).toBe(true));
  expect(screen.getByText('Reading history…')).toBeTruthy();
  await user.click(screen.getByRole('radio', { name: '24 h' }));
  await waitFor(() => expect(answers.has('day')).toBe(true));
  answers.get('day')?.([pastOf('day')]);
  await chart(/last 24 hours\. GPU 0: now 40 %, between 30 % and 97 %/);
  answers.get('half-hour')?.([{ kind: 'failed', source: 'fleet', failure: aFailure('source-busy') }]);
  await chart(/last 24 hours\. GPU 0: now 40 %, between 30 % and 97 %/);
  expect(screen.queryByText(/could not be read/)).toBeNull();
});

test('a source is asked when it answers for the first time, and after a lost link', async () => {
  const silent = { ...state, state: { kind: 'waiting' }, answeredAt: null } as const;
  const { asked, apply, setLink } = await openDetails(({ range }) => [pastOf(range)], [silent]);
  await chart(/between 30 % and 40 %/);
  expect(asked).toEqual([]);
  apply(read(state));
  await chart(/between 30 % and 97 %/);
  // Each of its polls is no reason to ask again.
  apply(read({ ...state, answeredAt: now + 15_000 }));
  setLink('lost');
  await screen.findByText(/^Connection to the app lost/);
  setLink('open');
  await waitFor(() => expect(asked).toHaveLength(2));
});

test('without a source nothing is asked, and no week is offered', async () => {
  const asked: unknown[] = [];
  const handlers = {
    'history.get': () => [own],
    'history.fromSources': (input: Asked) => {
      asked.push(input);
      return [];
    },
  };
  const { user } = await openWindow(snapshot({ hosts }), { handlers });
  await user.click(screen.getByRole('button', { name: 'gpu01' }));
  await chart(/between 30 % and 40 %/);
  expect(screen.queryByRole('radio', { name: '7 d' })).toBeNull();
  expect(asked).toEqual([]);
});

test('a model is asked for by its host and port', async () => {
  const servers = [server('gpu01', 8000, ['m'], { loads: [{ ...aLoad, model: 'm' }] })];
  const asked: Asked[] = [];
  const handlers = {
    'history.fromSources': (input: Asked) => {
      asked.push(input);
      return [];
    },
  };
  const shown = snapshot({ hosts, servers, settings, prometheus: [state] });
  const { user } = await openWindow(shown, { view: 'models', handlers });
  await user.click(screen.getByRole('button', { name: /^m/ }));
  await waitFor(() => expect(asked).toEqual([{ hostId: 'gpu01', port: 8000, range: 'half-hour' }]));
});
