/** How a query that would answer with too many series is split by the beginning of `instance`. Pure. */

import { groupBy } from '#common/group-by.ts';
import { escaped, longestMatcher } from './matchers.ts';

/** One part: instances that begin with it; `isExact` is an instance itself. */
interface Part {
  readonly prefix: string;
  readonly isExact: boolean;
  readonly series: number;
}

/**
 * Matchers for the label `instance`, such as `instance=~"gpu-0.*|gpu-1.*"`, each for at most `most` series as far as single
 * instances do not have more; together they match every instance exactly once. One empty matcher where no split is needed.
 */
export function splitByInstance(seriesOf: ReadonlyMap<string, number>, most: number): readonly string[] {
  const total = [...seriesOf.values()].reduce((sum, count) => sum + count, 0);
  if (total <= most) return [''];
  const instances = [...seriesOf].sort(([a], [b]) => (a < b ? -1 : 1));
  const matchers: string[] = [];
  let alternatives: string[] = [];
  let [series, length] = [0, 0];
  const flush = (): void => {
    if (alternatives.length > 0) matchers.push(`instance=~"${alternatives.join('|')}"`);
    alternatives = [];
    [series, length] = [0, 0];
  };
  for (const part of partsOf(instances, '', most)) {
    const alternative = escaped(part.prefix) + (part.isExact ? '' : '.*');
    if (series + part.series > most || length + alternative.length > longestMatcher) flush();
    alternatives.push(alternative);
    series += part.series;
    length += alternative.length + 1;
  }
  flush();
  return matchers;
}

function partsOf(instances: readonly (readonly [string, number])[], prefix: string, most: number): Part[] {
  const series = instances.reduce((sum, [, count]) => sum + count, 0);
  if (instances.length === 0) return [];
  if (series <= most && prefix !== '') return [{ prefix, isExact: false, series }];
  const groups = groupBy(instances, ([name]) => nextLetter(name, prefix.length));
  return [...groups].flatMap(([letter, group]) => {
    if (letter === null || group.length === 1)
      return group.map(([name, count]) => ({ prefix: name, isExact: true, series: count }));
    return partsOf(group, prefix + letter, most);
  });
}

/** A whole letter, which a pair of surrogates is one of. */
function nextLetter(text: string, at: number): string | null {
  const point = text.codePointAt(at);
  return point === undefined ? null : String.fromCodePoint(point);
}
