import type { Host } from '#common/hosts.ts';
import type { HostId } from '#common/ids.ts';
import { type Patch, touched } from '#common/patch.ts';
import { failureOf } from '#common/select/failures.ts';
import { isUp } from '#common/select/hosts.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { openFilesLimit } from './forward/connection-cap.ts';
import type { HostList } from './host-list.ts';
import { untilOnline, watchNetwork } from './network/network.ts';
import { watchAgents } from './scan/agent-watch.ts';
import { mustWait } from './scan/backoff.ts';
import type { Retries } from './scan/retries.ts';
import type { Scanner } from './scan/scanner.ts';
import { type WatchedFiles, type WatchGroup, watchFiles } from './ssh/config/config-watch.ts';
import type { Resolver } from './ssh/config/resolve.ts';
import type { Pool } from './ssh/pool.ts';
import type { Store } from './store.ts';

export interface UpkeepDeps {
  readonly store: Store;
  readonly hostList: HostList;
  readonly resolver: Resolver;
  readonly pool: Pool;
  readonly scanner: Scanner;
  readonly retries: Retries;
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
  const { store, hostList, resolver, pool, scanner, retries, onHosts } = deps;
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
    retries.hurryAll('network');
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

  const reportShortage = (): void => {
    const { problems } = store.current();
    if (problems.some(({ code }) => code === 'open-files')) return;
    const detail = `it may have ${openFilesLimit()} of them`;
    store.apply({ kind: 'problem-found', problem: { code: 'open-files', detail } });
  };

  const lookForShortage = ({ hosts }: Patch): void => {
    const isShort = ({ state }: Host): boolean => failureOf(state)?.code === 'open-files';
    if (touched(store.current().hosts, hosts).some(isShort)) reportShortage();
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
        { close: store.subscribe(lookForShortage) },
        watchNetwork({
          onChange(why) {
            retries.tellAgain();
            if (why !== 'clock') void wake();
          },
          onShort: reportShortage,
        }),
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

/** Hosts that lost their connection or are tried again automatically: not those that wait for a person or their time. */
function hostsAway({ hosts }: Snapshot, pool: Pool): HostId[] {
  const isAway = ({ id, state }: Host): boolean => {
    if (isUp(state)) return pool.peek(id) === null;
    const failure = failureOf(state);
    return failure !== null && failure.nextAttemptAt !== null && !mustWait(failure.code);
  };
  return hosts.filter(isAway).map(({ id }) => id);
}
