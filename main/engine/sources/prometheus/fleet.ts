/** All sources of Prometheus that the settings name: polls them, and keeps their hosts in the Snapshot. */

import { isDeepStrictEqual } from 'node:util';
import type { Host } from '#common/hosts.ts';
import type { HostId } from '#common/ids.ts';
import { touched } from '#common/patch.ts';
import type { PrometheusSource, SourceReport } from '#common/prometheus.ts';
import { isUp } from '#common/select/hosts.ts';
import type { Settings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { type Clock, systemClock } from '#common/timer.ts';
import type { Log } from '../../diagnostics/log.ts';
import { type HostList, isInGroup } from '../../host-list.ts';
import type { Store } from '../../store.ts';
import { mayAsk } from './allowed.ts';
import { type JoinedRows, joinRows, type KnownSource, labelsByAlias } from './rows.ts';
import {
  openSource,
  queryTimeoutMs,
  type RunningSource,
  type SourceOfHost,
  waiting,
} from './running-source.ts';
import type { SecretsOfSources } from './source-secrets.ts';
import { testSource } from './test-source.ts';
import type { OpenStream } from './way.ts';

export interface FleetDeps {
  readonly store: Store;
  readonly secrets: SecretsOfSources;
  readonly stream: OpenStream;
  /** Only hosts whose name matches. */
  readonly hostRegex?: RegExp | undefined;
  /** Only hosts of this group, whatever its case. */
  readonly group?: string | undefined;
  readonly groupOf: HostList['groupOf'];
  readonly log: Log;
  readonly clock?: Clock;
}

/** A source and the secrets to test it with; null takes what is stored. */
export interface SourceTest {
  readonly source: PrometheusSource;
  readonly login: string | null;
  readonly header: string | null;
}

export interface Fleet {
  /** Polls at its cadence from now on. */
  start(): void;
  /** Polls all sources once; resolves when all have answered or failed. */
  pollAll(): Promise<void>;
  /** The settings have changed, or a secret: of one source, or of `all`. */
  reload(changed?: string): void;
  /** The settings are others: so may be the sources and the groups. Secrets of sources that are gone go with them. */
  follow(after: FollowedSettings, before: FollowedSettings): void;
  test(test: SourceTest): Promise<SourceReport>;
  /** Labels of those of these aliases that a source knows. */
  labelsOf(aliases: readonly string[]): ReadonlyMap<string, Host['labels']>;
  /** The sources that know this host, and those of which it is not known whether they do. */
  sourcesOf(hostId: HostId): readonly SourceOfHost[];
  setShown(shown: boolean): void;
  setOnBattery(onBattery: boolean): void;
  dispose(): void;
}

type FollowedSettings = Pick<Settings, 'prometheus' | 'groups'>;

export function createFleet(deps: FleetDeps): Fleet {
  const { store, secrets, stream, log, clock = systemClock } = deps;
  const running = new Map<string, RunningSource>();
  let places: JoinedRows['places'] = new Map();
  let started = false;
  let disposed = false;
  let shown = true;
  let onBattery = false;

  const leastMs = (): number => {
    const { hiddenMs, batteryMs } = store.current().settings.cadence;
    return Math.max(shown ? 0 : hiddenMs, onBattery ? batteryMs : 0);
  };

  const open = (source: PrometheusSource): RunningSource =>
    openSource(source, { store, secrets, stream, log, clock, leastMs, onChange: () => publish() });

  const knownSources = (): readonly KnownSource[] => [...running.values()].map((one) => one.known());

  const publish = (): void => {
    if (disposed) return;
    const { hosts, excludedAliases, prometheus, settings } = store.current();
    if (running.size === 0 && prometheus.length === 0 && settings.prometheus.length === 0) return;
    const rows = joinRows(knownSources(), {
      hosts,
      excludedAliases,
      isWanted: isWantedName(settings, deps.hostRegex),
      groupOf: deps.groupOf,
      isWantedGroup: (group) => isInGroup(group, deps.group),
    });
    ({ places } = rows);
    const states = settings.prometheus.map(({ id }) => ({
      id,
      ...(running.get(id)?.state() ?? waiting),
      ambiguous: rows.ambiguous.get(id) ?? [],
      secret: secrets.use(id),
    }));
    const { hosts: own, servers, beside } = rows;
    store.apply({ kind: 'prometheus-read', hosts: own, servers, beside, states });
  };

  const reload = (changed?: string): void => {
    if (disposed) return;
    const wanted = wantedSources(store.current());
    stopOthers(running, wanted, changed);
    for (const [id, source] of wanted) {
      if (running.has(id)) continue;
      const one = open(source);
      running.set(id, one);
      if (started) one.loop.start();
    }
    publish();
  };

  /** A host that SSH measures now needs nothing beside it, and one that it lost does. */
  const isOther = ({ id, source, state, beside }: Host): boolean =>
    source.kind === 'ssh' && places.has(id) && isUp(state) === (beside !== null);
  const unsubscribe = store.subscribe(({ hosts: patch }) => {
    if (places.size === 0 || patch === undefined) return;
    if (patch.order !== null || touched(store.current().hosts, patch).some(isOther)) publish();
  });

  return {
    start() {
      started = true;
      for (const { loop } of running.values()) loop.start();
    },
    async pollAll() {
      await Promise.all([...running.values()].map(({ loop }) => loop.pollNow()));
    },
    reload,
    follow(after, before) {
      if (after.prometheus === before.prometheus && after.groups === before.groups) return;
      const ids = new Set(after.prometheus.map(({ id }) => id));
      for (const { id } of before.prometheus) if (!ids.has(id)) secrets.forget(id);
      reload();
      if (after.groups.label !== before.groups.label && started)
        for (const { loop } of running.values()) void loop.pollNow();
    },
    labelsOf: (aliases) => labelsByAlias(knownSources(), aliases, store.current()),
    test: (test) => testWith(deps, test),
    sourcesOf: (hostId) =>
      [...running].flatMap(([id, one]) =>
        one.seenAs((places.get(hostId) ?? []).flatMap(({ sourceId, name }) => (sourceId === id ? name : []))),
      ),
    setShown(next) {
      shown = next;
    },
    setOnBattery(next) {
      onBattery = next;
    },
    dispose() {
      disposed = true;
      unsubscribe();
      for (const { loop } of running.values()) loop.stop();
      running.clear();
    },
  };
}

/** Stops those that are not wanted, or in another way, and `changed`; the others take their new names. */
function stopOthers(
  running: Map<string, RunningSource>,
  wanted: ReadonlyMap<string, PrometheusSource>,
  changed: string | undefined,
): void {
  for (const [id, one] of running) {
    const source = wanted.get(id);
    if (changed !== 'all' && id !== changed && source !== undefined && isSameWay(source, one.source())) {
      one.rename(source);
      continue;
    }
    one.loop.stop();
    running.delete(id);
  }
}

/** Those that are switched on and may be asked, by id. */
function wantedSources({ settings, source: from }: Snapshot): ReadonlyMap<string, PrometheusSource> {
  return new Map(
    settings.prometheus
      .filter((source) => source.enabled && mayAsk(source, from))
      .map((source) => [source.id, source]),
  );
}

function isWantedName(
  { hostPattern }: Settings,
  hostRegex: FleetDeps['hostRegex'],
): (name: string) => boolean {
  const pattern = new RegExp(hostPattern);
  return (name) => pattern.test(name) && (hostRegex?.test(name) ?? true);
}

function testWith(
  { store, secrets, stream }: FleetDeps,
  { source, login, header }: SourceTest,
): Promise<SourceReport> {
  const stored = secrets.get(source.id);
  return testSource({
    source,
    secrets: { login: login ?? stored.login, header: header ?? stored.header },
    stream,
    timeoutMs: queryTimeoutMs,
    hosts: store.current(),
  });
}

/** Whether it is asked in the same way; names and joins alone need no new connection. */
function isSameWay(a: PrometheusSource, b: PrometheusSource): boolean {
  return isDeepStrictEqual({ ...a, name: '', joins: {} }, { ...b, name: '', joins: {} });
}
