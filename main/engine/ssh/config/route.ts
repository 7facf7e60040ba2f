import { AppError, messageOf } from '#common/failure.ts';
import type { Resolver } from './resolve.ts';
import { connectionKey, expandHop, type JumpHop, type ResolvedHost } from './resolved.ts';

/** OpenSSH starts one process per hop and has no limit; no real route is that long. */
const maxHops = 10;

/**
 * The hosts to pass on the way to `target`, the outermost first and the target last. As in OpenSSH, the last hop of a
 * ProxyJump chain is reached through the hops before it, and the first one as its own configuration says. Errors: those
 * of the resolver, `proxy-failed` when the jump hosts lead back to each other.
 */
export async function resolveRoute(
  target: ResolvedHost,
  resolver: Resolver,
  signal: AbortSignal,
): Promise<readonly ResolvedHost[]> {
  const route = [target];
  for (let nearest = target; nearest.proxy.kind === 'jump'; ) {
    const { hops } = nearest.proxy;
    const last = hops.at(-1);
    if (last === undefined) break;
    const before = hops.slice(0, -1);
    const own = await resolver.resolveHop(last, signal);
    const hop: ResolvedHost =
      before.length > 0 ? { ...own, proxy: { kind: 'jump', hops: handOn(before, own, target) } } : own;
    const loops = route.some((passed) => connectionKey(passed) === connectionKey(hop));
    if (loops || route.length > maxHops) {
      const names = [hop, ...route]
        .map(({ alias }) => alias)
        .reverse()
        .join(' via ');
      const detail = loops ? `the jump hosts go in a circle: ${names}` : `more than ${maxHops} jump hosts`;
      throw new AppError('proxy-failed', { step: 'resolve', detail, command: target.command });
    }
    route.unshift(hop);
    nearest = hop;
  }
  return route;
}

/** The hops that the ssh of a hop is given with -J: it expands once more what the ssh before it has left of tokens (`%%r`). */
function handOn(hops: readonly JumpHop[], to: ResolvedHost, { command }: ResolvedHost): JumpHop[] {
  try {
    return hops.map((hop) => expandHop(hop, { ...to, hostKeyAlias: to.hostKeys.alias }));
  } catch (error) {
    throw new AppError('proxy-failed', { step: 'resolve', detail: messageOf(error), command });
  }
}
