import { describe, expect, it } from 'vitest';
import type { Forward } from '#common/forwards.ts';
import type { Host } from '#common/hosts.ts';
import type { OtherForward } from '#common/other-forwards.ts';
import { emptySnapshot } from '#common/reduce.ts';
import type { ModelServer } from '#common/servers.ts';
import { defaultSettings, type Settings } from '#common/settings.ts';
import { type AutoForwardInput, decideAutoForwards, type Tracks } from '#engine/forward/auto-forward.ts';
import { sampleForward } from '../../../support/contract/sample.ts';
import { aFailure, aHost, anOtherForward, aServer } from '../../../support/samples.ts';

const failure = aFailure('connection-lost', { step: 'forward' });

const server = (hostId: string, port = 8000, model: string | null = 'org/llama'): ModelServer => ({
  ...aServer,
  id: `${hostId}:${port}`,
  hostId,
  port,
  models: model === null ? [] : [{ id: model, maxModelLen: null, parent: null }],
});
const forward = (hostId: string, fields: Partial<Forward> = {}): Forward => ({
  ...sampleForward,
  id: `${hostId}:8000`,
  hostId,
  origin: 'auto',
  ...fields,
});
const otherForward = (hostId: string | null, fields: Partial<OtherForward> = {}): OtherForward => ({
  ...anOtherForward,
  id: 'tmux vllm_a_8000_16150',
  owner: { kind: 'tmux', session: 'vllm_a_8000_16150' },
  destination: hostId ?? 'away',
  hostId,
  localAddress: '127.0.0.1',
  localPort: 16_150,
  ...fields,
});

interface World {
  readonly servers?: readonly ModelServer[];
  readonly forwards?: readonly Forward[];
  readonly others?: readonly OtherForward[];
  readonly away?: readonly string[];
  readonly rules?: Partial<Settings['autoForward']>;
  readonly input?: Partial<AutoForwardInput>;
}

function decide({ servers = [], forwards = [], others = [], away = [], rules, input }: World) {
  const host = (id: string): Host => ({
    ...aHost,
    id,
    alias: id,
    state: away.includes(id) ? { kind: 'stale', failure } : { kind: 'up' },
  });
  const empty = emptySnapshot({ kind: 'demo' }, defaultSettings);
  const settings = { ...defaultSettings, autoForward: { ...defaultSettings.autoForward, ...rules } };
  return decideAutoForwards({
    snapshot: {
      settings,
      hosts: ['a', 'b', 'c'].map(host),
      servers,
      forwards,
      otherForwards: { ...empty.otherForwards, forwards: others },
    },
    placeOf: (hostId) => hostId,
    copies: [],
    tracks: new Map(),
    now: 1000,
    ...input,
  });
}

const opened = (decision: ReturnType<typeof decide>) => decision.open.map(({ hostId }) => hostId);
const statuses = (decision: ReturnType<typeof decide>) =>
  decision.entries.map(({ hostId, status, localPort }) => [hostId, status, localPort]);
/** What is noted when an opening has succeeded. */
const openedHere = (tracks: Tracks): Tracks =>
  new Map([...tracks].map(([id, track]) => [id, { ...track, opened: 'here' }]));

describe('auto-forward', () => {
  it('opens one forward for each model server that answers', () => {
    const failed: ModelServer = { ...server('c'), state: { kind: 'failed', failure } };
    const locked: ModelServer = { ...server('b', 8000, null), state: { kind: 'locked' } };
    const decision = decide({ servers: [server('a'), server('a', 8001), locked, failed] });
    expect(decision.open).toMatchObject([
      { hostId: 'a', remotePort: 8000, model: 'org/llama' },
      { hostId: 'a', remotePort: 8001 },
      { hostId: 'b', model: null },
    ]);
    expect(decision.close).toEqual([]);
  });

  it('opens none where there is one: of its own, of a person, of another program, of another copy of the app', () => {
    const decision = decide({
      servers: ['a', 'b', 'c'].map((hostId) => server(hostId)).concat(server('a', 8001), server('b', 8001)),
      forwards: [forward('a'), forward('b', { origin: 'user', localPort: 16_101 })],
      others: [otherForward('c'), otherForward('a', { remotePort: 8001, state: { kind: 'dead', failure } })],
      input: { copies: [{ hostId: 'b', remotePort: 8001, localPort: 16_109 }] },
    });
    expect(statuses(decision)).toEqual([
      ['a', 'forwarded', 16_100],
      ['b', 'already-forwarded', 16_101],
      ['c', 'duplicate-session', 16_150],
      ['a', 'forwarded', null],
      ['b', 'duplicate-session', 16_109],
    ]);
    expect(decision.open).toMatchObject([{ hostId: 'a', remotePort: 8001 }]);
  });

  it('says of what it has opened when that leads to nothing', () => {
    const refused = aFailure('target-refused', { step: 'forward' });
    const down = { kind: 'model-down', failure } as const;
    const decision = decide({
      servers: ['a', 'b', 'c'].map((hostId) => server(hostId)),
      forwards: [
        forward('a', { lastError: refused }),
        forward('b', { health: down }),
        // A client of it was refused once, and it answers.
        forward('c', { lastError: refused, health: { kind: 'answering' } }),
      ],
    });
    expect(decision.entries).toMatchObject([
      { hostId: 'a', status: 'failed', localPort: 16_100, failure: refused },
      { hostId: 'b', status: 'failed', localPort: 16_100, failure },
      { hostId: 'c', status: 'forwarded', localPort: 16_100, failure: null },
    ]);
    expect([decision.open, decision.close]).toEqual([[], []]);
  });

  it('knows a target by whatever alias leads to it', () => {
    const input = { placeOf: (hostId: string) => (hostId === 'c' ? 'c' : 'same') };
    const fresh = decide({ servers: [server('a'), server('b'), server('c')], input });
    expect(opened(fresh)).toEqual(['a', 'c']);
    expect(statuses(fresh)[1]).toEqual(['b', 'already-forwarded', null]);
    const later = decide({ servers: [server('a'), server('b')], forwards: [forward('b')], input });
    expect(statuses(later)).toEqual([
      ['a', 'already-forwarded', 16_100],
      ['b', 'forwarded', 16_100],
    ]);
    const other = decide({ servers: [server('a')], others: [otherForward('b')], input });
    expect(statuses(other)).toEqual([['a', 'duplicate-session', 16_150]]);
  });

  it.each<[string, Partial<Settings['autoForward']>, readonly string[]]>([
    ['no rule', {}, ['a', 'b', 'c']],
    ['allowed hosts', { allowHosts: ['A', 'c*'] }, ['a', 'c']],
    ['denied hosts', { denyHosts: ['?'] }, []],
    ['a denied host that is allowed', { allowHosts: ['*'], denyHosts: ['B'] }, ['a', 'c']],
    ['allowed models', { allowModels: ['ORG/*'] }, ['a', 'b']],
    ['a denied model that is allowed', { allowModels: ['*'], denyModels: ['*qwen*'] }, ['a']],
    ['denied models, of a server that tells none', { denyModels: ['org/*'] }, ['c']],
  ])('follows the lists: %s', (_what, rules, expected) => {
    const servers = [server('a'), server('b', 8000, 'org/Qwen3'), server('c', 8000, null)];
    const decision = decide({ servers, rules });
    expect(opened(decision)).toEqual(expected);
    const refused = decision.entries.filter(({ status }) => status === 'not-allowed');
    expect(refused).toHaveLength(3 - expected.length);
  });

  it('closes what it has opened, and nothing else, when it is no longer allowed', () => {
    const forwards = [forward('a'), forward('b', { origin: 'user' })];
    const decision = decide({ servers: [server('a'), server('b')], forwards, rules: { denyHosts: ['*'] } });
    expect(decision.close).toMatchObject([{ hostId: 'a', opened: 'here' }]);
    expect(statuses(decision)).toEqual([
      ['a', 'not-allowed', null],
      ['b', 'already-forwarded', 16_100],
    ]);
  });

  describe('when a model is gone', () => {
    const servers = [server('a')];
    const forwards = [forward('a')];
    const { tracks } = decide({ servers, forwards });
    const rules = { graceMs: 5000 };

    it('waits for the time of grace, closes, and says so until it is back', () => {
      const waiting = decide({ forwards, rules, input: { tracks } });
      expect(statuses(waiting)).toEqual([['a', 'waiting-to-close', 16_100]]);
      expect(waiting).toMatchObject({ close: [], nextAt: 6000 });
      const over = decide({ forwards, rules, input: { tracks: waiting.tracks, now: 6000 } });
      expect(over.close).toMatchObject([{ hostId: 'a', remotePort: 8000, opened: 'here' }]);
      expect(over.entries).toMatchObject([
        { status: 'closed-model-gone', model: 'org/llama', localPort: null },
      ]);
      const after = decide({ rules, input: { tracks: over.tracks, now: 60_000 } });
      expect(statuses(after)).toEqual([['a', 'closed-model-gone', null]]);
      expect(opened(decide({ servers, rules, input: { tracks: after.tracks } }))).toEqual(['a']);
    });

    it('keeps it when it comes back in time', () => {
      const waiting = decide({ forwards, rules, input: { tracks } });
      const back = decide({ servers, forwards, rules, input: { tracks: waiting.tracks, now: 3000 } });
      expect(statuses(back)).toEqual([['a', 'forwarded', 16_100]]);
      const again = decide({ forwards, rules, input: { tracks: back.tracks, now: 7000 } });
      expect(statuses(again)).toEqual([['a', 'waiting-to-close', 16_100]]);
    });

    it('keeps it while the host itself is away', () => {
      const decision = decide({ forwards, rules, away: ['a'], input: { tracks, now: 900_000 } });
      expect(statuses(decision)).toEqual([['a', 'forwarded', 16_100]]);
      expect(decision.close).toEqual([]);
    });

    it("keeps it for ever where the rules say so, and what is a person's anyway", () => {
      const kept = decide({ forwards, rules: { graceMs: 0, keepGone: true }, input: { tracks } });
      expect(statuses(kept)).toEqual([['a', 'kept', 16_100]]);
      const own = [forward('a', { origin: 'user' })];
      const persons = decide({ forwards: own, rules: { graceMs: 0 }, input: { tracks } });
      expect(persons).toMatchObject({ entries: [], close: [] });
    });
  });

  it('does not open again what a person has closed, until its model has been away', () => {
    const servers = [server('a')];
    const { tracks } = decide({ servers, forwards: [forward('a')] });
    const closed = decide({ servers, input: { tracks } });
    expect(closed.open).toEqual([]);
    expect(statuses(closed)).toEqual([['a', 'not-allowed', null]]);
    const away = decide({ input: { tracks: closed.tracks } });
    expect(opened(decide({ servers, input: { tracks: away.tracks } }))).toEqual(['a']);
  });

  it('says why one could not be opened, and tries again later', () => {
    const servers = [server('a'), server('b')];
    const { tracks } = decide({ servers });
    const failed = (code: 'ports-exhausted' | 'port-in-use') => ({ ...failure, code, nextAttemptAt: 5000 });
    const after: Tracks = new Map(
      [...tracks].map(([id, track]) => [
        id,
        { ...track, failed: failed(track.hostId === 'a' ? 'ports-exhausted' : 'port-in-use') },
      ]),
    );
    const decision = decide({ servers, input: { tracks: after } });
    expect(decision.entries).toMatchObject([
      { status: 'no-free-port', failure: { code: 'ports-exhausted' } },
      { status: 'failed', failure: { code: 'port-in-use' } },
    ]);
    expect(decision).toMatchObject({ open: [], nextAt: 5000 });
    expect(opened(decide({ servers, input: { tracks: decision.tracks, now: 5000 } }))).toEqual(['a', 'b']);
    const lost = [forward('a', { state: { kind: 'failed', failure } })];
    expect(decide({ servers: [server('a')], forwards: lost }).entries).toMatchObject([
      { status: 'failed', failure },
    ]);
  });

  it('knows its tmux sessions from those of others, and ends them with their models', () => {
    const servers = [server('a')];
    const first = decide({ servers });
    const session = otherForward('a');
    const tracks: Tracks = new Map(
      [...first.tracks].map(([id, track]) => [id, { ...track, opened: { otherForwardId: session.id } }]),
    );
    const there = decide({ servers, others: [session], input: { tracks } });
    expect(statuses(there)).toEqual([['a', 'forwarded', 16_150]]);
    const gone = decide({ others: [session], rules: { graceMs: 0 }, input: { tracks: there.tracks } });
    expect(gone.close).toMatchObject([{ opened: { otherForwardId: session.id } }]);
    const ended = decide({ servers, input: { tracks: there.tracks } });
    expect(statuses(ended)).toEqual([['a', 'not-allowed', null]]);
  });

  it('forgets nothing of what it has opened while nothing changes', () => {
    const servers = [server('a')];
    const tracks = openedHere(decide({ servers }).tracks);
    const forwards = [forward('a')];
    expect(decide({ servers, forwards, input: { tracks } }).tracks).toEqual(tracks);
  });
});
