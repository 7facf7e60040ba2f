/** What faces ask of a Snapshot. Pure, so that window, tray, terminal and browser give the same answers. */

import type { ErrorCode } from './errors.ts';
import type { ForeignState, Forward, ForwardState } from './forwards.ts';
import type { Language } from './language.ts';
import {
  type EngineKind,
  type Failure,
  type Gpu,
  type Host,
  type HostId,
  type HostState,
  type IdleRule,
  type Model,
  type ModelLoad,
  type ModelServer,
  type ServerState,
  type Snapshot,
  type Source,
  serverId,
  type UnknownHostKey,
} from './model.ts';
import { shellWord } from './text.ts';
import { stateWords } from './words/states.ts';

/** A GPU in error is neither idle nor busy; one that says nothing is unknown. */
export type GpuCondition = 'idle' | 'busy' | 'unknown' | 'problem';

/** Whether one measurement meets the idle rule; null when neither load nor memory is known. */
export function meetsIdleRule(
  gpu: Pick<Gpu, 'utilPct' | 'memUsedMiB' | 'memTotalMiB' | 'processes'>,
  rule: IdleRule,
): boolean | null {
  if (gpu.processes.length > 0) return false;
  if (gpu.utilPct === null && gpu.memUsedMiB === null) return null;
  if (gpu.utilPct !== null && gpu.utilPct > rule.maxUtilPct) return false;
  if (gpu.memUsedMiB === null) return true;
  const allowedMiB = Math.max(rule.maxMemMiB, ((gpu.memTotalMiB ?? 0) * rule.maxMemPct) / 100);
  return gpu.memUsedMiB <= allowedMiB;
}

/**
 * One busy sample makes a GPU busy at once; idle it is after `rule.samples` idle ones in a row, or after all there are
 * when the host has just come up.
 */
export function gpuCondition(gpu: Gpu, rule: IdleRule): GpuCondition {
  if (gpu.problem !== null) return 'problem';
  const now = meetsIdleRule(gpu, rule);
  if (now === null) return 'unknown';
  return gpu.idleStreak > 0 && gpu.idleStreak >= Math.min(rule.samples, gpu.samples) ? 'idle' : 'busy';
}

export function isIdle(gpu: Gpu, rule: IdleRule): boolean {
  return gpuCondition(gpu, rule) === 'idle';
}

/** Its own memory in whole GiB, as such GPUs are spoken of: a card of 80 GB reports 79.6 GiB. Null where it does not say. */
export function memoryGiB({ memTotalMiB }: Pick<Gpu, 'memTotalMiB'>): number | null {
  return memTotalMiB === null ? null : Math.round(memTotalMiB / 1024);
}

/** Whether anybody may be contacted yet: hosts of the user's own only when the person has seen which, and said yes. */
export function mayContact({ source, settings }: Pick<Snapshot, 'source' | 'settings'>): boolean {
  return source.kind === 'demo' || settings.welcomed;
}

/** Whether the host's GPUs were measured and are current. */
export function isUp(state: HostState): boolean {
  return state.kind === 'up' || state.kind === 'no-gpu' || state.kind === 'gpu-error';
}

/** Why it is not fully there, whatever its state; null when all is well or nothing was tried yet. */
export function failureOf(state: HostState | ServerState | ForwardState | ForeignState): Failure | null {
  return 'failure' in state ? state.failure : null;
}

/** Hosts from which nothing was learnt in the latest attempt. */
export function hasFailed(host: Host): boolean {
  return failureOf(host.state) !== null && !isUp(host.state);
}

/** Whether logging in with a person at hand (`host.login`) may get further than the latest attempt did. */
export function canLogIn({ state }: Host): boolean {
  return state.kind === 'auth-needed' && loginHelps.has(state.failure.code);
}

const loginHelps: ReadonlySet<ErrorCode> = new Set([
  'auth-failed',
  'auth-no-key',
  'auth-locked',
  'auth-interactive',
  'auth-timeout',
]);

/** An unknown host key with the hosts that cannot be reached before it is accepted. */
export interface WaitingKey {
  readonly key: UnknownHostKey;
  readonly hosts: readonly Host[];
}

/** The host keys that at least one host waits for, in the order in which they were met. */
export function waitingKeys({ hostKeys, hosts }: Snapshot): readonly WaitingKey[] {
  return hostKeys
    .map((key) => ({ key, hosts: hosts.filter(({ state }) => failureOf(state)?.hostKeyId === key.id) }))
    .filter(({ hosts: waiting }) => waiting.length > 0);
}

export interface HostSummary {
  readonly idle: number;
  readonly total: number;
  /** Over the GPUs that say it; null when none does. */
  readonly meanUtilPct: number | null;
  readonly memUsedMiB: number | null;
  readonly memTotalMiB: number | null;
  readonly maxTemperatureC: number | null;
  /** Who runs compute processes, each name once, in the order of the GPUs. */
  readonly users: readonly string[];
}

const summaries = new WeakMap<Host, { readonly rule: IdleRule; readonly summary: HostSummary }>();

/** Made once per measurement of a host: every face asks for the same ones with each patch. */
export function hostSummary(host: Host, rule: IdleRule): HostSummary {
  const made = summaries.get(host);
  if (made?.rule === rule) return made.summary;
  const summary = summarise(host, rule);
  summaries.set(host, { rule, summary });
  return summary;
}

function summarise(host: Host, rule: IdleRule): HostSummary {
  const { gpus } = host;
  const current = isUp(host.state);
  let idle = 0;
  let [utilSum, utilCount] = [0, 0];
  let memUsedMiB: number | null = null;
  let memTotalMiB: number | null = null;
  let maxTemperatureC: number | null = null;
  const users = new Set<string>();
  for (const gpu of gpus) {
    if (current && isIdle(gpu, rule)) idle += 1;
    if (gpu.utilPct !== null) {
      utilSum += gpu.utilPct;
      utilCount += 1;
    }
    if (gpu.memUsedMiB !== null) memUsedMiB = (memUsedMiB ?? 0) + gpu.memUsedMiB;
    if (gpu.memTotalMiB !== null) memTotalMiB = (memTotalMiB ?? 0) + gpu.memTotalMiB;
    if (gpu.temperatureC !== null)
      maxTemperatureC = Math.max(maxTemperatureC ?? gpu.temperatureC, gpu.temperatureC);
    for (const { user } of gpu.processes) if (user !== null) users.add(user);
  }
  const meanUtilPct = utilCount === 0 ? null : utilSum / utilCount;
  return {
    idle,
    total: gpus.length,
    meanUtilPct,
    memUsedMiB,
    memTotalMiB,
    maxTemperatureC,
    users: [...users],
  };
}

/**
 * Hosts with the most idle GPUs first, then those with the lower load; hosts without an answer keep their order at the end.
 * Equal ones keep the order of the configuration.
 */
export function hostsByIdleFirst(snapshot: Snapshot): readonly Host[] {
  const ranked = snapshot.hosts.map((host) => ({ host, ...rankOf(host, snapshot.settings.idleRule) }));
  ranked.sort((a, b) => a.group - b.group || b.idle - a.idle || a.load - b.load);
  return ranked.map(({ host }) => host);
}

function rankOf(host: Host, rule: IdleRule): { group: number; idle: number; load: number } {
  if (!isUp(host.state)) return { group: 2, idle: 0, load: 0 };
  const { idle, total, meanUtilPct } = hostSummary(host, rule);
  return { group: total > 0 ? 0 : 1, idle, load: meanUtilPct ?? 101 };
}

export interface ModelRow {
  /** Unique among all rows. */
  readonly key: string;
  readonly host: Host;
  readonly server: ModelServer;
  /** Null for a server that is locked or failed and shows no model. */
  readonly model: Model | null;
  readonly forward: Forward | null;
}

/** One row per model on a server, adapters right after their base model; a server without models has one row of its own. */
export function modelRows(snapshot: Snapshot): readonly ModelRow[] {
  const hosts = new Map(snapshot.hosts.map((host) => [host.id, host]));
  return snapshot.servers.flatMap((server) => {
    const host = hosts.get(server.hostId);
    if (host === undefined) return [];
    const forward = forwardFor(snapshot, server.hostId, server.port);
    const row = (model: Model | null): ModelRow => ({
      key: `${server.id} ${model?.id ?? ''}`,
      host,
      server,
      model,
      forward,
    });
    return server.models.length === 0 ? [row(null)] : adaptersAfterBase(server.models).map(row);
  });
}

/** The load that a server's metrics give for one of its models; null where they do not say it. */
export function loadOf(server: ModelServer, model: Model): ModelLoad | null {
  const named = server.loads.find((load) => load.model === model.id);
  if (named !== undefined) return named;
  // Metrics may name a model by its path, or not at all: with one of each it is clear.
  const bases = server.models.filter(({ parent }) => parent === null);
  const [only, ...others] = server.loads;
  const isOnly = bases.length === 1 && bases[0]?.id === model.id;
  return only !== undefined && others.length === 0 && isOnly ? only : null;
}

export interface QueueRow {
  /** Unique among all rows. */
  readonly key: string;
  readonly host: Host;
  readonly server: ModelServer;
  readonly load: ModelLoad;
  /** The model as requests name it; null where nobody says it. */
  readonly model: string | null;
  readonly forward: Forward | null;
}

/** One row per model whose load is known, in the order of the servers. */
export function queueRows(snapshot: Snapshot): readonly QueueRow[] {
  const hosts = new Map(snapshot.hosts.map((host) => [host.id, host]));
  return snapshot.servers.flatMap((server) => {
    const host = hosts.get(server.hostId);
    if (host === undefined) return [];
    const forward = forwardFor(snapshot, server.hostId, server.port);
    return server.loads.map((load): QueueRow => {
      const model = server.models.find((one) => loadOf(server, one) === load)?.id ?? load.model;
      return { key: `${server.id} ${load.model ?? ''}`, host, server, load, model, forward };
    });
  });
}

function adaptersAfterBase(models: readonly Model[]): readonly Model[] {
  const ids = new Set(models.map((model) => model.id));
  const isAdapter = (model: Model) =>
    model.parent !== null && model.parent !== model.id && ids.has(model.parent);
  return models
    .filter((model) => !isAdapter(model))
    .flatMap((base) => [base, ...models.filter((model) => isAdapter(model) && model.parent === base.id)]);
}

function forwardFor(snapshot: Snapshot, hostId: HostId, port: number): Forward | null {
  const id = serverId(hostId, port);
  return snapshot.forwards.find((forward) => forward.id === id) ?? null;
}

export type Permission = { readonly ok: true } | { readonly ok: false; readonly why: ErrorCode };

/** Whether ports of the host can be forwarded, and if not, why. */
export function forwardPermission(host: Host): Permission {
  return host.forwarding === 'prohibited' ? { ok: false, why: 'forwarding-prohibited' } : { ok: true };
}

/** Whether the Forward button of a server works, and if not, why. */
export function canForward(snapshot: Snapshot, server: ModelServer): Permission {
  const host = snapshot.hosts.find((candidate) => candidate.id === server.hostId);
  return host === undefined ? { ok: false, why: 'not-found' } : forwardPermission(host);
}

export interface Totals {
  readonly idleGpus: number;
  readonly gpus: number;
  readonly hostsUp: number;
  readonly hosts: number;
  readonly models: number;
  readonly forwards: number;
}

const made = new WeakMap<Snapshot, Totals>();

/** Made once per Snapshot: several places of a face show parts of it. */
export function totals(snapshot: Snapshot): Totals {
  const known = made.get(snapshot) ?? count(snapshot);
  made.set(snapshot, known);
  return known;
}

function count(snapshot: Snapshot): Totals {
  let [idleGpus, gpus, hostsUp] = [0, 0, 0];
  for (const host of snapshot.hosts) {
    if (!isUp(host.state)) continue;
    const { idle, total } = hostSummary(host, snapshot.settings.idleRule);
    idleGpus += idle;
    gpus += total;
    hostsUp += 1;
  }
  return {
    idleGpus,
    gpus,
    hostsUp,
    hosts: snapshot.hosts.length,
    models: snapshot.servers.reduce((sum, { models }) => sum + models.length, 0),
    forwards: snapshot.forwards.length,
  };
}

/** `37 idle of 212 GPUs · 31 of 50 hosts · 18 models · 4 forwards`: what is free right now, the same words everywhere. */
export function headline(snapshot: Snapshot, language: Language): string {
  return stateWords[language].headline(totals(snapshot)).join(' · ');
}

/** The command line that opens a shell on the host; names from outside are quoted for pasting. */
export function sshCommand(source: Source, host: Host): string {
  const option = source.configFile === undefined ? '' : `-F ${shellWord(source.configFile)} `;
  return `ssh ${option}${shellWord(host.alias)}`;
}

/** The pages about the server's API behind a forward; null while it has no local port, and for servers that have none. */
export function docsUrl({ servers }: Snapshot, forward: Forward): string | null {
  const url = forwardUrl(forward);
  const engine = servers.find(({ id }) => id === forward.id)?.engine ?? null;
  return url === null || engine === null || !withDocs.has(engine) ? null : `${url}/docs`;
}

/** Those built with FastAPI or utoipa, which serve Swagger UI there. */
const withDocs: ReadonlySet<EngineKind> = new Set(['vllm', 'sglang', 'tgi']);

/** The base URL of a forward for OpenAI-style clients, without a trailing slash; null while it has no local port. */
export function forwardUrl(forward: Forward): string | null {
  const address = forwardAddress(forward);
  return address === null ? null : `http://${address}`;
}

/** Where a forward is reached, as people write it: `localhost:16100`. */
export function forwardAddress({ localPort }: Pick<Forward, 'localPort'>): string | null {
  return localPort === null ? null : `localhost:${localPort}`;
}

/** Whether it carries nothing now, and may be tried again. */
export function isAway({ state }: Pick<Forward, 'state'>): boolean {
  return state.kind === 'retrying' || state.kind === 'failed';
}
