import { hostValues, serverValues, type Track } from '#common/history.ts';
import type { Host } from '#common/hosts.ts';
import { localTrackId } from '#common/local-loads.ts';
import { isUp } from '#common/select/hosts.ts';
import type { ModelServer } from '#common/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';
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

type Loaded = Pick<ModelServer, 'loads'>;

/** A host or server that is gone is remembered for as long as its data could be of use. */
const forgetAfterMs = 24 * 3_600_000;

export function createHistory(now: () => number = Date.now): History {
  const tracks = new Map<string, TrackStore>();
  const seenHosts = new Map<string, Host>();
  const seenServers = new Map<string, Loaded>();
  const seenLocal = new Map<string, Loaded>();

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
    const numbers = numbersOf(host);
    const earlier = before === undefined ? null : numbersOf(before);
    if (numbers !== null && numbers.measuredAt !== null) {
      if (numbers.measuredAt === earlier?.measuredAt || numbers.gpus.length === 0) return;
      const track = trackOf(host.id);
      // A sample of Prometheus may be older than the latest one of SSH, which is no clock that was set back.
      if (isUp(host.state) || numbers.measuredAt > (track.latestMs() ?? 0))
        track.push(numbers.measuredAt, hostValues(numbers));
    } else if (earlier !== null) tracks.get(host.id)?.push(now(), {});
  };

  const observeServer = (seen: Map<string, Loaded>, id: string, server: Loaded): void => {
    const before = seen.get(id);
    seen.set(id, server);
    if (before?.loads === server.loads) return;
    if (server.loads.length > 0) trackOf(id).push(now(), serverValues(server));
    else if (before !== undefined && before.loads.length > 0) tracks.get(id)?.push(now(), {});
  };

  const observeServers = <Item extends Loaded>(
    seen: Map<string, Loaded>,
    {
      servers,
      before = [],
    }: { readonly servers: readonly Item[]; readonly before?: readonly Item[] | undefined },
    idOf: (server: Item) => string,
  ): void => {
    for (const server of changed(servers, before))
      if (seen.get(idOf(server)) !== server) observeServer(seen, idOf(server), server);
    if (seen.size > servers.length) forgetGone(seen, new Set(servers.map(idOf)));
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
        for (const host of changed(snapshot.hosts, observed?.hosts))
          if (seenHosts.get(host.id) !== host) observeHost(host);
        if (seenHosts.size > snapshot.hosts.length)
          forgetGone(seenHosts, new Set(snapshot.hosts.map(({ id }) => id)));
      }
      if (snapshot.servers !== observed?.servers)
        observeServers(seenServers, { servers: snapshot.servers, before: observed?.servers }, ({ id }) => id);
      if (snapshot.localServers !== observed?.localServers)
        observeServers(
          seenLocal,
          { servers: snapshot.localServers, before: observed?.localServers },
          localTrackId,
        );
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

/** Those that are not at the same place in the list before: of a thousand, a few, and ten times a second. */
function changed<Item>(items: readonly Item[], before: readonly Item[] = []): readonly Item[] {
  return items.filter((item, at) => item !== before[at]);
}

/** What is known of a host at the moment, by SSH or by what stands beside it; null: nothing. */
function numbersOf({ state, gpus, measuredAt, beside }: Host): Pick<Host, 'gpus' | 'measuredAt'> | null {
  return isUp(state) ? { gpus, measuredAt } : beside;
}
