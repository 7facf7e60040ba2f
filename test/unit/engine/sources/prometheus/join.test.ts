import { describe, expect, it } from 'vitest';
import { createJoiner } from '#engine/sources/prometheus/join.ts';

const join = createJoiner([
  { alias: 'h100-01', hostname: '10.0.0.1' },
  { alias: 'login', hostname: 'gpu-07.cluster.example' },
  { alias: 'a100.north', hostname: null },
  { alias: 'a100.south', hostname: null },
  { alias: 'twin-a', hostname: '10.0.0.9' },
  { alias: 'twin-b', hostname: '10.0.0.9' },
]);
const joined = (alias: string) => ({ kind: 'joined', alias });

describe('the host that a name in Prometheus means', () => {
  it.each([
    ['H100-01', 'h100-01'],
    ['h100-01.cluster.example', 'h100-01'],
    ['10.0.0.1', 'h100-01'],
    ['gpu-07.cluster.example', 'login'],
    ['gpu-07', 'login'],
    ['a100.north', 'a100.north'],
  ])('%s is %s', (name, alias) => {
    expect(join(name, undefined)).toEqual(joined(alias));
  });

  it('may be several: then none is taken', () => {
    expect(join('a100', undefined)).toEqual({ kind: 'ambiguous', aliases: ['a100.north', 'a100.south'] });
    expect(join('10.0.0.9', undefined)).toEqual({ kind: 'ambiguous', aliases: ['twin-a', 'twin-b'] });
  });

  it('is what the person has chosen, as long as that is there', () => {
    expect(join('a100', 'a100.south')).toEqual(joined('a100.south'));
    expect(join('h100-01', '')).toEqual({ kind: 'none' });
    expect(join('h100-01', 'gone')).toEqual(joined('h100-01'));
  });

  it('is not one whose address begins alike', () => {
    expect(join('10.0.0.2', undefined)).toEqual({ kind: 'none' });
    expect(join('10', undefined)).toEqual({ kind: 'none' });
  });
});
