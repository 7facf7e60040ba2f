import type { Host, HostId, Snapshot } from '#common/model.ts';
import { failureOf, isUp } from '#common/select.ts';
import type { Forwards } from './forward/forwards.ts';
import type { HostList } from './host-list.ts';
import { untilOnline, watchNetwork } from './network.ts';
import { watchAgents } from './scan/agent-watch.ts';
import { mustWait } from './scan/backoff.ts';
import type { Scanner } from './scan/scanner.ts';
import { type WatchedFiles, type WatchGroup, watchFiles } from './ssh/config-watch.ts';
import type { Pool } from './ssh/pool.ts';
import type { Resolver } from './ssh/resolve.ts';
import type { Store } from './store.ts';

export interface UpkeepDeps {
  readonly store: Store;
  readonly hostList: HostList;
  readonly resolver: Resolver;
  readonly pool: Pool;
  readonly scanner: Scanner;
  readonly forwards: Forwards;
  /** Called with the hosts that are left after the configuration was read again. */
  readonly onHosts: (hostIds: readonly HostId[]) => void;
}

/** Reacts to what changes around the engine: sleep, networks, the configuration, known hosts, keys and agents. */
export interface Upkeep {
  start(): void;
  /** See Engine.wake. */
  wake(): Promise<void>;
  /** Reads the configuration again, lets go of hosts that are not wanted any more and tries the new ones. */
  reload(): Promise<void>;
  dispose(): void;
}

/** After a sleep the network takes seconds to come back. */
const onlineMs = 30_000;
const wakeMs = 3000;

export function createUpkeep(deps: UpkeepDeps): Upkeep {
  const { store, hostList, resolver, pool, scanner, forwards, onHosts } = deps;
  const watches: { close(): void }[] = [];
  const ended = new AbortController();

  const scanThose = (which: (host: Host) => boolean): void => {
    const hostIds = store
      .current()
      .hosts.filter(which)
      .map(({ id }) => id);
    if (!ended.signal.aborted && hostIds.length > 0) void scanner.scan(hostIds);
  };

  const wake = async (): Promise<void> => {
    await untilOnline({ timeoutMs: onlineMs, signal: ended.signal });
    await pool.check(wakeMs);
    if (ended.signal.aborted) return;
    forwards.hurry();
    await scanner.scan(hostsAway(store.current(), pool));
  };

  const reload = async (): Promise<void> => {
    await hostList.load();
    const hostIds = store.current().hosts.map(({ id }) => id);
    onHosts(hostIds);
    await pool.retain(hostIds);
    if (watches.length > 0) scanThose(({ state }) => !isUp(state));
  };

  const onChange = async (changed: ReadonlySet<WatchGroup>): Promise<void> => {
    if (changed.has('config')) {
      await reload();
      return;
    }
    if (changed.has('knownHosts')) scanThose(({ state }) => state.kind.startsWith('hostkey-'));
    if (changed.has('keys')) scanThose(({ state }) => state.kind === 'auth-needed');
  };

  const files = (): WatchedFiles => {
    const hosts = pool.known();
    const { files: config, includes } = hostList.reading();
    const knownHosts = hosts.flatMap(({ hostKeys }) => [...hostKeys.userFiles, ...hostKeys.globalFiles]);
    return { config, includes, knownHosts, keys: hosts.flatMap(({ identity }) => identity.files) };
  };

  return {
    start() {
      watches.push(
        watchNetwork({ onChange: () => void wake() }),
        watchAgents({ store, resolver, onChange: (hostIds) => void scanner.scan(hostIds) }),
        watchFiles(files, { onChange, readAtMs: hostList.reading().atMs }),
      );
    },
    wake,
    reload,
    dispose() {
      ended.abort();
      for (const watch of watches.splice(0)) watch.close();
    },
  };
}

/** Hosts that lost their connection or are tried again by themselves: not those that wait for a person or their time. */
function hostsAway({ hosts }: Snapshot, pool: Pool): HostId[] {
  const isAway = ({ id, state }: Host): boolean => {
    if (isUp(state)) return pool.peek(id) === null;
    const failure = failureOf(state);
    return failure !== null && failure.nextAttemptAt !== null && !mustWait(failure.code);
  };
  return hosts.filter(isAway).map(({ id }) => id);
}
