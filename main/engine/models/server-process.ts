/** Which process a model server is, on which GPUs and in which container: its listener joined with what is on the GPUs. Pure. */

import type { Container, ModelServer, ServerProcess } from '#common/servers.ts';
import { withoutSecrets } from '../probe/arguments.ts';
import { containerOfConmon, type Kin, lineOf } from '../probe/kin.ts';
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
  const proxied = behindProxy(listener, info.args, { holders, kin });
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
 * The container that a proxy of published ports leads to: docker-proxy names its address, conmon of podman its id, and of
 * rootlessport it is the one with the same network. Null for any other program. Of a container that is on no GPU no more
 * is known than its address or network, and so nothing.
 */
function behindProxy(
  listener: number,
  args: string,
  { holders, kin }: Pick<JoinInput, 'holders' | 'kin'>,
): Container | null {
  const [program = ''] = args.split(/\s/, 1);
  const holding = (isInside: (pid: number) => boolean): Container | null => {
    const inside = holders.find(({ pid }) => isInside(pid));
    return (inside && kin.containers.get(inside.pid)) ?? null;
  };
  if (/(?:^|\/)docker-proxy$/.test(program)) {
    const address = / -container-ip (\S+)/.exec(args)?.[1] ?? '';
    return holding((pid) => kin.addresses.get(pid)?.includes(address) === true);
  }
  if (/(?:^|\/)rootlessport$/.test(program))
    return holding((pid) => kin.ledTo.get(listener)?.includes(pid) === true);
  return containerOfConmon(args);
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
