/** What faces ask about hosts. */

import type { Host, HostState, IdleRule } from '../hosts.ts';
import type { UnknownHostKey } from '../prompts.ts';
import type { Snapshot, Source } from '../snapshot.ts';
import { shellWord } from '../text.ts';
import { failureOf } from './failures.ts';
import { holderOf, isIdle } from './gpus.ts';

/** Whether anybody may be contacted yet: hosts of the user's own only when the person has seen which, and said yes. */
export function mayContact({ source, settings }: Pick<Snapshot, 'source' | 'settings'>): boolean {
  return source.kind === 'demo' || settings.welcomed;
}

/** What a host has that SSH has not measured. */
export const hostWithoutSsh: Omit<Host, 'id' | 'alias' | 'source'> = {
  group: null,
  endpoint: null,
  state: { kind: 'unresolved' },
  gpus: [],
  measuredAt: null,
  driverVersion: null,
  cudaVersion: null,
  system: null,
  client: null,
  forwarding: 'unknown',
  beside: null,
  labels: {},
};

/** Whether the app may reach it by SSH: it is in the SSH configuration, and switched on. */
export function hasSsh({ source }: Pick<Host, 'source'>): boolean {
  return source.kind === 'ssh' || source.ssh !== null;
}

/** Whether the host's GPUs were measured and are current. */
export function isUp(state: HostState): boolean {
  return state.kind === 'up' || state.kind === 'no-gpu' || state.kind === 'gpu-error';
}

/** Hosts from which nothing was learnt in the latest attempt. */
export function hasFailed(host: Host): boolean {
  return failureOf(host.state) !== null && !isUp(host.state);
}

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
  /** Who runs compute processes, or was given a GPU by a scheduler (see {@link holderOf}): each once, in the order of the GPUs. */
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
  let utilSum = 0;
  let utilCount = 0;
  let memUsedMiB: number | null = null;
  let memTotalMiB: number | null = null;
  let maxTemperatureC: number | null = null;
  const users: string[] = [];
  const add = (user: string | null): void => {
    if (user !== null && !users.includes(user)) users.push(user);
  };
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
    for (const { user } of gpu.processes) add(user);
    if (gpu.job !== undefined) add(holderOf(gpu.job));
  }
  const meanUtilPct = utilCount === 0 ? null : utilSum / utilCount;
  return {
    idle,
    total: gpus.length,
    meanUtilPct,
    memUsedMiB,
    memTotalMiB,
    maxTemperatureC,
    users,
  };
}

export interface HostGroup {
  /** Null: the hosts that are in no group. */
  readonly name: string | null;
  /** In the order in which they were given. */
  readonly hosts: readonly Host[];
  /** Of those that answer. */
  readonly idle: number;
  readonly total: number;
}

/**
 * These hosts by group: the groups in the order of `names`, those without one last. Empty where no host has a group, for then
 * nothing is to be grouped.
 */
export function hostGroups(
  hosts: readonly Host[],
  { names, rule }: { readonly names: readonly string[]; readonly rule: IdleRule },
): readonly HostGroup[] {
  const byName = new Map<string | null, Host[]>(names.map((name) => [name, []]));
  const rest: Host[] = [];
  for (const host of hosts) (byName.get(host.group) ?? rest).push(host);
  if (names.length === 0) return [];
  byName.set(null, rest);
  return [...byName]
    .filter(([, members]) => members.length > 0)
    .map(([name, members]) => {
      let [idle, total] = [0, 0];
      for (const host of members) {
        if (!isUp(host.state)) continue;
        const summary = hostSummary(host, rule);
        idle += summary.idle;
        total += summary.total;
      }
      return { name, hosts: members, idle, total };
    });
}

/** The groups that hosts are in, in the order of the configuration. */
export function groupNames(hosts: readonly Host[]): readonly string[] {
  const names = new Set<string>();
  for (const { group } of hosts) if (group !== null) names.add(group);
  return [...names];
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

/** The program and arguments that open a shell on the host, or run `remote` there in a terminal of its own. */
export function sshArguments(
  source: Source,
  host: Host,
  { remote }: { readonly remote?: string } = {},
): readonly string[] {
  const options = [
    ...(remote === undefined ? [] : ['-t']),
    ...(source.configFile === undefined ? [] : ['-F', source.configFile]),
  ];
  return ['ssh', ...options, host.alias, ...(remote === undefined ? [] : [remote])];
}

/** The same as a command line; names from outside are quoted for pasting. */
export function sshCommand(...of: Parameters<typeof sshArguments>): string {
  return sshArguments(...of)
    .map(shellWord)
    .join(' ');
}
