import type { Host } from '#common/hosts.ts';
import type { HostId } from '#common/ids.ts';
import type { ModelLoad } from '#common/servers.ts';
import type { Filter } from './filter.ts';
import type { ServedModel } from './models.ts';
import { hostSubject } from './subjects.ts';

export type HostMatcher = (host: Host, models: readonly ServedModel[]) => boolean;

export type LoadsByHost = ReadonlyMap<HostId, readonly ModelLoad[]>;

/** Whether a host matches the filter; asked again only of hosts that changed. `loads`: of the models that each host serves. */
export function createHostMatcher({ terms, matches }: Filter, loads: LoadsByHost): HostMatcher {
  if (terms.length === 0) return () => true;
  const known = new WeakMap<Host, { readonly models: readonly ServedModel[]; readonly isMatch: boolean }>();
  return (host, models) => {
    const before = known.get(host);
    if (before?.models === models) return before.isMatch;
    const ids = models.map(({ id }) => id);
    const isMatch = matches(hostSubject(host, ids, loads.get(host.id)));
    known.set(host, { models, isMatch });
    return isMatch;
  };
}
