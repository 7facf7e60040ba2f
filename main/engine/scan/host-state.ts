/** What becomes of a host, and when it is measured again, by what its measurements come to. Pure. */

import { isDeepStrictEqual } from 'node:util';
import { type ConnectStep, type Failure, failedKind, toFailure } from '#common/failure.ts';
import { withoutNumbers } from '#common/freshness.ts';
import type { Host, HostState, IdleRule } from '#common/hosts.ts';
import { failureOf } from '#common/select/failures.ts';
import { isUp } from '#common/select/hosts.ts';
import type { HostFacts, HostReading } from '../sources/host-meter.ts';
import { continueSamples } from '../sources/samples.ts';
import { isAway, retryDelayMs } from './backoff.ts';
import type { Plan } from './retry-clock.ts';

/** When a host is measured again after a failure. */
export type NextAttempt =
  /** When its retry clock says so: it was not reached, which its forwards want to know as well. */
  | { readonly kind: 'when-reached' }
  /** It was reached and its measurement failed, which is no business of its forwards; `dueAt` is monotonic, in ms. */
  | { readonly kind: 'at'; readonly dueAt: number }
  /** None follows unasked. */
  | { readonly kind: 'none' };

export interface Tracked {
  readonly host: Host;
  readonly next: NextAttempt;
  /** Measurements of the host, once reached, that have failed in a row. */
  readonly failures: number;
}

export const untried: Pick<Tracked, 'next' | 'failures'> = { next: { kind: 'none' }, failures: 0 };

export type Outcome =
  /** The meter has begun this step on the way to the host. */
  | { readonly kind: 'step'; readonly step: ConnectStep }
  /** A person has asked for a login, which is shown whatever the host was. */
  | { readonly kind: 'login' }
  | { readonly kind: 'facts'; readonly facts: HostFacts }
  | { readonly kind: 'read'; readonly reading: HostReading; readonly idleRule: IdleRule }
  /** All that was asked of the host was answered. */
  | { readonly kind: 'measured' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The connection has ended between two measurements. */
  | { readonly kind: 'lost' }
  /** The retry clock has planned another time for a host that was not reached. */
  | { readonly kind: 'planned'; readonly failure: Failure }
  /** The attempt was called off; `before` is what the host was when it began. */
  | { readonly kind: 'cancelled'; readonly before: HostState };

/** What the time is when an outcome comes. */
export interface Moment {
  /** Milliseconds since the epoch, for times that are shown. */
  readonly wallMs: number;
  /** By which attempts are due. */
  readonly monotonicMs: number;
  /** From 0 up to 1. */
  readonly random: number;
  /** What the host's retry clock has planned; null: the host is not known to be away. */
  readonly plan: Plan | null;
}

export interface Change {
  /** What changes of the host; empty: nothing. */
  readonly fields: Partial<Host>;
  readonly next: NextAttempt;
  readonly failures: number;
  /** What becomes of its model servers: `lost` are still shown, as of the latest measurement. */
  readonly servers: 'kept' | 'lost' | 'gone';
}

/** What the outcome makes of the host. */
export function afterOutcome(tracked: Tracked, outcome: Outcome, moment: Moment): Change {
  const { host, next, failures } = tracked;
  const change = (fields: Partial<Host>): Change => ({ fields, next, failures, servers: 'kept' });
  switch (outcome.kind) {
    case 'step':
      // A host that is tried again in the background keeps its reason meanwhile, so that its row does not jump.
      return change(isOnItsWay(host.state) ? { state: { kind: 'connecting', step: outcome.step } } : {});
    case 'login':
      return change({ state: { kind: 'connecting', step: 'connect' } });
    case 'facts':
      return change(newOf(outcome.facts, host));
    case 'read':
      return change(fieldsOf(outcome, host, moment.wallMs));
    case 'measured':
      return { ...change({}), failures: 0 };
    case 'failed': {
      const planned = plannedAfter(outcome.failure, failures, moment);
      const failure = { ...outcome.failure, nextAttemptAt: planned.nextAttemptAt };
      return { ...shown(failure, host), next: planned.next, failures: planned.failures };
    }
    case 'lost':
      return { ...change({}), next: { kind: 'when-reached' } };
    case 'planned': {
      const waits = next.kind === 'when-reached' && !isUp(host.state) && failureOf(host.state) !== null;
      return waits ? { ...change({}), ...shown(outcome.failure, host) } : change({});
    }
    case 'cancelled':
      return change(host.state.kind === 'connecting' ? { state: restState(outcome.before) } : {});
  }
}

/** Whether it is time for the attempt that follows a failure or the loss of the connection. */
export function isDue(
  { host, next }: Tracked,
  { monotonicMs, plan }: Pick<Moment, 'monotonicMs' | 'plan'>,
): boolean {
  const isPlanDue = plan !== null && plan.dueAt !== null && monotonicMs >= plan.dueAt;
  if (isUp(host.state)) return isPlanDue;
  if (failureOf(host.state) === null) return false;
  switch (next.kind) {
    case 'when-reached':
      // Without a plan another attempt has reached it meanwhile.
      return plan === null || isPlanDue;
    case 'at':
      return monotonicMs >= next.dueAt;
    case 'none':
      return false;
  }
}

interface Planned extends Pick<Change, 'next' | 'failures'> {
  readonly nextAttemptAt: number | null;
}

function plannedAfter(failure: Failure, failures: number, { plan, ...moment }: Moment): Planned {
  if (plan !== null || isAway(failure)) {
    // Without a plan another attempt has reached it meanwhile.
    const nextAttemptAt = plan === null ? moment.wallMs : plan.failure.nextAttemptAt;
    return { next: { kind: 'when-reached' }, failures, nextAttemptAt };
  }
  const inARow = failures + 1;
  const delayMs = retryDelayMs(failure.code, inARow, moment.random);
  if (delayMs === null) return { next: { kind: 'none' }, failures: inARow, nextAttemptAt: null };
  const next = { kind: 'at', dueAt: moment.monotonicMs + delayMs } as const;
  return { next, failures: inARow, nextAttemptAt: moment.wallMs + delayMs };
}

/** Of a host that was measured and cannot be reached it stays known what it has; of any other failed one nothing does. */
function shown(failure: Failure, host: Host): Pick<Change, 'fields' | 'servers'> {
  const kind = failedKind(failure.code);
  if (host.measuredAt !== null && (kind === 'unreachable' || kind === 'throttled'))
    return { fields: { ...withoutNumbers(host), state: { kind: 'stale', failure } }, servers: 'lost' };
  return { fields: { state: { kind, failure }, gpus: [] }, servers: 'gone' };
}

function fieldsOf(
  { reading, idleRule }: Extract<Outcome, { kind: 'read' }>,
  host: Host,
  wallMs: number,
): Partial<Host> {
  const { driverVersion, cudaVersion, system } = reading;
  return {
    state: stateOf(reading),
    gpus: continueSamples(reading.gpus, host.gpus, idleRule),
    driverVersion,
    cudaVersion,
    system,
    measuredAt: wallMs,
  };
}

function stateOf({ failure }: HostReading): HostState {
  if (failure === null) return { kind: 'up' };
  const noGpu = failure.code === 'no-gpu-tool' || failure.code === 'no-gpu-devices';
  return { kind: noGpu ? 'no-gpu' : 'gpu-error', failure: toFailure(failure, 'probe') };
}

function isOnItsWay({ kind }: HostState): boolean {
  return kind === 'unresolved' || kind === 'queued' || kind === 'connecting';
}

/** Those of the facts that are not known yet. */
function newOf(facts: HostFacts, host: Host): HostFacts {
  const names = Object.keys(facts) as (keyof HostFacts)[];
  return names.every((name) => isDeepStrictEqual(facts[name], host[name])) ? {} : facts;
}

/** What a host goes back to when its scan was cancelled before it had an answer. */
function restState(before: HostState): HostState {
  return isOnItsWay(before) ? { kind: 'unresolved' } : before;
}
