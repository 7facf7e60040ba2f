/** Which samples of one metric count, where a server says the same more than once. Pure. */

import { groupBy } from '#common/group-by.ts';
import type { LabelRole, Series } from './metric-table.ts';
import type { Sample } from './prometheus.ts';

type Roles = Readonly<Record<string, LabelRole>>;
type Labels = Sample['labels'];

/**
 * The samples of one metric of one model that are to be added: of copies the one of the lowest rank (numbers before names,
 * label by label in the order of `roles`), a total in place of its parts, each set of labels once.
 */
export function distinctSamples(samples: readonly Sample[], roles: Roles): readonly Sample[] {
  if (samples.length < 2 || areParts(samples, roles)) return samples;
  const withRole = (wanted: LabelRole): readonly string[] =>
    Object.keys(roles).filter((label) => roles[label] === wanted);
  const copies = withRole('copy');
  const ignored = [...copies, ...withRole('model')];
  let left = grouped(samples, ignored).map((group) => lowest(group, copies));
  for (const label of withRole('part-or-total'))
    left = grouped(left, [...ignored, label]).flatMap((group) => {
      const total = group.filter(({ labels }) => (labels.get(label) ?? '') === '');
      return total.length === 0 ? group : total;
    });
  return left;
}

/** Whether each is a part of its own by labels of the same names, as almost always: then all count, and that is quick to see. */
function areParts(samples: readonly Sample[], roles: Roles): boolean {
  const first = samples[0]?.labels ?? new Map<string, string>();
  const names = [...first.keys()];
  if (names.some((name) => roles[name] === 'copy' || roles[name] === 'part-or-total')) return false;
  const parts = names.filter((name) => roles[name] !== 'model');
  const seen = new Set<string>();
  for (const { labels } of samples) {
    if (labels.size !== names.length || !names.every((name) => labels.get(name))) return false;
    seen.add(differences(parts, first, labels));
  }
  return seen.size === samples.length;
}

/** The labels whose values differ, with those of `to`. */
function differences(names: readonly string[], from: Labels, to: Labels): string {
  let text = '';
  for (const name of names) {
    const value = to.get(name);
    if (value !== from.get(name)) text += `${name}=${value}\n`;
  }
  return text;
}

/** Whether the sample is one of the series. */
export function isOf(series: Series, { labels }: Sample): boolean {
  if (typeof series === 'string') return true;
  return Object.entries(series.where).every(([label, values]) => values.includes(labels.get(label) ?? ''));
}

/** By all labels but these; an empty one is as good as an absent one, as in Prometheus. */
function grouped(samples: readonly Sample[], ignored: readonly string[]): readonly (readonly Sample[])[] {
  const groups = groupBy(samples, (sample) => {
    const labels = [...sample.labels].filter(([label, value]) => value !== '' && !ignored.includes(label));
    return JSON.stringify(labels.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  return [...groups.values()];
}

function lowest(group: readonly Sample[], copies: readonly string[]): Sample {
  const ranksOf = ({ labels }: Sample): readonly (string | undefined)[] =>
    copies.map((label) => labels.get(label));
  return group.reduce((best, sample) => (isLower(ranksOf(sample), ranksOf(best)) ? sample : best));
}

function isLower(a: readonly (string | undefined)[], b: readonly (string | undefined)[]): boolean {
  const at = a.findIndex((rank, index) => rank !== b[index]);
  const [one, other] = [rankOf(a[at]), rankOf(b[at])];
  return at >= 0 && (one < other || (one === other && (a[at] ?? '') < (b[at] ?? '')));
}

/** A rank that is none stands last; an absent one is the only one. */
function rankOf(text: string | undefined): number {
  if (text === undefined || text === '') return -1;
  return /^\d{1,9}$/.test(text) ? Number(text) : Infinity;
}
