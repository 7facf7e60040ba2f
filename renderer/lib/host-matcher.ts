import type { Language } from '#common/language.ts';
import type { Host } from '#common/model.ts';
import { type Filter, hostSubject } from './filter.ts';
import type { ServedModel } from './models.ts';

export type HostMatcher = (host: Host, models: readonly ServedModel[]) => boolean;

/** Whether a host matches the filter; asked again only of hosts that changed. */
export function createHostMatcher({ terms, matches }: Filter, language: Language): HostMatcher {
  if (terms.length === 0) return () => true;
  const known = new WeakMap<Host, { readonly models: readonly ServedModel[]; readonly isMatch: boolean }>();
  return (host, models) => {
    const before = known.get(host);
    if (before?.models === models) return before.isMatch;
    const ids = models.map(({ id }) => id);
    const isMatch = matches(hostSubject(host, ids, language));
    known.set(host, { models, isMatch });
    return isMatch;
  };
}
