import type { Gpu, Host, HostState } from '#common/hosts.ts';
import type { ModelServer } from '#common/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { aFailure, aProcess, aServer } from '../../support/samples.ts';
import * as common from '../../support/snapshot.ts';

export function gpu(index: number, fields: Partial<Gpu> = {}): Gpu {
  return common.gpu({ index, uuid: `GPU-${index}`, ...fields });
}

export const busy = (index: number, fields: Partial<Gpu> = {}): Gpu =>
  gpu(index, {
    utilPct: 90,
    memUsedMiB: 40_000,
    idleStreak: 0,
    processes: [aProcess],
    ...fields,
  });

export function host(alias: string, fields: Partial<Host> = {}): Host {
  return common.host(alias, { driverVersion: '550.1', forwarding: 'allowed', ...fields });
}

export const refused: HostState = {
  kind: 'unreachable',
  failure: aFailure('connection-refused', { detail: 'connect ECONNREFUSED 127.0.0.1:2' }),
};

export const noGpu: HostState = {
  kind: 'no-gpu',
  failure: aFailure('no-gpu-tool', { step: 'probe' }),
};

export function server(hostId: string, port: number, fields: Partial<ModelServer> = {}): ModelServer {
  return {
    ...aServer,
    id: `${hostId}:${port}`,
    hostId,
    port,
    ...fields,
  };
}

export function snapshot(fields: Partial<Snapshot> = {}): Snapshot {
  return common.snapshot({ source: { kind: 'ssh-config', path: '/c' }, ...fields });
}
