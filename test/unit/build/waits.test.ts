/** That what a test waits for has as long as `test/support/patience.ts` says, and that no test sleeps instead. */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { patienceMs, patient } from '../../support/patience.ts';

describe('what a test waits for', () => {
  it('has come though it comes later than within the second that is the default of the library', async () => {
    let came = false;
    setTimeout(() => {
      came = true;
    }, 1200);
    await vi.waitFor(() => expect(came).toBe(true));
    came = false;
    setTimeout(() => {
      came = true;
    }, 1200);
    await vi.waitUntil(() => came);
  });

  it.each([
    ['nothing', undefined, { timeout: patienceMs }],
    ['how often to look', { interval: 5 }, { timeout: patienceMs, interval: 5 }],
    ['a limit of its own', { timeout: 90_000 }, { timeout: 90_000 }],
    ['that limit as a number', 90_000, 90_000],
  ])('has its time where the test names %s', (_name, options, expected) => {
    expect(patient(options)).toEqual(expected);
  });
});

describe('no test', () => {
  const here = path.join(import.meta.dirname, '..', '..');
  const texts = readdirSync(here, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('bench'))
    .map((file) => [file, readFileSync(path.join(here, file), 'utf8')] as const);

  /** The limits in milliseconds that a text names for waiting: `timeout: 5000`, not `timeout: 2 * longMs`. */
  const limits = (text: string): readonly number[] =>
    [...text.matchAll(/\btimeout: ([\d_]+)(?= ?[,}\n])/g)].map(([, digits = '']) =>
      Number(digits.replaceAll('_', '')),
    );

  it('has less patience than the others', () => {
    expect(texts.length).toBeGreaterThan(300);
    // Limits of the app itself, which this suite has its tests for, in seconds.
    const own = ['unit/app/options.test.ts', 'unit/build/waits.test.ts'];
    const hasty = texts.filter(
      ([file, text]) => !own.includes(file) && limits(text).some((ms) => ms < patienceMs),
    );
    expect(hasty.map(([file]) => file)).toEqual([]);
    expect(limits('vi.waitFor(seen, { timeout: 5000 }); poll(seen, { timeout: 2 * longMs })')).toEqual([
      5000,
    ]);
  });

  it('sleeps', () => {
    const allowed = [
      // A wire that brings one byte at a time.
      'engine/ssh/bad-links.test.ts',
      // A host whose first address answers late.
      'engine/ssh/client/dial.test.ts',
      'unit/build/waits.test.ts',
    ];
    const sleeps = (text: string) => /\bsetTimeout\(|\bawait (?:delay|sleep)\(/.test(text);
    const sleepers = texts.filter(([file, text]) => file.includes('.test.') && sleeps(text));
    expect(sleepers.map(([file]) => file).sort()).toEqual(allowed);
    expect(sleeps('await delay(50);')).toBe(true);
  });
});

it('the product sets its timers through main/common/timer.ts alone, which has a clock that tests can move', () => {
  const root = path.join(import.meta.dirname, '..', '..', '..');
  const sources = ['main', 'renderer'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => path.join(folder, file)),
  );
  const setsTimer = (file: string): boolean =>
    /(?<![.\w])set(?:Timeout|Interval)\(/.test(readFileSync(path.join(root, file), 'utf8'));
  expect(sources.filter(setsTimer)).toEqual([path.join('main', 'common', 'timer.ts')]);
});
