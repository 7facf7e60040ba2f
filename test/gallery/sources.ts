/** Prometheus servers in each of their states, what a test of one finds, and hosts whose values come from them. */

import { AppError, type ErrorCode } from '#common/failure.ts';
import type { Host, PrometheusOrigin } from '#common/hosts.ts';
import {
  newPrometheusSource,
  type PrometheusSource,
  type PrometheusState,
  type SourceReport,
} from '#common/prometheus.ts';
import type { Settings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { busyGpu, gpu, host } from '../renderer/samples.ts';
import { aFailure } from '../support/samples.ts';

interface Shown {
  readonly source: PrometheusSource;
  readonly state: PrometheusState;
}

const found = (
  name: string,
  change: Partial<PrometheusState> = {},
  fields: Partial<PrometheusSource> = {},
) => ({
  source: { ...newPrometheusSource(name, `https://${name}.example.org/prometheus`), name, ...fields },
  state: {
    id: name,
    state: { kind: 'up' },
    answeredAt: Date.now(),
    hosts: 128,
    gpus: 1024,
    scrapeMs: 15_000,
    partial: null,
    ambiguous: [],
    secret: { login: false, header: false, kept: true },
    ...change,
  } as const,
});

const failures: readonly (readonly [ErrorCode, string])[] = [
  ['source-unreachable', 'connect ECONNREFUSED 10.0.0.9:9090'],
  ['source-refused', 'HTTP 401'],
  ['source-login', 'the passphrase is not that of the key'],
  ['source-not-prometheus', 'a web page came back, as from a login page'],
  ['source-busy', 'no answer for 20 s'],
  ['source-query', 'bad_data: unknown function'],
  ['source-empty', 'looked for dcgm, nvidia-gpu-exporter, amd, all-smi, node-exporter, vllm'],
  ['source-too-many', '812000 series of GPUs; at most 500000 are read'],
  ['connection-refused', 'connect ECONNREFUSED 10.0.0.2:22'],
];

const inParts = (shown: readonly Shown[], settings: Settings): Partial<Snapshot> => ({
  prometheus: shown.map(({ state }) => state),
  settings: { ...settings, prometheus: shown.map(({ source }) => source) },
});

/** Parts of a Snapshot, by what its sources have in common. */
export const sourcesIn = (settings: Settings) => ({
  found: inParts([found('north'), found('head node', {}, { url: 'ssh://gpu01:9090' })], settings),
  failed: inParts(
    failures.map(([code, detail]) =>
      found(code, { state: { kind: 'failed', failure: aFailure(code, { step: 'probe', detail }) } }),
    ),
    settings,
  ),
  partial: inParts(
    [
      found('thanos', { partial: 'no StoreAPI matched for rack 7' }),
      found('parts', { partial: '2 of 7 parts of the answer did not come' }),
      found('names', { ambiguous: [{ name: 'gpu', aliases: ['gpu01', 'gpu02'] }] }),
      found('new', { state: { kind: 'waiting' } }),
      found('off', { state: { kind: 'waiting' } }, { enabled: false }),
    ],
    settings,
  ),
  secrets: inParts(
    [
      found(
        'secret',
        { secret: { login: true, header: true, kept: true } },
        { login: 'bearer', header: 'X-Scope-OrgID' },
      ),
      found(
        'refused',
        { secret: { login: true, header: false, kept: false } },
        { login: 'certificate', certificate: '/home/me/client.pem', key: '/home/me/client.key' },
      ),
    ],
    settings,
  ),
});

/** What the test of a source answers here: that of one called `refused` fails. */
export function testOf({ name }: PrometheusSource): SourceReport {
  if (name === 'refused')
    throw new AppError('source-refused', { step: 'probe', detail: 'No required SSL certificate was sent' });
  return {
    version: '2.53.3',
    exporters: [
      { kind: 'dcgm', series: 14_336 },
      { kind: 'node-exporter', series: 384 },
      { kind: 'vllm', series: 96 },
    ],
    gpus: 1024,
    hosts: 128,
    joined: 40,
    series: 14_336,
    scrapeMs: 15_000,
    nameSet: 'both',
    utilUnit: 'percent',
    clockDifferenceMs: -600_000,
    partial: 'no StoreAPI matched for rack 7',
  };
}

const origin: PrometheusOrigin = {
  kind: 'prometheus',
  sourceId: 'north',
  name: 'north',
  host: 'fleet-01',
  instance: 'fleet-01:9400',
  staleAfterMs: 60_000,
  ssh: null,
  without: 'unlisted',
};

const jobs = [
  gpu(0, { idleStreak: 0, job: { user: 'maria', job: '48213', pod: null } }),
  gpu(1, { idleStreak: 0, job: { user: null, job: null, pod: 'vision/train-resnet-0' } }),
  gpu(2),
];

/** One that SSH does not know, one that it does not reach, one that is switched off; with jobs of schedulers. */
export const viaPrometheus: readonly Host[] = [
  { ...host('fleet-01', 0, 0, { gpus: jobs, endpoint: null }), source: origin, group: 'rack 7' },
  {
    ...host('gpu-away', 0, 0),
    gpus: [],
    group: 'rack 8',
    state: { kind: 'unreachable', failure: aFailure('connection-timeout', { detail: 'connect ETIMEDOUT' }) },
    beside: {
      origin: { ...origin, host: 'gpu-away', instance: 'gpu-away:9400', without: null },
      gpus: [gpu(0), busyGpu(1, { processes: [] })],
      measuredAt: host('x', 0, 0).measuredAt,
      driverVersion: '570.86',
      cudaVersion: null,
      system: null,
      servers: [],
    },
  },
  { ...host('gpu-off', 2, 1), source: { ...origin, host: 'gpu-off', without: 'switched-off' } },
];
