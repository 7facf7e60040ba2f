import { columnName, type Track } from '#common/history.ts';
import type { Host, ModelServer, Snapshot } from '#common/model.ts';
import { isUp } from '#common/select.ts';
import type { Values } from './ring.ts';
import { createTrackStore, type SavedTrack, type TrackStore } from './track-store.ts';

/** What every GPU and model did, as far back as the retention reaches. */
export interface History {
  /** Takes what was measured since the Snapshot before; cheap where nothing was. */
  observe(snapshot: Snapshot): void;
  /** The tracks of these hosts and servers, in this order; those that were never measured are left out. */
  read(ids: readonly string[], sinceMs?: number): readonly Track[];
  /** The ids of everything that was measured. */
  ids(): readonly string[];
  save(): SavedHistory;
  restore(saved: SavedHistory): void;
}

export interface SavedHistory {
  readonly version: 1;
  readonly tracks: Readonly<Record<string, SavedTrack>>;
}

/** A host or server that is gone is remembered for as long as its data could be of use. */
const forgetAfterMs = 24 * 3_600_000;

export function createHistory(now: () => number = Date.now): History {
  const tracks = new Map<string, TrackStore>();
  const seenHosts = new Map<string, Host>();
  const seenServers = new Map<string, ModelServer>();

  const trackOf = (id: string): TrackStore => {
    let track = tracks.get(id);
    if (track === undefined) {
      track = createTrackStore();
      tracks.set(id, track);
    }
    return track;
  };

  const observeHost = (host: Host): void => {
    const before = seenHosts.get(host.id);
    seenHosts.set(host.id, host);
    if (isUp(host.state) && host.measuredAt !== null) {
      if (host.measuredAt !== before?.measuredAt && host.gpus.length > 0)
        trackOf(host.id).push(host.measuredAt, gpuValues(host));
    } else if (before !== undefined && isUp(before.state)) tracks.get(host.id)?.push(now(), {});
  };

  const observeServer = (server: ModelServer): void => {
    const before = seenServers.get(server.id);
    seenServers.set(server.id, server);
    if (before?.loads === server.loads) return;
    if (server.loads.length > 0) trackOf(server.id).push(now(), loadValues(server));
    else if (before !== undefined) tracks.get(server.id)?.push(now(), {});
  };

  const forgetGone = (seen: Map<string, unknown>, there: ReadonlySet<string>): void => {
    for (const id of seen.keys()) {
      if (there.has(id)) continue;
      const track = tracks.get(id);
      const latestMs = track?.latestMs() ?? 0;
      if (track !== undefined && now() - latestMs < forgetAfterMs) continue;
      seen.delete(id);
      tracks.delete(id);
    }
  };

  let observed: Snapshot | null = null;
  return {
    observe(snapshot) {
      if (snapshot.hosts !== observed?.hosts) {
        for (const host of snapshot.hosts) if (seenHosts.get(host.id) !== host) observeHost(host);
        if (seenHosts.size > snapshot.hosts.length)
          forgetGone(seenHosts, new Set(snapshot.hosts.map(({ id }) => id)));
      }
      if (snapshot.servers !== observed?.servers) {
        for (const server of snapshot.servers)
          if (seenServers.get(server.id) !== server) observeServer(server);
        if (seenServers.size > snapshot.servers.length)
          forgetGone(seenServers, new Set(snapshot.servers.map(({ id }) => id)));
      }
      observed = snapshot;
    },
    read: (ids, sinceMs) => ids.flatMap((id) => tracks.get(id)?.read(id, sinceMs) ?? []),
    ids: () => [...tracks.keys()],
    save: () => ({
      version: 1,
      tracks: Object.fromEntries([...tracks].map(([id, track]) => [id, track.save()])),
    }),
    restore(saved) {
      for (const [id, track] of Object.entries(saved.tracks)) trackOf(id).restore(track);
    },
  };
}

function gpuValues({ gpus }: Host): Values {
  return Object.fromEntries(
    gpus.flatMap(({ uuid, utilPct, memUsedMiB }) => [
      [columnName(uuid, 'utilPct'), utilPct],
      [columnName(uuid, 'memUsedMiB'), memUsedMiB],
    ]),
  );
}

function loadValues({ loads }: ModelServer): Values {
  return Object.fromEntries(
    loads.flatMap((load) => [
      [columnName(load.model, 'running'), load.running],
      [columnName(load.model, 'waiting'), load.waiting],
      [columnName(load.model, 'kvCachePct'), load.kvCachePct],
      [columnName(load.model, 'promptTokensPerSecond'), load.promptTokensPerSecond],
      [columnName(load.model, 'generationTokensPerSecond'), load.generationTokensPerSecond],
      [columnName(load.model, 'ttftP50Ms'), load.ttft?.p50Ms ?? null],
    ]),
  );
}
