/** Which process a model server is, on which GPUs and in which container: its listener joined with what is on the GPUs. Pure. */

import type { Container, ModelServer, ServerProcess } from '#common/servers.ts';
import { withoutSecrets } from '../probe/arguments.ts';
import { type Kin, lineOf } from '../probe/kin.ts';
import type { ListeningPort } from '../probe/ports.ts';
import type { GpuReading } from '../probe/tools/gpu-reading.ts';

/** A process on a GPU. */
export interface Holder {
  readonly pid: number;
  readonly gpu: number;
}

export interface JoinInput {
  readonly listening: readonly ListeningPort[];
  readonly holders: readonly Holder[];
  readonly kin: Kin;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function holdersOf(gpus: readonly GpuReading[]): readonly Holder[] {
  return gpus.flatMap(({ index, processes, instances }) =>
    [...processes, ...(instances ?? []).flatMap((instance) => instance.processes)].map(({ pid }) => ({
      pid,
      gpu: index,
    })),
  );
}

/** The same servers, each with its process; null where the login may not see which it is. */
export function withProcesses(servers: readonly ModelServer[], input: JoinInput): readonly ModelServer[] {
  const pids = new Map(input.listening.map(({ port, pid }) => [port, pid]));
  return servers.map((server) => {
    const pid = pids.get(server.port) ?? null;
    const found = pid === null ? null : processOf(pid, input);
    return { ...server, process: found && steady(found, server.process) };
  });
}

function processOf(listener: number, { holders, kin, now }: JoinInput): ServerProcess | null {
  const info = kin.processes.get(listener);
  if (info === undefined) return null;
  const proxied = behindProxy(info.args, { holders, kin });
  const container = proxied ?? kin.containers.get(listener) ?? null;
  const own = holders.filter(({ pid }) =>
    proxied === null
      ? lineOf(pid, kin.parents).includes(listener)
      : isSameContainer(kin.containers.get(pid), proxied),
  );
  // Of a port that a container publishes the listener is but the proxy.
  const pid = proxied === null ? listener : (own[0]?.pid ?? listener);
  const shown = kin.processes.get(pid) ?? info;
  return {
    pid,
    user: shown.user,
    startedAt: shown.age === null ? null : now - shown.age.seconds * 1000,
    args: withoutSecrets(shown.args),
    container,
    gpus: [...new Set(own.map(({ gpu }) => gpu))].sort((a, b) => a - b),
  };
}

/**
 * The container that a proxy of published ports leads to: docker-proxy names its address, conmon of podman its id. Null for
 * any other program. Of one that is on no GPU the address alone is known, and so nothing.
 */
function behindProxy(args: string, { holders, kin }: Pick<JoinInput, 'holders' | 'kin'>): Container | null {
  const [program = ''] = args.split(/\s/, 1);
  if (/(?:^|\/)docker-proxy$/.test(program)) {
    const address = / -container-ip (\S+)/.exec(args)?.[1] ?? '';
    const inside = holders.find(({ pid }) => kin.addresses.get(pid)?.includes(address));
    return (inside && kin.containers.get(inside.pid)) ?? null;
  }
  if (/(?:^|\/)conmon$/.test(program)) {
    const id = / (?:-c|--cid) ([\da-f]{64})(?: |$)/.exec(args)?.[1];
    return id === undefined ? null : { kind: 'podman', id: id.slice(0, 12) };
  }
  return null;
}

function isSameContainer(a: Container | undefined, b: Container): boolean {
  return a !== undefined && a.kind === b.kind && a.id === b.id;
}

/** How long a process has run comes in whole seconds: the same one has begun when it was first said to. */
function steady(found: ServerProcess, before: ServerProcess | null): ServerProcess {
  const isSame = before?.pid === found.pid && before.startedAt !== null && found.startedAt !== null;
  const driftMs = isSame ? Math.abs((before.startedAt ?? 0) - (found.startedAt ?? 0)) : 0;
  return isSame && driftMs < 90_000 ? { ...found, startedAt: before.startedAt } : found;
}
