import type { Endpoint } from '#common/hosts.ts';
import { type Shared, share } from '../io/share.ts';
import { createSshAsker, type SshAskerDeps } from './ask-ssh.ts';
import type { JumpHop, ResolvedHost } from './resolved.ts';

export type ResolverDeps = SshAskerDeps;

/** What the configuration says of a host, remembered until `forget`. Errors: `resolve-failed`, `cancelled`. */
export interface Resolver {
  /** These are asked for soon, most likely in this order; see SshAsker. Never rejects. */
  expect(aliases: readonly string[]): Promise<void>;
  resolve(alias: string, signal?: AbortSignal): Promise<ResolvedHost>;
  /** The same for a jump host, whose user and port come before those of the configuration. */
  resolveHop(hop: JumpHop, signal?: AbortSignal): Promise<ResolvedHost>;
  /** Where the files alone say the host is, see SshAsker: runs no program. Errors: `resolve-failed`. */
  read(alias: string): Promise<Endpoint>;
  /** To be called when the configuration may have changed. */
  forget(): void;
  /** Resolves when what is kept for the next start is written. */
  dispose(): Promise<void>;
}

/**
 * Asks `ssh -G` (7-11 ms each). Where there is no ssh program, and where ssh refuses the whole configuration for a bad
 * line, the values are computed from the files as far as subset.ts goes.
 */
export function createResolver(deps: ResolverDeps): Resolver {
  const asker = createSshAsker(deps);
  const known = new Map<string, Shared<ResolvedHost>>();

  const resolveHop = (hop: JumpHop, signal?: AbortSignal): Promise<ResolvedHost> => {
    const key = keyOf(hop);
    const found = known.get(key);
    if (found !== undefined) return found.join(signal);
    const forgetThis = (): void => {
      if (known.get(key) === asked) known.delete(key);
    };
    const asked = share(async (attempt) => {
      try {
        return await asker.ask(hop, attempt);
      } catch (error) {
        // Only answers are remembered: what is wrong now may be fixed by the next time.
        forgetThis();
        throw error;
      }
    }, forgetThis);
    known.set(key, asked);
    return asked.join(signal);
  };

  return {
    expect: (aliases) => asker.expect(aliases.filter((alias) => !known.has(keyOf(hopTo(alias))))),
    resolve: (alias, signal) => resolveHop(hopTo(alias), signal),
    resolveHop,
    read: asker.read,
    forget: () => {
      known.clear();
      asker.forget();
    },
    dispose: asker.dispose,
  };
}

const hopTo = (alias: string): JumpHop => ({ host: alias, user: null, port: null });
const keyOf = ({ host, user, port }: JumpHop): string => JSON.stringify([host, user, port]);
