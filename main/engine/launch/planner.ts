/** From what a person asks for to what would run: chooses host, GPUs, port and program. */

import { randomUUID } from 'node:crypto';
import { AppError } from '#common/failure.ts';
import type { Host } from '#common/hosts.ts';
import { type LaunchRequest, secretIn, splitOf } from '#common/launch-request.ts';
import { defaultLaunchName, type GpuWish, isLive, type LaunchPlan } from '#common/launches.ts';
import { failureOf } from '#common/select/failures.ts';
import { hasSsh, isUp } from '#common/select/hosts.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { chooseGpus, chooseHost } from './gpu-choice.ts';
import type { FoundFacts } from './host-answers.ts';
import type { StartFiles } from './host-scripts.ts';
import type { GpuLimit, LaunchWork } from './launchers/launcher.ts';
import { linesOf, settledChoice } from './launchers/registry.ts';

/** A plan, with what is sent to the host when it is started. */
export interface Prepared {
  readonly plan: LaunchPlan;
  readonly limit: GpuLimit | null;
  readonly files: StartFiles;
}

const firstPort = 8000;
const ports = 100;

/** The ports to look for a free one among. */
export function portsFor({ remotePort }: LaunchRequest): { readonly from: number; readonly to: number } {
  return { from: remotePort ?? firstPort, to: remotePort ?? firstPort + ports - 1 };
}

/** Refuses what must not go into a command line. Errors: `bad-request`. */
export function requireSafe(request: LaunchRequest): void {
  const secret = secretIn(request);
  if (secret !== null)
    throw new AppError('bad-request', {
      step: 'launch',
      detail: `${secret} would be seen by others; set it in the environment of the host`,
    });
  if (request.args.some((arg) => arg === '--port' || arg.startsWith('--port=')))
    throw new AppError('bad-request', { step: 'launch', detail: 'the port is given by --remote-port' });
}

/** GPUs that live launches hold, by host: they may look free until the weights are loaded. */
export function takenGpus({
  launches,
}: Pick<Snapshot, 'launches'>): ReadonlyMap<string, ReadonlySet<string>> {
  const taken = new Map<string, Set<string>>();
  for (const launch of launches.filter(isLive))
    taken.set(launch.hostId, new Set([...(taken.get(launch.hostId) ?? []), ...launch.gpus]));
  return taken;
}

export function wishOf({ gpus, args }: LaunchRequest): GpuWish {
  return gpus ?? { kind: 'count', count: splitOf(args) ?? 1, minGiB: 0 };
}

/** The host of the request, or the one that fits best. Errors: `not-found`, `gpus-busy`, why the host is away. */
export function hostFor(snapshot: Snapshot, request: LaunchRequest): Host {
  const { hostId } = request;
  if (hostId === null) return chooseHost(snapshot, wishOf(request), takenGpus(snapshot));
  const host = snapshot.hosts.find(({ id }) => id === hostId);
  if (host === undefined)
    throw new AppError('not-found', { step: 'launch', detail: `no host ${hostId} in the SSH configuration` });
  if (!hasSsh(host)) throw new AppError('no-ssh', { step: 'launch' });
  if (isUp(host.state)) return host;
  const failure = failureOf(host.state);
  if (failure === null) throw new AppError('not-measured', { step: 'launch' });
  throw new AppError(failure.code, failure);
}

/** Errors: `gpus-busy`, `launch-refused`. */
export function prepare(request: LaunchRequest, facts: FoundFacts, snapshot: Snapshot): Prepared {
  const host = hostFor(snapshot, request);
  const { settings } = snapshot;
  const taken = takenGpus(snapshot).get(host.id) ?? new Set();
  const limit = chooseGpus(host, wishOf(request), { settings, taken });
  const { port } = facts;
  if (port === null) throw new AppError('launch-refused', { step: 'launch', detail: 'the port is taken' });
  const { model, env, lifetimeSeconds, name = defaultLaunchName(port) } = request;
  const gpuCount = limit?.uuids.length ?? 0;
  const split =
    gpuCount > 1 && splitOf(request.args) === null ? ['--tensor-parallel-size', String(gpuCount)] : [];
  const work: LaunchWork = {
    name,
    model,
    env,
    remotePort: port,
    args: [...request.args, ...split],
    gpus: limit,
  };
  const choice = settledChoice(request.launcher, facts);
  const { line, killLine } = linesOf(work, choice, facts);
  const shared = {
    name,
    model,
    remotePort: port,
    gpus: limit?.uuids ?? [],
    launcher: choice.kind,
    command: line,
  };
  return {
    plan: { ...shared, id: randomUUID(), hostId: host.id, lifetimeSeconds },
    limit,
    files: {
      name,
      port,
      vendor: limit?.vendor ?? null,
      gpus: shared.gpus,
      line,
      killLine,
      lifetimeSeconds,
      meta: shared,
    },
  };
}
