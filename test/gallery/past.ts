/** A host of Prometheus for the states with a long past, and what the source knows of it. */

import type { CallInput } from '#common/contract.ts';
import { hostValues, rangeMs, type SourcePast } from '#common/history.ts';
import { newPrometheusSource, type PrometheusState } from '#common/prometheus.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { busyGpu, gpu, host, snapshot } from '../renderer/samples.ts';
import { aFailure } from '../support/samples.ts';

const now = Date.now();
const hourMs = 3_600_000;
const source = { ...newPrometheusSource('fleet', 'https://prometheus.example.org'), name: 'fleet' };

const state: PrometheusState = {
  id: source.id,
  state: { kind: 'up' },
  answeredAt: now,
  hosts: 1,
  gpus: 3,
  scrapeMs: 15_000,
  partial: null,
  ambiguous: [],
  secret: { login: false, header: false, kept: true },
};

const fleetHost = host('prometheus/fleet-01', 0, 0, {
  alias: 'fleet-01',
  gpus: [busyGpu(0, { processes: [] }), busyGpu(1, { utilPct: 61, processes: [] }), gpu(2)],
  measuredAt: now,
  endpoint: null,
  source: {
    kind: 'prometheus',
    sourceId: source.id,
    name: source.name,
    host: 'fleet-01',
    instance: 'fleet-01:9400',
    staleAfterMs: 95_000,
    ssh: null,
    without: 'unlisted',
  },
});

const settings = { ...snapshot().settings, prometheus: [source] };

/** With the row `prometheus/fleet-01`. */
export const fleet: Partial<Snapshot> = {
  hosts: [fleetHost],
  servers: [],
  settings,
  prometheus: [state],
};

/** The same with a source that does not answer any more. */
export const silentFleet: Partial<Snapshot> = {
  ...fleet,
  prometheus: [{ ...state, state: { kind: 'failed', failure: aFailure('source-unreachable') } }],
};

/** The whole range, of which the first quarter is missing from a week; work by day, and a night in which it was away. */
export function pastOf(
  { hosts, prometheus }: Snapshot,
  { hostId, range }: CallInput<'history.fromSources'>,
): readonly SourcePast[] {
  const [known] = prometheus;
  const shown = hosts.find(({ id }) => id === hostId);
  if (known === undefined || shown === undefined) return [];
  if (known.state.kind === 'failed')
    return [
      {
        kind: 'failed',
        source: source.name,
        failure: aFailure('source-unreachable', { detail: 'connect ECONNREFUSED 10.0.0.9:9090' }),
      },
    ];
  const stepMs = rangeMs[range] / 360;
  const fromMs = now - rangeMs[range] * (range === 'week' ? 0.75 : 1);
  const count = Math.floor((now - fromMs) / stepMs);
  const isAway = (ms: number): boolean => ms > now - 9 * hourMs && ms < now - 7 * hourMs;
  const times = Array.from({ length: count }, (_none, at) => fromMs + at * stepMs).filter(
    (ms) => !isAway(ms),
  );
  const columns = Object.entries(hostValues(shown)).map(([name, value], phase) => {
    const by = (ms: number): number =>
      0.55 +
      0.3 * Math.sin((ms / (24 * hourMs)) * 2 * Math.PI + phase) +
      0.15 * Math.sin(ms / stepMs / 3 + phase);
    return [name, times.map((ms) => (value === null ? null : value * by(ms)))] as const;
  });
  const track = { id: hostId, times, columns: Object.fromEntries(columns) };
  return [{ kind: 'read', source: source.name, track, stepMs, partial: null }];
}
