import { describe, expect, it } from 'vitest';
import { errors } from '#common/failure.ts';
import { formatsOf } from '#common/format.ts';
import { chooseLanguage, countEn, countRu } from '#common/language.ts';
import { errorWords } from '#common/words/states.ts';

describe('numbers', () => {
  it('read as people write them, and unknown is a dash', () => {
    const { bytes, elapsed, gib, pct, count, whole, latency, temperature, clock, mark } = formatsOf('en');
    expect([0, 999, 1000, 12_345, 999_499, 100e6, 3.2e12].map(bytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '12.3 kB',
      '999 kB',
      '100 MB',
      '3.2 TB',
    ]);
    expect([0, 7_400, 754_000, 3_723_000].map(elapsed)).toEqual(['0:00', '0:07', '12:34', '1:02:03']);
    expect([null, 0, 4, 81_559, 652_472].map(gib)).toEqual(['–', '0.0', '0.0', '79.6', '637']);
    expect([null, 0, 41.6].map(pct)).toEqual(['–', '0 %', '42 %']);
    expect([null, 0, 7, 9.96, 791.4, 11_300, 4_500_000].map(count)).toEqual([
      '–',
      '0',
      '7',
      '10',
      '791',
      '11.3k',
      '4.5M',
    ]);
    expect([null, 131_072].map(whole)).toEqual(['–', '131,072']);
    expect([null, 85, 1234].map(latency)).toEqual(['–', '85 ms', '1.2 s']);
    expect([null, 61.4].map(temperature)).toEqual(['–', '61 °C']);
    const noon = new Date(2024, 4, 7, 12, 5).getTime();
    expect(clock(noon, noon)).toBe('12:05');
    expect(clock(noon, noon + 86_400_000)).toBe('7 May, 12:05');
    expect(mark(noon)).toBe('12:05');
    expect(mark(new Date(noon).setHours(0, 0))).toBe('7 May');
  });

  it('in Russian have their commas and their units', () => {
    const { bytes, gib, count, latency } = formatsOf('ru');
    expect(bytes(12_345)).toBe('12,3\u00a0кБ');
    expect(gib(72_900)).toBe('71,2');
    expect(count(11_300)).toBe('11,3\u00a0тыс.');
    expect(latency(1234)).toBe('1,2\u00a0с');
  });
});

describe('counted things', () => {
  it('stand in the form of their number', () => {
    expect([1, 0, 8, 1024].map((n) => countEn(n, 'GPU'))).toEqual([
      '1 GPU',
      '0 GPUs',
      '8 GPUs',
      '1,024 GPUs',
    ]);
    expect([1, 2, 5, 11, 21, 104].map((n) => countRu(n, ['хост', 'хоста', 'хостов']))).toEqual([
      '1\u00a0хост',
      '2\u00a0хоста',
      '5\u00a0хостов',
      '11\u00a0хостов',
      '21\u00a0хост',
      '104\u00a0хоста',
    ]);
  });
});

describe('the language', () => {
  it('is the chosen one, else the first of the system that the app has, else English', () => {
    expect(chooseLanguage('ru', ['en-GB'])).toBe('ru');
    expect(chooseLanguage('system', ['de-DE', 'ru-RU', 'en-US'])).toBe('ru');
    expect(chooseLanguage('system', ['de-DE'])).toBe('en');
    expect(chooseLanguage('system', [])).toBe('en');
  });

  it('has a title without a full stop and a hint with one for every error', () => {
    for (const code of Object.keys(errors) as (keyof typeof errors)[]) {
      for (const language of ['en', 'ru'] as const) {
        const { title, hint } = errorWords(code, language);
        expect(title, code).toMatch(/[^.]$/);
        expect(hint, code).toMatch(/\.$/);
      }
      expect(errorWords(code, 'ru').title, code).toMatch(/[а-я]/);
    }
  });
});
