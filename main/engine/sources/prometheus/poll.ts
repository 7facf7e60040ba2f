/** One look at all hosts of a Prometheus: their GPUs, load and models, with the time at which each was sampled. */

import { setImmediate } from 'node:timers/promises';
import { groupBy } from '#common/group-by.ts';
import type { HostSystem } from '#common/hosts.ts';
import type { ModelLoad } from '#common/servers.ts';
import type { GpuReading } from '../../probe/tools/gpu-reading.ts';
import { type Answer, type Labels, noSamples, numberOf, type RawSample } from './answer.ts';
import type { PrometheusClient } from './client.ts';
import { gaugesOf, hostsWithout } from './gauges.ts';
import type { MeasuredGpus } from './measured.ts';
import { hostNameOf, hostPartOf, originOf, portOf } from './names.ts';
import * as queries from './queries.ts';
import { gpusOf, type IdentifiedGpu } from './readings.ts';
import type { Survey } from './survey.ts';
import { type FoundLoad, readModels } from './vllm.ts';

/** So many hosts are worked on in one turn of the event loop. */
export const hostsAtOnce = 250;

/** What a Prometheus says of one host. */
export interface FoundHost {
  readonly name: string;
  readonly gpus: readonly GpuReading[];
  readonly driverVersion: string | null;
  readonly system: HostSystem | null;
  /** Where its numbers are scraped: the exporter of its GPUs, else of its models. */
  readonly instance: string;
  readonly labels: Labels;
  /** By port; null where the instance has none. */
  readonly models: readonly FoundModels[];
  /** When its GPUs were sampled, in seconds by the server's clock: what tells samples apart. */
  readonly sampledS: number | null;
  /** How old that is by the server's clock, in milliseconds. */
  readonly ageMs: number | null;
  /** Its exporter did not answer when it was scraped last. */
  readonly isDown: boolean;
}

export interface FoundModels {
  readonly port: number | null;
  readonly loads: readonly ModelLoad[];
}

export interface Poll {
  /** By name. */
  readonly hosts: ReadonlyMap<string, FoundHost>;
  /** There are exporters or GPUs that the survey has not seen. */
  readonly hasNew: boolean;
  readonly partial: string | null;
}

/** Errors: those of the client; parts of the gauges that a busy server does not answer are missing, unless it is all of them. */
export async function poll(
  client: PrometheusClient,
  known: Survey,
  signal: AbortSignal,
  hostLabel: string,
): Promise<Poll> {
  const [only] = known.matchers.length === 1 ? known.matchers : [];
  const nodeNames = queries.nodeNames.filter((name) => known.names.has(name));
  const optional = (asked: Promise<Answer<RawSample>>): Promise<Answer<RawSample>> =>
    asked.catch((error: unknown) => {
      if (signal.aborted) throw error;
      return noSamples;
    });
  const [sampled, pushed, down, nodes, models, { measured, partial, isWhole }] = await Promise.all([
    known.sampled.length === 0
      ? noSamples
      : client.instant(queries.sampledQuery(known.sampled, only ?? ''), signal),
    optional(client.instant(queries.pushedQuery, signal)),
    optional(client.instant(queries.downQuery, signal)),
    nodeNames.length === 0 ? noSamples : client.instant(queries.nodeQuery(nodeNames), signal),
    readModels(client, known, signal),
    gaugesOf(client, known, signal),
  ]);
  const partials = [partial, ...[sampled, down, nodes, models].map((answer) => answer.partial)];
  const drafts = draftsOf({ known, measured, loads: models.loads, down: down.items, hostLabel });
  const times = timesOf(sampled.items, pushed.items);
  const systems = systemsOf(nodes.items, known);
  const taken = new Set<string>();
  const hosts = new Map<string, FoundHost>();
  const unread = isWhole ? new Set<string>() : hostsWithout(measured, known);
  for (const [at, draft] of [...drafts.values()].entries()) {
    // What else waits has its turn.
    if (at % hostsAtOnce === hostsAtOnce - 1) await setImmediate();
    if (draft.isDown || !unread.has(draft.name))
      hosts.set(draft.name, hostOf(draft, { known, times, systems, taken }));
  }
  return {
    hosts,
    hasNew: hasNew(measured, known),
    partial: partials.find((one) => one !== null) ?? known.partial,
  };
}

/** Whether there are exporters, GPUs or MIG instances that the survey has not seen. */
function hasNew(measured: MeasuredGpus, { identities, targets, constants }: Survey): boolean {
  for (const [instance, gpus] of measured) {
    if (!targets.has(instance)) return true;
    for (const [key, gpu] of gpus) {
      if (identities.get(instance)?.has(key) !== true) return true;
      for (const [id, { profile, values }] of gpu.instances) {
        const before = constants.get(instance)?.get(key)?.instances.get(id);
        if (constants.size > 0 && values.memUsedMiB !== undefined && before?.profile !== profile) return true;
      }
    }
  }
  return false;
}

interface Draft {
  readonly name: string;
  readonly instances: Set<string>;
  labels: Labels;
  readonly gpus: IdentifiedGpu[];
  readonly models: Map<number | null, ModelLoad[]>;
  isDown: boolean;
}

interface Drafting {
  readonly known: Survey;
  readonly measured: MeasuredGpus;
  readonly loads: readonly FoundLoad[];
  readonly down: readonly RawSample[];
  readonly hostLabel: string;
}

function draftsOf({ known, measured, loads, down, hostLabel }: Drafting): Map<string, Draft> {
  const drafts = new Map<string, Draft>();
  const at = (instance: string): Draft | null => {
    const target = known.targets.get(instance);
    const naming = { hostLabel, nodeNames: known.nodeNames };
    const name = target?.host ?? hostNameOf({ instance }, naming);
    if (name === null) return null;
    let draft = drafts.get(name);
    if (draft === undefined) {
      draft = { name, instances: new Set(), labels: {}, gpus: [], models: new Map(), isDown: false };
      drafts.set(name, draft);
    }
    draft.instances.add(instance);
    if (target !== undefined) draft.labels = { ...target.labels, ...draft.labels };
    return draft;
  };
  for (const [instance, gpus] of measured) {
    const draft = at(instance);
    const identities = known.identities.get(instance);
    const constants = known.constants.get(instance);
    for (const [key, measuredGpu] of gpus)
      draft?.gpus.push({
        gpu: measuredGpu,
        identity: identities?.get(key) ?? null,
        constant: constants?.get(key) ?? null,
      });
  }
  for (const { instance, load } of loads) {
    const draft = at(instance);
    const port = portOf(instance);
    draft?.models.set(port, [...(draft.models.get(port) ?? []), load]);
  }
  const jobs = new Set([...known.targets.values()].map(({ job }) => job));
  const behind = groupBy(known.targets, ([, { scraped }]) => scraped);
  /** With a Pushgateway all that it passes on; of what is scraped by jobs without GPUs or models nothing is this app's business. */
  const downWith = (instance: string, job: string): readonly string[] => {
    if (known.targets.has(instance)) return [instance];
    return behind.get(instance)?.map(([one]) => one) ?? (jobs.has(job) ? [instance] : []);
  };
  for (const { metric } of down) {
    const [, instance] = originOf(metric) ?? [];
    if (instance === undefined) continue;
    for (const one of downWith(instance, metric.job ?? '')) {
      const draft = at(one);
      if (draft !== null && draft.gpus.length === 0) draft.isDown = true;
    }
  }
  return drafts;
}

interface Making {
  readonly known: Survey;
  readonly times: ReadonlyMap<string, { readonly sampledS: number; readonly ageMs: number }>;
  readonly systems: ReadonlyMap<string, HostSystem>;
  /** GPUs that another host has: with a remote engine two exporters may measure the same one. */
  readonly taken: Set<string>;
}

function hostOf(draft: Draft, { known, times, systems, taken }: Making): FoundHost {
  const instances = [...draft.instances];
  const latest = instances
    .flatMap((instance) => times.get(instance) ?? [])
    .reduce<{ sampledS: number; ageMs: number } | null>(
      (best, time) => (best === null || time.sampledS > best.sampledS ? time : best),
      null,
    );
  const gpus = gpusOf(draft.gpus).filter(
    ({ uuid }) => /^(?:nvidia|amd|intel)-/.test(uuid) || !taken.has(uuid),
  );
  for (const { uuid } of gpus) taken.add(uuid);
  const driver = draft.gpus.find(({ identity }) => identity?.driverVersion != null)?.identity?.driverVersion;
  const system = instances.flatMap((instance) => systems.get(hostPartOf(instance)) ?? []);
  const [first = ''] =
    draft.gpus.length > 0 ? instances.filter((one) => known.identities.has(one)) : instances;
  return {
    name: draft.name,
    gpus,
    driverVersion: driver ?? null,
    system: system[0] ?? systems.get(draft.name) ?? null,
    instance: first === '' ? (instances[0] ?? '') : first,
    labels: draft.labels,
    models: [...draft.models].map(([port, loads]) => ({ port, loads })),
    sampledS: latest?.sampledS ?? null,
    ageMs: latest?.ageMs ?? null,
    isDown: draft.isDown,
  };
}

function timesOf(sampled: readonly RawSample[], pushed: readonly RawSample[]): Making['times'] {
  const times = new Map<string, { sampledS: number; ageMs: number }>();
  const put = ({ metric, value }: RawSample, isPush: boolean): void => {
    const sampledS = numberOf(value[1]);
    const [, instance] = originOf(metric) ?? [];
    if (instance === undefined || sampledS === null) return;
    if (isPush && !times.has(instance)) return;
    times.set(instance, { sampledS, ageMs: Math.max(0, (value[0] - sampledS) * 1000) });
  };
  for (const sample of sampled) put(sample, false);
  for (const sample of pushed) put(sample, true);
  return times;
}

/** By the host part of an instance, and by the name that node_exporter gives. */
function systemsOf(samples: readonly RawSample[], { cpuCounts, nodeNames }: Survey): Map<string, HostSystem> {
  const values = new Map<string, Map<string, number>>();
  for (const { metric, value } of samples) {
    const { __name__: name } = metric;
    const [, instance] = originOf(metric) ?? [];
    const number = numberOf(value[1]);
    if (instance === undefined || name === undefined || number === null) continue;
    const part = hostPartOf(instance);
    const known = values.get(part) ?? new Map<string, number>();
    known.set(name, number);
    values.set(part, known);
  }
  const systems = new Map<string, HostSystem>();
  for (const [part, known] of values) {
    const total = known.get('node_memory_MemTotal_bytes');
    const free = known.get('node_memory_MemAvailable_bytes');
    const system = {
      cpuCount: cpuCounts.get(part) ?? null,
      load1: known.get('node_load1') ?? null,
      memTotalMiB: total === undefined ? null : Math.round(total / 1_048_576),
      memUsedMiB: total === undefined || free === undefined ? null : Math.round((total - free) / 1_048_576),
    };
    systems.set(part, system);
    const name = nodeNames.get(part);
    if (name !== undefined) systems.set(name, system);
  }
  return systems;
}
