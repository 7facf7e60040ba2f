/** The ways to hosts, and which hosts share a way. */

import { describe, expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { ResolvedHost } from '#engine/ssh/config/resolved.ts';
import { createRoutes, lastOf } from '#engine/ssh/pool/routes.ts';
import { resolvedHost } from '../../../../support/ssh/resolved-host.ts';

const { signal } = new AbortController();

/** Hosts by alias; each is at its own address but for what is said of it. */
function routesOf(hosts: Readonly<Record<string, Partial<ResolvedHost>>>) {
  const resolve = async (alias: string): Promise<ResolvedHost> => {
    const fields = hosts[alias];
    if (fields === undefined) throw new AppError('resolve-failed');
    return resolvedHost({ alias, args: [alias], hostname: `${alias}.example`, ...fields });
  };
  return createRoutes({ resolve } as never);
}

describe('the routes', () => {
  it('are known as they were found last, and forgotten with their hosts', async () => {
    const routes = routesOf({ a: {}, b: {} });
    expect(routes.latest('a')).toBeNull();
    const route = await routes.find('a', signal);
    expect(lastOf(route).alias).toBe('a');
    await routes.find('b', signal);
    expect(routes.latest('a')?.hostname).toBe('a.example');
    expect(routes.known().map(({ alias }) => alias)).toEqual(['a', 'b']);
    routes.keep(['b', 'never-found']);
    expect([routes.latest('a'), routes.known().length]).toEqual([null, 1]);
  });

  it('name as companions what is the same host under another name, and nothing else', async () => {
    const routes = routesOf({
      a: {},
      same: { hostname: 'a.example' },
      user: { hostname: 'a.example', user: 'x' },
      b: {},
    });
    for (const alias of ['a', 'same', 'user', 'b']) await routes.find(alias, signal);
    expect(routes.companions('a', ['a', 'same', 'user', 'b', 'never-found'])).toEqual(['same']);
    expect(routes.companions('never-found', ['a'])).toEqual([]);
  });

  it('that cannot be found leave the earlier one', async () => {
    const hosts: Record<string, Partial<ResolvedHost>> = { a: {} };
    const routes = routesOf(hosts);
    await routes.find('a', signal);
    delete hosts.a;
    await expect(routes.find('a', signal)).rejects.toMatchObject({ code: 'resolve-failed' });
    expect(routes.latest('a')?.alias).toBe('a');
    expect(() => lastOf([])).toThrow('a route without a host');
  });
});
