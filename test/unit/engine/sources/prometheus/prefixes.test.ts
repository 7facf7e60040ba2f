import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitByInstance } from '#engine/sources/prometheus/prefixes.ts';

/** What the matchers match, as Prometheus anchors them. */
function matches(matcher: string, instance: string): boolean {
  if (matcher === '') return true;
  const text = /^instance=~"(.*)"$/s.exec(matcher)?.[1] ?? '';
  const pattern = text.replace(/\\(["\\n])/g, (_all, letter: string) => (letter === 'n' ? '\n' : letter));
  return new RegExp(`^(?:${pattern})$`, 'su').test(instance);
}

describe('splitting by instance', () => {
  it('asks once for what is few', () => {
    expect(splitByInstance(new Map([['a', 10]]), 10)).toEqual(['']);
  });

  it('goes as deep as instances that begin alike need', () => {
    const instances = Array.from({ length: 1000 }, (_none, at) => `gpu-${String(at).padStart(4, '0')}:9400`);
    const matchers = splitByInstance(new Map(instances.map((one) => [one, 48])), 20_000);
    expect(matchers.length).toBeLessThan(10);
    for (const one of instances) expect(matchers.filter((matcher) => matches(matcher, one))).toHaveLength(1);
  });

  it('matches each instance exactly once, within its bounds', () => {
    const instance = fc.string({
      unit: fc.constantFrom('a', 'b', '.', '-', ':', '9', '"', '\\', '*', '\n', '[', 'é', '😀'),
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(instance, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 30 }),
        (instances, most) => {
          const matchers = splitByInstance(new Map(instances.map((one) => [one, 3])), most);
          for (const one of instances)
            expect(matchers.filter((matcher) => matches(matcher, one))).toHaveLength(1);
          for (const matcher of matchers) {
            const count = instances.filter((one) => matches(matcher, one)).length;
            expect(count * 3 <= most || count === 1).toBe(true);
          }
        },
      ),
    );
  });
});
