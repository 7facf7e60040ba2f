import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { columnName, type Track } from '#common/history.ts';
import { gpu, host, snapshot } from '../samples.ts';
import { closeWindow, expectAccessible, openWindow } from '../window.tsx';

afterEach(closeWindow);

const minute = 60_000;
const now = Date.now();

/** A quarter of an hour of one GPU, with a silence. */
const track: Track = {
  id: 'gpu01',
  times: [-16, -11, -6, -5, 0].map((at) => now + at * minute),
  columns: {
    [columnName('GPU-0', 'utilPct')]: [80, 60, null, 10, 30],
    [columnName('GPU-0', 'memUsedMiB')]: [1024, 2048, null, 1024, 1024],
  },
};

const one = () => snapshot({ hosts: [host('gpu01', 0, 0, { gpus: [gpu(0)], measuredAt: now })] });

async function openDetails(tracks: readonly Track[] | null) {
  const handlers = {
    'history.get': () => tracks ?? new Promise<never>(() => undefined),
  };
  const opened = await openWindow(one(), { handlers });
  await opened.user.click(screen.getByRole('button', { name: 'gpu01' }));
  return opened;
}

test('a chart says what it shows, and its legend what the latest value is', async () => {
  const { container } = await openDetails([track]);
  const picture = await screen.findByRole('img', { name: /^Utilisation of gpu01.*now 30 %/ });
  expect(picture.getAttribute('aria-label')).toBe(
    'Utilisation of gpu01, last 30 minutes. GPU 0: now 30 %, between 10 % and 80 %.',
  );
  expect(
    screen.getByRole('img', { name: /^Memory used on gpu01.*now 1.0 GiB, between 1.0 GiB and 2.0 GiB/ }),
  ).toBeTruthy();
  const [first] = screen.getAllByRole('button', { name: 'GPU 0 30 %' });
  expect(first?.getAttribute('aria-pressed')).toBe('false');
  await expectAccessible(container);
});

test('by keyboard the crosshair is a slider over time', async () => {
  const { user } = await openDetails([track]);
  const slider = await screen.findByRole('slider', { name: 'Time in Utilisation of gpu01' });
  expect(slider.getAttribute('aria-valuetext')).toMatch(/^\d\d:\d\d: GPU 0 30 %$/);
  const figure = slider.closest('figure');
  if (figure === null) throw new Error('no figure');
  await user.click(slider);
  await user.keyboard('{ArrowLeft}');
  // What happy-dom does not do by itself.

  fireEvent.change(slider, { target: { value: '1' } });
  expect(slider.getAttribute('aria-valuetext')).toMatch(/GPU 0 60 %$/);
  expect(within(figure).getByRole('button', { name: 'GPU 0 60 %' })).toBeTruthy();
  fireEvent.blur(slider);
  expect(within(figure).getByRole('button', { name: 'GPU 0 30 %' })).toBeTruthy();
});

test('a legend entry makes its line stand out, and the range is a choice', async () => {
  const { user } = await openDetails([track]);
  const [entry] = await screen.findAllByRole('button', { name: 'GPU 0 30 %' });
  if (entry === undefined) throw new Error('no legend');
  await user.click(entry);
  expect(entry.getAttribute('aria-pressed')).toBe('true');
  await user.click(screen.getByRole('radio', { name: '24 h' }));
  expect(screen.getByRole('img', { name: /^Utilisation of gpu01, last 24 hours/ })).toBeTruthy();
});

test('before the answer the place is there already; without a past it says so', async () => {
  const waiting = await openDetails(null);
  expect(waiting.container.querySelectorAll('.Chart__place')).toHaveLength(2);
  expect(screen.queryByText('Nothing measured yet')).toBeNull();
  closeWindow();
  await openDetails([]);
  await waitFor(() => expect(screen.getAllByText('Nothing measured yet')).toHaveLength(2));
});

test('a row has a small graph with gaps where nothing is known', async () => {
  const { container } = await openWindow(one(), { handlers: { 'history.get': () => [track] } });
  await waitFor(() => {
    const line = container.querySelector('.Sparkline__sparkline > path:last-child')?.getAttribute('d') ?? '';
    // One run up to the silence, one after it.
    expect(line.match(/M/g)).toHaveLength(2);
  });
});
