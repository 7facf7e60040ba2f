import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Bridge } from '#common/bridge.ts';
import { createInViewReporter, type InViewReporter } from '../../../renderer/state/in-view-reporter.ts';

const said: (readonly string[])[] = [];
const bridge = {
  call: (_name: string, { hostIds }: { hostIds: readonly string[] }) => {
    said.push(hostIds);
    return Promise.reject(new Error('the link is lost'));
  },
} as unknown as Bridge;

let reporter: InViewReporter;
beforeEach(() => {
  vi.useFakeTimers();
  said.length = 0;
  reporter = createInViewReporter(bridge, document);
});
afterEach(() => {
  reporter.dispose();
  vi.useRealTimers();
});

test('says at most once a second what all tables show, and again every ten seconds', () => {
  const [hosts, models] = [{}, {}];
  for (let row = 0; row < 500; row += 1) reporter.show(hosts, [`h${row}`]);
  reporter.show(models, ['m', 'h499']);
  expect(said).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(said).toEqual([['h499', 'm']]);
  vi.advanceTimersByTime(10_000);
  expect(said).toEqual([
    ['h499', 'm'],
    ['h499', 'm'],
  ]);
  reporter.show(hosts, null);
  vi.advanceTimersByTime(1000);
  expect(said.at(-1)).toEqual(['m', 'h499']);
});

test('says no more than one call takes, nothing while the page is hidden, and nothing after its end', () => {
  reporter.show(
    {},
    Array.from({ length: 3000 }, (_, at) => `h${at}`),
  );
  vi.advanceTimersByTime(1000);
  expect(said[0]).toHaveLength(1000);
  const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  vi.advanceTimersByTime(30_000);
  expect(said).toHaveLength(1);
  visibility.mockReturnValue('visible');
  document.dispatchEvent(new Event('visibilitychange'));
  vi.advanceTimersByTime(1000);
  expect(said).toHaveLength(2);
  visibility.mockRestore();
  reporter.dispose();
  vi.advanceTimersByTime(30_000);
  expect(said).toHaveLength(2);
});
