import { describe, expect, test } from 'vitest';
import { views } from '#common/place.ts';
import { paletteEntries } from '../../../renderer/palette/entries.ts';
import { matchEntries, mostShown } from '../../../renderer/palette/match.ts';
import { failedHost, forward, host, server, snapshot } from '../samples.ts';

const shot = snapshot({
  hosts: [host('gpu01', 2, 0), host('my-gpu', 0, 1), failedHost('off1')],
  servers: [server('gpu01', 8000, ['Qwen/Qwen3-32B']), server('my-gpu', 8000, ['Qwen/Qwen3-32B'])],
  forwards: [forward('gpu01', 8000, 16_100)],
});
const titles = (typed: string) =>
  matchEntries(paletteEntries(shot, { language: 'en', isDesktop: false }), typed).shown.map(
    ({ title, detail }) => (detail === '' ? title : `${title} | ${detail}`),
  );

describe('the entries of the palette', () => {
  test('begin with the views, and have every host, model and forward once', () => {
    const all = paletteEntries(shot, { language: 'en', isDesktop: false });
    expect(all.slice(0, views.length).map(({ title }) => title)).toEqual([
      'GPUs',
      'Models',
      'Forwards',
      'Settings',
      'Diagnostics',
    ]);
    const of = (wanted: string) => all.filter(({ kind }) => kind === wanted).map(({ title }) => title);
    expect(of('host')).toEqual(['gpu01', 'my-gpu', 'off1']);
    expect(of('model')).toEqual(['Qwen/Qwen3-32B', 'Qwen/Qwen3-32B']);
    expect(of('forward')).toEqual(['localhost:16100']);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  test('offer to forward only what is not forwarded yet', () => {
    expect(titles('forward qwen')).toContain('Forward Qwen/Qwen3-32B | my-gpu:8000');
    expect(titles('forward qwen')).not.toContain('Forward Qwen/Qwen3-32B | gpu01:8000');
    expect(titles('stop gpu01')).toEqual(['Stop the forward to gpu01:8000 | Qwen/Qwen3-32B']);
  });
});

describe('a few letters', () => {
  test('mean the title that begins with them before one that has them inside', () => {
    expect(titles('gpu').slice(0, 3)).toEqual([
      'GPUs',
      'gpu01 | 2 × H100 80GB HBM3',
      'my-gpu | 1 × H100 80GB HBM3',
    ]);
    expect(titles('qwen3').at(0)).toBe('Qwen/Qwen3-32B | gpu01:8000');
  });

  test('must all occur, in the title or what stands beside it', () => {
    expect(titles('qwen my-gpu').at(0)).toBe('Qwen/Qwen3-32B | my-gpu:8000');
    expect(titles('qwen nowhere')).toEqual([]);
  });

  test('show as many as can be looked through, and how many there are', () => {
    const hosts = Array.from({ length: 200 }, (_, at) => host(`node${at}`, 1, 0));
    const { shown, all } = matchEntries(
      paletteEntries(snapshot({ hosts }), { language: 'en', isDesktop: false }),
      'node',
    );
    expect(shown).toHaveLength(mostShown);
    expect(all).toBe(800);
  });
});
