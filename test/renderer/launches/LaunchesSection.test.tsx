import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { launchWords } from '#common/words/launches.ts';
import { mostLogLetters } from '../../../renderer/launches/join-log.ts';
import { launch } from '../../support/snapshot.ts';
import { forward, host, server, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const hosts = [host('gpu01', 4, 0)];
const servers = [server('gpu01', 9000, ['other/model'])];
const section = async () => within(await screen.findByRole('region', { name: 'Launches' }));

test('each launch shows model, host, stage with its figures, and the time left', async () => {
  const { container } = await openWindow(
    snapshot({
      hosts,
      servers,
      launches: [
        launch('gpu01', 'down', {
          model: 'org/big',
          stage: {
            kind: 'download',
            doneBytes: 13_000_000_000,
            totalBytes: 65_000_000_000,
            bytesPerSecond: 212_000_000,
          },
          endsAt: Date.now() + 5_400_000,
        }),
        launch('gpu01', 'vllmctl_server_8001', { model: null, remotePort: 8001 }),
      ],
    }),
    { view: 'models' },
  );
  const rows = (await section()).getAllByRole('row');
  expect(rows[1]?.textContent).toContain('org/big');
  expect(rows[1]?.textContent).toContain('gpu01:8000');
  expect(rows[1]?.textContent).toContain('13.0 GB / 65.0 GB, 212 MB/s');
  expect(rows[1]?.textContent).toContain('1 h');
  expect(within(rows[1] as HTMLElement).getByRole<HTMLProgressElement>('progressbar').value).toBeCloseTo(
    0.18,
  );
  expect(rows[2]?.textContent).toContain('Started by vllmctl');
  await expectAccessible(container);
});

test('stop says what it ends before it does; extend is one call', async () => {
  const { user, calls } = await openWindow(
    snapshot({
      hosts,
      servers,
      launches: [launch('gpu01', 'mine', { model: 'org/m', endsAt: Date.now() + 60_000 })],
    }),
    { view: 'models' },
  );
  const rows = await section();
  await user.click(rows.getByRole('button', { name: 'Stop mine' }));
  const dialog = within(screen.getByRole('dialog', { name: 'Stop org/m on gpu01?' }));
  expect(
    dialog.getByText(/process group of mine gets TERM and, if it still runs after 20 s, KILL/),
  ).toBeTruthy();
  expect(calls().filter(({ name }) => name === 'launch.stop')).toEqual([]);
  await user.click(dialog.getByRole('button', { name: 'Stop launch' }));
  expect(calls()).toContainEqual({ name: 'launch.stop', input: { launchId: 'gpu01/mine' } });
  await user.click(rows.getByRole('button', { name: 'Extend mine' }));
  await user.click(screen.getByRole('menuitem', { name: '2 hours more' }));
  expect(calls()).toContainEqual({
    name: 'launch.extend',
    input: { launchId: 'gpu01/mine', seconds: 7200 },
  });
});

test('one that is ready has its forward, or a button for it', async () => {
  const { user, calls } = await openWindow(
    snapshot({
      hosts,
      servers,
      launches: [
        launch('gpu01', 'open', { model: 'org/a', remotePort: 8000 }),
        launch('gpu01', 'closed', { model: 'org/b', remotePort: 8001 }),
      ],
      forwards: [forward('gpu01', 8000, 16_100)],
    }),
    { view: 'models' },
  );
  const rows = await section();
  expect(rows.getByRole('button', { name: /^Forward localhost:16100/ })).toBeTruthy();
  await user.click(rows.getByRole('button', { name: 'Forward closed' }));
  expect(calls()).toContainEqual({
    name: 'forward.open',
    input: { hostId: 'gpu01', remotePort: 8001 },
  });
});

test('a failure unfolds to its line, the next step and a log that is never more than text', async () => {
  const { user, container } = await openWindow(
    snapshot({
      hosts,
      servers,
      launches: [
        launch('gpu01', 'broken', {
          stage: { kind: 'failed', failure: { kind: 'no-access', line: 'GatedRepoError: 403' } },
        }),
        launch('gpu01', 'old', { stage: { kind: 'stopped', why: 'lifetime' } }),
      ],
    }),
    {
      view: 'models',
      row: 'gpu01/broken',
      handlers: {
        'launch.log': ({ after }) => ({ text: after === 0 ? '<b id="evil">x</b>\n' : '', next: 19 }),
      },
    },
  );
  const rows = await section();
  // The address names it: it is unfolded already.
  expect(await rows.findByText(launchWords.en.failure['no-access'].hint)).toBeTruthy();
  expect(rows.getAllByText('GatedRepoError: 403').length).toBe(2);
  const log = rows.getByRole('region', { name: 'Log of broken' });
  await waitFor(() => expect(log.textContent).toContain('<b id="evil">x</b>'));
  expect(document.getElementById('evil')).toBeNull();
  expect(rows.queryByText('old')).toBeNull();
  await user.click(rows.getByRole('button', { name: 'Show 1 ended' }));
  expect(rows.getByText('old')).toBeTruthy();
  await expectAccessible(container);
});

test('a log of any length is cut at its beginning', async () => {
  await openWindow(
    snapshot({
      hosts,
      servers,
      launches: [launch('gpu01', 'loud', { stage: { kind: 'stopped', why: 'asked' } })],
    }),
    {
      view: 'models',
      row: 'gpu01/loud',
      handlers: { 'launch.log': () => ({ text: `${'x'.repeat(99)}\n`.repeat(2000), next: 200_000 }) },
    },
  );
  const log = (await section()).getByRole('region', { name: 'Log of loud' });
  await waitFor(() => expect(log.querySelector('pre')?.textContent).toMatch(/^x{99}\n/));
  expect(log.querySelector('pre')?.textContent?.length).toBeLessThanOrEqual(mostLogLetters);
});

test('the filter leaves the launches of a model or a stage', async () => {
  const { user } = await openWindow(
    snapshot({
      hosts,
      servers,
      launches: [
        launch('gpu01', 'one', { model: 'org/alpha' }),
        launch('gpu01', 'two', { model: 'org/beta', stage: { kind: 'load', pct: 3 } }),
      ],
    }),
    { view: 'models' },
  );
  await section();
  await user.type(screen.getByRole('combobox', { name: 'Filter hosts, models and forwards' }), 'alpha');
  await waitFor(async () => expect((await section()).queryByText('two')).toBeNull());
  expect((await section()).getByText('one')).toBeTruthy();
});
