import type { Resolver } from '../config/resolve.ts';
import { connectionKey, type ResolvedHost } from '../config/resolved.ts';
import { resolveRoute } from '../config/route.ts';

/** The jump hosts on the way, the outermost first, and the host itself; at least one. */
export type Route = readonly ResolvedHost[];

/** The ways to hosts, as they were found last. */
export interface Routes {
  /** Finds the way anew. Errors: those of resolveRoute. */
  find(alias: string, signal: AbortSignal): Promise<Route>;
  /** The host as it was found last; null for one that was not asked for. */
  latest(alias: string): ResolvedHost | null;
  /** Those of the aliases that have a host in common with the way to this one, or are it under another name. */
  companions(alias: string, among: readonly string[]): readonly string[];
  known(): readonly ResolvedHost[];
  /** Forgets all others. */
  keep(aliases: readonly string[]): void;
}

export function createRoutes(resolver: Resolver): Routes {
  const routes = new Map<string, Route>();
  const latest = (alias: string): Route => routes.get(alias) ?? [];
  return {
    async find(alias, signal) {
      const route = await resolveRoute(await resolver.resolve(alias, signal), resolver, signal);
      routes.set(alias, route);
      return route;
    },
    latest: (alias) => latest(alias).at(-1) ?? null,
    companions(alias, among) {
      const way = new Set(latest(alias).map(connectionKey));
      const shares = (host: ResolvedHost): boolean => way.has(connectionKey(host));
      return among.filter((other) => other !== alias && latest(other).some(shares));
    },
    known: () => [...routes.values()].flat(),
    keep(aliases) {
      const kept = new Set(aliases);
      for (const alias of routes.keys()) if (!kept.has(alias)) routes.delete(alias);
    },
  };
}

export function lastOf(route: Route): ResolvedHost {
  const last = route.at(-1);
  if (last === undefined) throw new Error('a route without a host');
  return last;
}
