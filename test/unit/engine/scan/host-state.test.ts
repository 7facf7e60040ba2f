import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode, failedKind } from '#common/failure.ts';
import type { Host, HostState } from '#common/hosts.ts';
import {
  afterOutcome,
  isDue,
  type Moment,
  type NextAttempt,
  type Outcome,
  type Tracked,
  untried,
} from '#engine/scan/host-state.ts';
import type { Plan } from '#engine/scan/retry-clock.ts';
import { aFailure } from '../../../support/samples.ts';
import { gpu, host, idleRule } from '../../../support/snapshot.ts';
import { oneGpu, unseen } from './scripted.ts';

const moment: Moment = { wallMs: 1_000_000, monotonicMs: 500, random: 0.5, plan: null };
const refused = aFailure('connection-refused');
const soon: Plan = { failure: { ...refused, nextAttemptAt: 1_007_000 }, dueAt: 7500 };

const changeBy = (fields: Partial<Host>, outcome: Outcome, tracked: Partial<Tracked> = {}, at = moment) =>
  afterOutcome({ ...untried, ...tracked, host: host('a', fields) }, outcome, at);

/** One of each kind; a kind without one does not compile. */
const states: { readonly [Kind in HostState['kind']]: HostState & { kind: Kind } } = {
  unresolved: { kind: 'unresolved' },
  queued: { kind: 'queued' },
  connecting: { kind: 'connecting', step: 'handshake' },
  up: { kind: 'up' },
  'no-gpu': { kind: 'no-gpu', failure: aFailure('no-gpu-tool') },
  'gpu-error': { kind: 'gpu-error', failure: aFailure('gpu-tool-hung') },
  stale: { kind: 'stale', failure: refused },
  misconfigured: { kind: 'misconfigured', failure: aFailure('resolve-failed') },
  unreachable: { kind: 'unreachable', failure: refused },
  throttled: { kind: 'throttled', failure: aFailure('throttled') },
  'hostkey-unknown': { kind: 'hostkey-unknown', failure: aFailure('hostkey-unknown') },
  'hostkey-changed': { kind: 'hostkey-changed', failure: aFailure('hostkey-changed') },
  'auth-needed': { kind: 'auth-needed', failure: aFailure('auth-failed') },
  'needs-job': { kind: 'needs-job', failure: aFailure('needs-job') },
  'no-shell': { kind: 'no-shell', failure: aFailure('no-shell') },
};
const all: readonly HostState[] = Object.values(states);
const onTheWay: ReadonlySet<string> = new Set(['unresolved', 'queued', 'connecting']);
const reached: ReadonlySet<string> = new Set(['up', 'no-gpu', 'gpu-error']);

describe.each(all)('a host that is $kind', (state) => {
  it('shows the steps of an attempt only on its first way', () => {
    const { fields } = changeBy({ state }, { kind: 'step', step: 'shell' });
    const shown = { state: { kind: 'connecting', step: 'shell' } };
    expect(fields).toEqual(onTheWay.has(state.kind) ? shown : {});
  });

  it('shows that a person logs in', () => {
    const { fields } = changeBy({ state }, { kind: 'login' });
    expect(fields).toEqual({ state: { kind: 'connecting', step: 'connect' } });
  });

  it('is what it was before an attempt that is called off', () => {
    const { fields } = changeBy({ state: states.connecting }, { kind: 'cancelled', before: state });
    expect(fields).toEqual({ state: onTheWay.has(state.kind) ? states.unresolved : state });
  });

  it('keeps all when an attempt is called off that it did not show', () => {
    if (state.kind === 'connecting') return;
    expect(changeBy({ state }, { kind: 'cancelled', before: states.unresolved }).fields).toEqual({});
  });

  it('is up with what was read', () => {
    const { fields, servers } = changeBy({ state }, { kind: 'read', reading: oneGpu, idleRule });
    expect(fields).toMatchObject({
      state: { kind: 'up' },
      driverVersion: '550.54',
      measuredAt: moment.wallMs,
    });
    expect(servers).toBe('kept');
  });

  it('shows another planned time only where it waits to be reached', () => {
    const failure = { ...refused, nextAttemptAt: 1_003_000 };
    const planned = { kind: 'planned', failure } as const;
    const waits = !onTheWay.has(state.kind) && !reached.has(state.kind);
    const { fields } = changeBy({ state, measuredAt: null }, planned, { next: { kind: 'when-reached' } });
    expect(fields).toEqual(waits ? { state: { kind: 'unreachable', failure }, gpus: [] } : {});
    const others: NextAttempt[] = [{ kind: 'none' }, { kind: 'at', dueAt: 0 }];
    for (const next of others) expect(changeBy({ state }, planned, { next }).fields).toEqual({});
  });

  it('is due by its plan where it is up, by its own time where it failed, and otherwise never', () => {
    const due = (next: NextAttempt, plan: Plan | null, monotonicMs: number) =>
      isDue({ ...untried, host: host('a', { state }), next }, { monotonicMs, plan });
    const failed = !onTheWay.has(state.kind) && !reached.has(state.kind);
    const byPlan = { kind: 'when-reached' } as const;
    expect(due(byPlan, soon, 7499)).toBe(false);
    expect(due(byPlan, soon, 7500)).toBe(failed || reached.has(state.kind));
    expect(due(byPlan, { ...soon, dueAt: null }, 1e9)).toBe(false);
    expect(due(byPlan, null, 0)).toBe(failed);
    expect(due({ kind: 'at', dueAt: 900 }, null, 899)).toBe(false);
    expect(due({ kind: 'at', dueAt: 900 }, null, 900)).toBe(failed);
    expect(due({ kind: 'none' }, null, 1e9)).toBe(false);
  });
});

describe('what is read', () => {
  const read = (code: ErrorCode | null, before: Partial<Host> = {}) => {
    const failure = code === null ? null : new AppError(code, { step: 'probe' });
    return changeBy(before, { kind: 'read', reading: { ...oneGpu, failure }, idleRule }).fields;
  };

  it('says whether the GPUs are usable', () => {
    expect(read(null).state?.kind).toBe('up');
    expect(read('no-gpu-tool').state?.kind).toBe('no-gpu');
    expect(read('no-gpu-devices').state?.kind).toBe('no-gpu');
    expect(read('gpu-tool-failed').state?.kind).toBe('gpu-error');
    expect(read('gpu-tool-hung').state?.kind).toBe('gpu-error');
  });

  it('counts on the samples of each GPU', () => {
    const before = { gpus: [gpu({ samples: 1, idleStreak: 1 })] };
    expect(read(null, before).gpus).toMatchObject([{ samples: 2, idleStreak: 2 }]);
    expect(read(null, { gpus: [] }).gpus).toMatchObject([{ samples: 1, idleStreak: 1 }]);
  });

  it('changes nothing where a fact is known already', () => {
    const endpoint = { hostname: 'a.example', port: 22, user: 'me' };
    expect(changeBy({ endpoint }, { kind: 'facts', facts: { endpoint: { ...endpoint } } }).fields).toEqual(
      {},
    );
    const moved = { endpoint: { ...endpoint, port: 2222 } };
    expect(changeBy({ endpoint }, { kind: 'facts', facts: moved }).fields).toEqual(moved);
  });
});

describe('a failure', () => {
  const fail = (code: ErrorCode, fields: Partial<Host> = {}, tracked: Partial<Tracked> = {}, at = moment) =>
    changeBy(fields, { kind: 'failed', failure: aFailure(code) }, tracked, at);

  it.each(all.filter(({ kind }) => !onTheWay.has(kind) && !reached.has(kind) && kind !== 'stale'))(
    'leaves nothing of a host that is $kind and was never measured',
    (state) => {
      const { code } = 'failure' in state ? state.failure : refused;
      const { fields, servers } = fail(code, { measuredAt: null });
      expect(fields).toMatchObject({ state: { kind: state.kind }, gpus: [] });
      expect(servers).toBe('gone');
    },
  );

  it('leaves of a measured host that cannot be reached what it has, without numbers', () => {
    for (const code of ['connection-refused', 'connection-lost', 'throttled', 'probe-timeout'] as const) {
      const { fields, servers } = fail(code, { measuredAt: 77, gpus: [gpu({ name: 'H100', utilPct: 90 })] });
      expect(['unreachable', 'throttled']).toContain(failedKind(code));
      expect(fields.state?.kind).toBe('stale');
      expect(fields.gpus).toMatchObject([{ name: 'H100', utilPct: null, memUsedMiB: null }]);
      expect(servers).toBe('lost');
    }
    for (const code of ['auth-failed', 'hostkey-changed', 'needs-job', 'no-shell'] as const)
      expect(fail(code, { measuredAt: 77 })).toMatchObject({ fields: { gpus: [] }, servers: 'gone' });
  });

  it('has the next attempt when the retry clock says so where the host was not reached', () => {
    const planned = fail('connection-refused', {}, {}, { ...moment, plan: soon });
    expect(planned.next).toEqual({ kind: 'when-reached' });
    expect(planned.fields.state).toMatchObject({ failure: { nextAttemptAt: 1_007_000 } });
    // What has no plan was reached meanwhile by another part of the app.
    const reachedSince = fail('connection-lost');
    expect(reachedSince.next).toEqual({ kind: 'when-reached' });
    expect(reachedSince.fields.state).toMatchObject({ failure: { nextAttemptAt: moment.wallMs } });
  });

  it('has it later and later where the host was reached, until a measurement succeeds', () => {
    const delays: number[] = [];
    let { next, failures } = untried as Pick<Tracked, 'next' | 'failures'>;
    for (let count = 1; count <= 4; count += 1) {
      const change = fail('probe-timeout', {}, { next, failures });
      ({ next, failures } = change);
      if (next.kind !== 'at') throw new Error(`no time of its own: ${next.kind}`);
      delays.push(next.dueAt - moment.monotonicMs);
      const shown = moment.wallMs + next.dueAt - moment.monotonicMs;
      expect(change.fields.state).toMatchObject({ failure: { nextAttemptAt: shown } });
    }
    expect(delays).toEqual([2000, 4000, 8000, 16_000]);
    expect(changeBy({}, { kind: 'measured' }, { next, failures })).toMatchObject({ fields: {}, failures: 0 });
  });

  it('has none where trying again could lock the user out', () => {
    const { next, fields } = fail('auth-failed');
    expect(next).toEqual({ kind: 'none' });
    expect(fields.state).toMatchObject({ failure: { nextAttemptAt: null } });
  });

  it('of the connection alone changes nothing that is shown', () => {
    const lost = changeBy({ state: states.up }, { kind: 'lost' });
    expect(lost).toEqual({ fields: {}, next: { kind: 'when-reached' }, failures: 0, servers: 'kept' });
  });
});

it('of a host that nothing is known of nothing is invented', () => {
  const tracked = { ...untried, host: unseen('a') };
  const { fields } = afterOutcome(tracked, { kind: 'failed', failure: refused }, moment);
  expect(Object.keys(fields).sort()).toEqual(['gpus', 'state']);
});
