/** What the auto-forward rules decide: which models to forward, which forwards to close, and what to say of each. Pure. */

import type { Failure } from '#common/failure.ts';
import { isOwnPort } from '#common/forward-target.ts';
import type { AutoForwardEntry, AutoForwardStatus, Forward } from '#common/forwards.ts';
import { type ForwardId, type HostId, isPrometheusHostId, type ServerId, serverId } from '#common/ids.ts';
import type { OtherForward } from '#common/other-forwards.ts';
import { isUp } from '#common/select/hosts.ts';
import type { ModelServer } from '#common/servers.ts';
import type { Settings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { matchesAny, matchesAnyOrAll } from '../settings/globs.ts';

/** What the rules have done with one target, from one decision to the next. */
export interface Track {
  readonly hostId: HostId;
  readonly remotePort: number;
  /** The latest name; null where the server gave none. */
  readonly model: string | null;
  /** They have opened a forward, which is this one: of the app, or by its id one of a tmux session. */
  readonly opened: 'no' | 'here' | { readonly otherForwardId: string };
  /** Since when its model is gone; null while it is there. */
  readonly goneSince: number | null;
  /** They have closed it since; or a person has, and it is not opened again while its model stays. */
  readonly closed: 'no' | 'model-gone' | 'by-person';
  /** Why the latest attempt to open it failed, and when the next one may be. */
  readonly failed: Failure | null;
}

export type Tracks = ReadonlyMap<ServerId, Track>;

type Target = Pick<Forward, 'hostId' | 'localPort'> & { readonly remotePort: number };

export interface AutoForwardInput {
  readonly snapshot: Pick<Snapshot, 'settings' | 'hosts' | 'servers' | 'forwards' | 'otherForwards'>;
  /** Equal for aliases that lead to the same host. */
  readonly placeOf: (hostId: HostId) => string;
  /** What other copies of this app have open. */
  readonly copies: readonly Target[];
  readonly tracks: Tracks;
  readonly now: number;
}

export interface Decision {
  /** In the order of the servers; those whose models are gone follow. */
  readonly entries: readonly AutoForwardEntry[];
  readonly open: readonly Track[];
  readonly close: readonly Track[];
  readonly tracks: Tracks;
  /** When to decide again although nothing changes; null: never. */
  readonly nextAt: number | null;
}

export function decideAutoForwards(input: AutoForwardInput): Decision {
  const { snapshot, tracks: before } = input;
  const forwards = new Map(snapshot.forwards.map((forward) => [forward.id, forward]));
  const holders = holdersOf(input);
  const situation: Situation = { ...input, forwards, holders };
  const tracks = new Map<ServerId, Track>();
  const entries: AutoForwardEntry[] = [];
  const open: Track[] = [];
  const close: Track[] = [];
  for (const server of snapshot.servers) {
    if (server.state.kind === 'failed' || isPrometheusHostId(server.hostId)) continue;
    const track = continueTrack(before.get(server.id), server, situation);
    const verdict = judge(server, track, situation);
    if (verdict.act === 'open') open.push(track);
    if (verdict.act === 'close') close.push(track);
    // Its other aliases are judged after it.
    const place = placeKey(input, track);
    if (verdict.act === 'open' && !holders.has(place)) holders.set(place, { kind: 'own', localPort: null });
    tracks.set(server.id, verdict.act === 'close' ? { ...track, opened: 'no' } : track);
    entries.push(entryOf(track, verdict));
  }
  for (const [id, old] of before) {
    if (tracks.has(id)) continue;
    const track = noteGone(old, input);
    const verdict = judgeGone(track, situation);
    if (verdict === null) continue;
    if (verdict.act === 'close') close.push(track);
    tracks.set(id, verdict.act === 'close' ? { ...track, opened: 'no', closed: 'model-gone' } : track);
    entries.push(entryOf(track, verdict));
  }
  return { entries, open, close, tracks, nextAt: nextTime([...tracks.values()], input) };
}

interface Verdict {
  readonly status: AutoForwardStatus;
  readonly localPort: number | null;
  readonly failure?: Failure;
  readonly act?: 'open' | 'close';
}

/** Who forwards a place on a host already. */
interface Holder {
  readonly kind: 'own' | 'other';
  readonly localPort: number | null;
}

/** What is decided on, with what is looked up in it for each target. */
interface Situation extends AutoForwardInput {
  readonly forwards: ReadonlyMap<ForwardId, Forward>;
  /** By {@link placeKey}. */
  readonly holders: ReadonlyMap<string, Holder>;
}

function judge(server: ModelServer, track: Track, situation: Situation): Verdict {
  const { snapshot, now, holders } = situation;
  const allowed = isAllowed(server, snapshot.settings.autoForward);
  const own = openedForward(track, situation);
  if (own !== null && !('owner' in own) && own.origin === 'user')
    return { status: 'already-forwarded', localPort: own.localPort };
  if (own !== null) {
    const { localPort } = own;
    if (!allowed && track.opened !== 'no') return { status: 'not-allowed', localPort: null, act: 'close' };
    const failure = own.state.kind === 'failed' ? own.state.failure : deadEndOf(own);
    return failure === null ? { status: 'forwarded', localPort } : { status: 'failed', localPort, failure };
  }
  const holder = holders.get(placeKey(situation, track));
  if (holder !== undefined) {
    const status = holder.kind === 'own' ? 'already-forwarded' : 'duplicate-session';
    return { status, localPort: holder.localPort };
  }
  if (!allowed || track.closed === 'by-person') return { status: 'not-allowed', localPort: null };
  const { failed: failure } = track;
  if (failure !== null && now < (failure.nextAttemptAt ?? 0)) {
    const status = failure.code === 'ports-exhausted' ? 'no-free-port' : 'failed';
    return { status, localPort: null, failure };
  }
  return { status: 'forwarded', localPort: null, act: 'open' };
}

/** Why what connects to it reaches no model, although it is open; null where it does, or where that is unknown. */
function deadEndOf(own: Forward | OtherForward): Failure | null {
  if ('owner' in own) return own.state.kind === 'no-model' ? own.state.failure : null;
  const { health, lastError } = own;
  if (health.kind === 'model-down') return health.failure;
  return health.kind === 'unknown' && lastError?.code === 'target-refused' ? lastError : null;
}

/** Null: there is nothing to say of it any more. */
function judgeGone(track: Track, situation: Situation): Verdict | null {
  const { snapshot, now } = situation;
  const { keepGone, graceMs } = snapshot.settings.autoForward;
  if (track.opened === 'no')
    return track.closed === 'model-gone' ? { status: 'closed-model-gone', localPort: null } : null;
  const own = openedForward(track, situation);
  // A person closed it, or it is theirs by now.
  if (own === null || (!('owner' in own) && own.origin === 'user')) return null;
  const { localPort } = own;
  if (track.goneSince === null) return { status: 'forwarded', localPort };
  if (keepGone) return { status: 'kept', localPort };
  if (now < track.goneSince + graceMs) return { status: 'waiting-to-close', localPort };
  return { status: 'closed-model-gone', localPort: null, act: 'close' };
}

/** The track of a server that is there, with what has become of its forward since. */
function continueTrack(before: Track | undefined, server: ModelServer, situation: Situation): Track {
  const { hostId, port: remotePort } = server;
  const model = server.models[0]?.id ?? before?.model ?? null;
  const fresh: Track = {
    hostId,
    remotePort,
    model,
    opened: 'no',
    goneSince: null,
    closed: 'no',
    failed: null,
  };
  const found = situation.forwards.get(server.id);
  // Restored at the start, it is theirs all the same.
  const opened = found?.origin === 'auto' ? 'here' : (before?.opened ?? 'no');
  // One that comes back begins anew.
  if (before === undefined || before.goneSince !== null || before.closed === 'model-gone')
    return { ...fresh, opened };
  const track: Track = { ...before, model, opened };
  const isLost = opened !== 'no' && openedForward(track, situation) === null;
  return isLost ? { ...track, opened: 'no', closed: 'by-person' } : track;
}

/** A host that is away has not lost its models. */
function noteGone(track: Track, { snapshot, now }: AutoForwardInput): Track {
  const host = snapshot.hosts.find(({ id }) => id === track.hostId);
  const isAway = host !== undefined && !isUp(host.state);
  return isAway || track.goneSince !== null ? track : { ...track, goneSince: now };
}

/** What the rules, or a person, have open for the target: here or, opened by the rules, in a tmux session. */
function openedForward(
  { hostId, remotePort, opened }: Track,
  { forwards, snapshot: { otherForwards } }: Situation,
): Forward | OtherForward | null {
  const own = forwards.get(serverId(hostId, remotePort));
  if (own !== undefined) return own;
  if (typeof opened === 'string') return null;
  return (
    otherForwards.forwards.find(({ id, state }) => id === opened.otherForwardId && state.kind !== 'dead') ??
    null
  );
}

function holdersOf(input: AutoForwardInput): Map<string, Holder> {
  const { snapshot, copies } = input;
  const holders = new Map<string, Holder>();
  const add = (kind: Holder['kind'], target: Target): void => {
    const key = placeKey(input, target);
    if (!holders.has(key)) holders.set(key, { kind, localPort: target.localPort });
  };
  for (const forward of snapshot.forwards) if (isOwnPort(forward)) add('own', forward);
  for (const copy of copies) add('other', copy);
  for (const { hostId, remotePort, localPort, state } of snapshot.otherForwards.forwards)
    if (hostId !== null && state.kind !== 'dead') add('other', { hostId, remotePort, localPort });
  return holders;
}

function placeKey(
  { placeOf }: AutoForwardInput,
  { hostId, remotePort }: Pick<Track, 'hostId' | 'remotePort'>,
): string {
  return `${remotePort} ${placeOf(hostId)}`;
}

/** Whether a name of the server is allowed and not denied; one that tells no name is, unless names are asked for. */
function isAllowed({ hostId, models }: ModelServer, rules: Settings['autoForward']): boolean {
  if (!matchesAnyOrAll(hostId, rules.allowHosts) || matchesAny(hostId, rules.denyHosts)) return false;
  if (models.length === 0) return rules.allowModels.length === 0;
  return models.some(({ id }) => matchesAnyOrAll(id, rules.allowModels) && !matchesAny(id, rules.denyModels));
}

function entryOf(
  { hostId, remotePort, model }: Track,
  { status, localPort, failure }: Verdict,
): AutoForwardEntry {
  const id = serverId(hostId, remotePort);
  return { serverId: id, hostId, remotePort, model, localPort, status, failure: failure ?? null };
}

function nextTime(tracks: readonly Track[], { snapshot, now }: AutoForwardInput): number | null {
  const { keepGone, graceMs } = snapshot.settings.autoForward;
  const times = tracks.flatMap(({ opened, goneSince, failed }) => [
    ...(opened !== 'no' && goneSince !== null && !keepGone ? [goneSince + graceMs] : []),
    failed?.nextAttemptAt ?? 0,
  ]);
  const due = times.filter((time) => time > now);
  return due.length === 0 ? null : Math.min(...due);
}
