import type { Bridge } from '#common/bridge.ts';
import { hostValues, serverValues, type Track } from '#common/history.ts';
import type { Host } from '#common/hosts.ts';
import { isUp } from '#common/select/hosts.ts';
import type { ModelServer } from '#common/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { createAlarm } from '#common/timer.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import { details, type Row, type Span, withRow } from './track.ts';

/** The tracks of the hosts and servers on screen: asked for once, then continued with what the Snapshot brings. */
export interface HistoryStore {
  /** What is known of that host or server; undefined before the first answer. The same object until something is new. */
  get(id: string): Track | undefined;
  /** Keeps its track current, and calls the listener when it changes, until the returned function is called. */
  watch(id: string, span: Span, listener: () => void): () => void;
  dispose(): void;
}

interface Entry {
  readonly id: string;
  span: Span;
  track: Track | undefined;
  readonly watchers: Set<() => void>;
  /** Not before this time, and only while no component shows it, it is forgotten. */
  keepUntilMs: number;
}

/** Rows that come into view together are asked for together. */
const gatherMs = 60;
/** A row that is scrolled away and back finds its track again. */
const keepMs = 60_000;

export interface HistoryStoreDeps {
  readonly bridge: Bridge;
  readonly store: SnapshotStore;
}

export function createHistoryStore({ bridge, store }: HistoryStoreDeps): HistoryStore {
  const entries = new Map<string, Entry>();
  const wanted = new Set<Entry>();
  const gathering = createAlarm();
  let seen: Snapshot | null = null;
  let link = store.get().link;

  const want = (entry: Entry) => {
    wanted.add(entry);
    if (!gathering.isSet()) gathering.after(gatherMs, askForWanted);
  };

  const askForWanted = () => {
    const asked = [...wanted].filter(({ watchers }) => watchers.size > 0);
    wanted.clear();
    for (const span of ['recent', 'day'] as const) {
      const ofSpan = asked.filter((one) => one.span === span);
      if (ofSpan.length > 0) void ask(ofSpan, span);
    }
  };

  const ask = async (asked: readonly Entry[], span: Span): Promise<void> => {
    const found = await tracksOf(asked, span, bridge);
    for (const entry of asked) {
      // Asked for in more detail meanwhile.
      if (entry.span === span) setTrack(entry, found.get(entry.id) ?? entry.track ?? emptyTrack(entry.id));
    }
  };

  const add = (entry: Entry | undefined, row: Row | null) => {
    if (entry?.track === undefined || row === null) return;
    setTrack(entry, withRow(entry.track, row, details[entry.span]));
  };

  const follow = () => {
    const { snapshot, link: now } = store.get();
    if (now !== link) {
      link = now;
      if (link === 'open') for (const entry of entries.values()) want(entry);
    }
    if (snapshot === null || snapshot === seen) return;
    const before = seen;
    seen = snapshot;
    forgetUnwatched(entries);
    if (entries.size === 0 || before === null) return;
    if (snapshot.hosts !== before.hosts) followHosts(before.hosts, snapshot.hosts);
    if (snapshot.servers !== before.servers) followServers(before, snapshot);
  };

  const followHosts = (before: readonly Host[], hosts: readonly Host[]) => {
    hosts.forEach((host, at) => {
      // Most stand where they stood, and most of those are the same.
      if (before[at] === host) return;
      const entry = entries.get(host.id);
      if (entry === undefined) return;
      const old = before[at]?.id === host.id ? before[at] : before.find(({ id }) => id === host.id);
      add(entry, rowOfHost(old, host, entry.track));
    });
  };

  const followServers = (before: Snapshot, { servers, hosts }: Snapshot) => {
    for (const server of servers) {
      const entry = entries.get(server.id);
      if (entry === undefined) continue;
      const earlier = before.servers.find(({ id }) => id === server.id);
      if (earlier?.loads === server.loads) continue;
      add(entry, rowOfServer(server, hosts, entry.track));
    }
  };

  const stop = store.subscribe(follow);
  seen = store.get().snapshot;
  return {
    get: (id) => entries.get(id)?.track,
    watch(id, span, listener) {
      const entry = entries.get(id) ?? { id, span, track: undefined, watchers: new Set(), keepUntilMs: 0 };
      entries.set(id, entry);
      // Every watcher has a listener of its own, also where two are given the same.
      const watcher = () => listener();
      entry.watchers.add(watcher);
      const isFiner = span === 'day' && entry.span === 'recent';
      if (isFiner) entry.span = 'day';
      if (isFiner || entry.track === undefined) want(entry);
      return () => {
        entry.watchers.delete(watcher);
        entry.keepUntilMs = Date.now() + keepMs;
      };
    },
    dispose() {
      stop();
      gathering.cancel();
      entries.clear();
      wanted.clear();
    },
  };
}

function setTrack(entry: Entry, track: Track): void {
  if (track === entry.track) return;
  entry.track = track;
  for (const watcher of [...entry.watchers]) watcher();
}

/** The engine's tracks by their ids; none without a link. */
async function tracksOf(
  asked: readonly Entry[],
  span: Span,
  bridge: Bridge,
): Promise<ReadonlyMap<string, Track>> {
  const ids = asked.map(({ id }) => id);
  const { spanMs, stepMs } = details[span];
  const range = span === 'recent' ? { sinceMs: Date.now() - spanMs, stepMs } : {};
  try {
    const tracks = await bridge.call('history.get', { ids, ...range });
    return new Map(tracks.map((track) => [track.id, track]));
  } catch {
    // Nothing is known of the past then; what comes live is shown, and the past is asked for again after the link is back.
    return new Map();
  }
}

function forgetUnwatched(entries: Map<string, Entry>): void {
  const now = Date.now();
  for (const { id, watchers, keepUntilMs } of entries.values()) {
    if (watchers.size === 0 && now > keepUntilMs) entries.delete(id);
  }
}

function emptyTrack(id: string): Track {
  return { id, times: [], columns: {} };
}

/** What a host's change adds: a measurement, or the end of all knowledge when it stopped answering; null: neither. */
function rowOfHost(before: Host | undefined, host: Host, track: Track | undefined): Row | null {
  if (before === host) return null;
  if (!isUp(host.state)) return before !== undefined && isUp(before.state) ? silence(track) : null;
  if (host.measuredAt === null || host.gpus.length === 0) return null;
  return { atMs: host.measuredAt, values: hostValues(host) };
}

function rowOfServer(server: ModelServer, hosts: readonly Host[], track: Track | undefined): Row | null {
  if (server.loads.length === 0) return silence(track);
  // The host's clock of measurements is the engine's, which may differ from this computer's.
  const atMs = hosts.find(({ id }) => id === server.hostId)?.measuredAt ?? Date.now();
  return { atMs, values: serverValues(server) };
}

/** A row without any value, right after the latest one: the line ends there, whatever the clocks say. */
function silence(track: Track | undefined): Row | null {
  const latest: number | undefined = track?.times.at(-1);
  const known = Object.values(track?.columns ?? {}).some((values: readonly (number | null)[]) => {
    return (values.at(-1) ?? null) !== null;
  });
  return latest === undefined || !known ? null : { atMs: latest + 1, values: {} };
}
