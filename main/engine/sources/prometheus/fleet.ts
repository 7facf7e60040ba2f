/** All sources of Prometheus that the settings name: polls them, and keeps their hosts in the Snapshot. */

import { isDeepStrictEqual } from 'node:util';
import { type Failure, toFailure } from '#common/failure.ts';
import type { Host } from '#common/hosts.ts';
import type { HostId } from '#common/ids.ts';
import { touched } from '#common/patch.ts';
import {
  type PrometheusSource,
  type PrometheusState,
  type SourceReport,
  sourceName,
} from '#common/prometheus.ts';
import { isUp } from '#common/select/hosts.ts';
import type { Settings } from '#common/settings.ts';
import { type Clock, systemClock } from '#common/timer.ts';
import type { Log } from '../../diagnostics/log.ts';
import { type HostList, isInGroup } from '../../host-list.ts';
import type { Store } from '../../store.ts';
import { mayAsk } from './allowed.ts';
import { afterFound, type Entry, forgetMissing, forgetRenamed } from './entries.ts';
import type { Poll } from './poll.ts';
import { type JoinedRows, joinRows, type KnownSource, labelsByAlias } from './rows.ts';
import { createSourceLoop, type SourceLoop } from './source-loop.ts';
import type { SecretsOfSources } from './source-secrets.ts';
import { type Survey, scrapeOrUsual } from './survey.ts';
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

/** A source as one host sees it; `source` is what it is called. */
export type SourceOfHost =
  | {
      readonly kind: 'knows';
      readonly source: string;
      readonly loop: SourceLoop;
      readonly entry: Entry;
      readonly survey: Survey;
    }
  /** It has never answered. */
  | { readonly kind: 'silent'; readonly source: string; readonly failure: Failure };

interface Running {
  source: PrometheusSource;
  readonly loop: SourceLoop;
  readonly entries: Map<string, Entry>;
  state: PrometheusState['state'];
  answeredAt: number | null;
  survey: Survey | null;
  partial: string | null;
}

/** So many samples may be missing before a host is stale. */
const missedScrapes = 3;
const queryTimeoutMs = 20_000;

export function createFleet(deps: FleetDeps): Fleet {
  const { store, secrets, stream, log, clock = systemClock } = deps;
  const running = new Map<string, Running>();
  let places: JoinedRows['places'] = new Map();
  let started = false;
  let disposed = false;
  let shown = true;
  let onBattery = false;

  const leastMs = (): number => {
    const { hiddenMs, batteryMs } = store.current().settings.cadence;
    return Math.max(shown ? 0 : hiddenMs, onBattery ? batteryMs : 0);
  };

  const staleAfterMs = (one: Running): number =>
    missedScrapes * (one.survey === null ? 30_000 : scrapeOrUsual(one.survey)) + 5000;

  const onPoll = (one: Running, { hosts, partial }: Poll, known: Survey): void => {
    const nowMs = clock.wallNow();
    one.state = { kind: 'up' };
    one.answeredAt = nowMs;
    one.survey = known;
    one.partial = partial;
    const moment = { nowMs, rule: store.current().settings.idleRule, staleAfterMs: staleAfterMs(one) };
    for (const [name, found] of hosts)
      one.entries.set(name, afterFound(one.entries.get(name), found, moment));
    // What is missing from a partial answer is not known to be gone.
    if (partial === null) forgetMissing(one.entries, hosts, nowMs);
    forgetRenamed(one.entries, hosts);
    publish();
  };

  const open = (source: PrometheusSource): Running => {
    const loop = createSourceLoop({
      source,
      secrets: secrets.get(source.id),
      stream,
      timeoutMs: queryTimeoutMs,
      leastMs,
      groupLabel: () => store.current().settings.groups.label,
      onPoll: (found, known) => onPoll(one, found, known),
      onFailure(error) {
        const failure = toFailure(error, 'probe');
        log('info', `Prometheus ${source.id}: ${failure.code}`);
        one.state = { kind: 'failed', failure };
        publish();
      },
      clock,
    });
    const one: Running = {
      source,
      loop,
      entries: new Map(),
      state: { kind: 'waiting' },
      answeredAt: null,
      survey: null,
      partial: null,
    };
    return one;
  };

  const knownSources = (): readonly KnownSource[] =>
    [...running.values()].map((one) => ({
      source: one.source,
      entries: one.entries,
      staleAfterMs: staleAfterMs(one) + Math.max(15_000, leastMs()) + queryTimeoutMs,
    }));

  const statesOf = (
    ambiguous: ReadonlyMap<string, PrometheusState['ambiguous']>,
  ): readonly PrometheusState[] =>
    store.current().settings.prometheus.map(({ id }) => {
      const one = running.get(id);
      const entries = [...(one?.entries.values() ?? [])];
      return {
        id,
        state: one?.state ?? { kind: 'waiting' },
        answeredAt: one?.answeredAt ?? null,
        hosts: entries.length,
        gpus: entries.reduce((sum, { gpus }) => sum + gpus.length, 0),
        scrapeMs: one?.survey?.scrapeMs ?? null,
        partial: one?.partial ?? null,
        ambiguous: ambiguous.get(id) ?? [],
        secret: secrets.use(id),
      };
    });

  const isWanted = (): ((name: string) => boolean) => {
    const pattern = new RegExp(store.current().settings.hostPattern);
    return (name) => pattern.test(name) && (deps.hostRegex?.test(name) ?? true);
  };

  const publish = (): void => {
    if (disposed) return;
    const { hosts, excludedAliases, prometheus } = store.current();
    if (running.size === 0 && prometheus.length === 0 && store.current().settings.prometheus.length === 0)
      return;
    const rows = joinRows(knownSources(), {
      hosts,
      excludedAliases,
      isWanted: isWanted(),
      groupOf: deps.groupOf,
      isWantedGroup: (group) => isInGroup(group, deps.group),
    });
    ({ places } = rows);
    const { hosts: own, servers, beside } = rows;
    store.apply({ kind: 'prometheus-read', hosts: own, servers, beside, states: statesOf(rows.ambiguous) });
  };

  const reload = (changed?: string): void => {
    if (disposed) return;
    const { settings, source: from } = store.current();
    const wanted = new Map(
      settings.prometheus
        .filter((source) => source.enabled && mayAsk(source, from))
        .map((source) => [source.id, source]),
    );
    for (const [id, one] of running) {
      const source = wanted.get(id);
      if (changed !== 'all' && id !== changed && source !== undefined && isSameWay(source, one.source)) {
        one.source = source;
        continue;
      }
      one.loop.stop();
      running.delete(id);
    }
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
    test: ({ source, login, header }) => {
      const stored = secrets.get(source.id);
      return testSource({
        source,
        secrets: { login: login ?? stored.login, header: header ?? stored.header },
        stream,
        timeoutMs: queryTimeoutMs,
        hosts: store.current(),
      });
    },
    sourcesOf: (hostId) =>
      [...running.values()].flatMap((one): SourceOfHost[] => {
        const { survey, state, loop } = one;
        const source = sourceName(one.source);
        if (survey === null)
          return state.kind === 'failed' ? [{ kind: 'silent', source, failure: state.failure }] : [];
        return (places.get(hostId) ?? []).flatMap(({ sourceId, name }) => {
          const entry = sourceId === one.source.id ? one.entries.get(name) : undefined;
          return entry === undefined ? [] : [{ kind: 'knows', source, loop, entry, survey }];
        });
      }),
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

/** Whether it is asked in the same way; names and joins alone need no new connection. */
function isSameWay(a: PrometheusSource, b: PrometheusSource): boolean {
  return isDeepStrictEqual({ ...a, name: '', joins: {} }, { ...b, name: '', joins: {} });
}
