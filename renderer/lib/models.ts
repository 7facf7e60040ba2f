import type { HostId, ModelServer } from '#common/model.ts';

/** The base models that each host serves, adapters left out; hosts without one are absent. */
export function modelsByHost(servers: readonly ModelServer[]): ReadonlyMap<HostId, readonly string[]> {
  const byHost = new Map<HostId, string[]>();
  for (const server of servers) {
    const ids = server.models.filter((model) => model.parent === null).map((model) => model.id);
    if (ids.length > 0) byHost.set(server.hostId, [...(byHost.get(server.hostId) ?? []), ...ids]);
  }
  return byHost;
}
