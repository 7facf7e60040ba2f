import type { Forward } from '#common/forwards.ts';
import type { Gpu, Host, HostState } from '#common/hosts.ts';
import { serverId } from '#common/ids.ts';
import { type Launch, launchId } from '#common/launches.ts';
import { emptySnapshot } from '#common/reduce.ts';
import type { ModelServer } from '#common/servers.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { aFailure, aForward, aGpu, aHost, aServer } from './samples.ts';

export const { idleRule } = defaultSettings;

export function gpu(fields: Partial<Gpu> = {}): Gpu {
  return { ...aGpu, ...fields };
}

export const busyGpu = (fields: Partial<Gpu> = {}): Gpu =>
  gpu({ utilPct: 97, memUsedMiB: 70_000, idleStreak: 0, ...fields });

export function host(alias: string, fields: Partial<Host> = {}): Host {
  return {
    ...aHost,
    id: alias,
    alias,
    endpoint: { hostname: `${alias}.example`, port: 22, user: 'me' },
    ...fields,
  };
}

export function failed(kind: 'unreachable' | 'stale' | 'auth-needed' = 'unreachable'): HostState {
  return { kind, failure: aFailure('connection-refused', { detail: 'ECONNREFUSED' }) };
}

export function server(hostId: string, port: number, modelIds: readonly string[]): ModelServer {
  return {
    ...aServer,
    id: serverId(hostId, port),
    hostId,
    port,
    models: modelIds.map((id) => ({ id, maxModelLen: 32_768, parent: null })),
  };
}

export function forward(hostId: string, remotePort: number, fields: Partial<Forward> = {}): Forward {
  return {
    ...aForward,
    id: serverId(hostId, remotePort),
    hostId,
    remotePort,
    ...fields,
  };
}

export function snapshot(fields: Partial<Snapshot> = {}): Snapshot {
  return {
    ...emptySnapshot({ kind: 'ssh-config', path: '/home/me/.ssh/config' }, defaultSettings),
    ...fields,
  };
}

/** A launch of that name on that host, which is ready unless the fields say otherwise. */
export function launch(hostId: string, name: string, fields: Partial<Launch> = {}): Launch {
  return {
    id: launchId(hostId, name),
    hostId,
    name,
    model: 'm',
    remotePort: 8000,
    gpus: ['GPU-0'],
    launcher: 'plain',
    command: 'exec vllm serve m',
    startedAt: 1,
    endsAt: null,
    stage: { kind: 'ready' },
    lastLine: '',
    ...fields,
  };
}
