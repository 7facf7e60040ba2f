/** Small pieces of a Snapshot; every test says only what matters to it. */

import type { Failure } from '#common/failure.ts';
import type { Forward } from '#common/forwards.ts';
import type { Gpu, Host } from '#common/hosts.ts';
import { serverId } from '#common/ids.ts';
import type { OtherForward } from '#common/other-forwards.ts';
import { emptySnapshot } from '#common/reduce.ts';
import type { ModelServer } from '#common/servers.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import {
  aFailure,
  aForward,
  aGpu,
  aHost,
  aheadMs,
  anOtherForward,
  aProcess,
  aServer,
} from '../support/samples.ts';

export const { idleRule } = defaultSettings;

export function gpu(index: number, change: Partial<Gpu> = {}): Gpu {
  return {
    ...aGpu,
    index,
    uuid: `GPU-${index}`,
    memUsedMiB: 14,
    temperatureC: 34,
    powerW: 71.2,
    samples: 3,
    idleStreak: 3,
    ...change,
  };
}

export function busyGpu(index: number, change: Partial<Gpu> = {}): Gpu {
  const processes = [{ ...aProcess, user: 'alice', command: 'python train.py', memUsedMiB: 71_000 }];
  return gpu(index, {
    utilPct: 90,
    memUsedMiB: 72_000,
    idleStreak: 0,
    temperatureC: 66,
    processes,
    ...change,
  });
}

/** A host that is up with as many idle and busy GPUs. */
export function host(id: string, idle: number, busy: number, change: Partial<Host> = {}): Host {
  const gpus = Array.from({ length: idle + busy }, (_, index) =>
    index < idle ? gpu(index) : busyGpu(index),
  );
  return {
    ...aHost,
    id,
    alias: id,
    endpoint: { hostname: `${id}.example.org`, port: 22, user: 'me' },
    gpus,
    measuredAt: aheadMs,
    driverVersion: '550.54.15',
    forwarding: 'allowed',
    ...change,
  };
}

export function failedHost(id: string, change: Partial<Failure> = {}): Host {
  const state = { kind: 'unreachable', failure: aFailure('connection-timeout', change) } as const;
  return host(id, 0, 0, { state, measuredAt: null, driverVersion: null });
}

export function server(
  hostId: string,
  port: number,
  models: readonly string[],
  change: Partial<ModelServer> = {},
): ModelServer {
  return {
    ...aServer,
    id: serverId(hostId, port),
    hostId,
    port,
    models: models.map((id) => ({ id, maxModelLen: 32_768, parent: null })),
    seenAt: aheadMs,
    ...change,
  };
}

export function forward(
  hostId: string,
  remotePort: number,
  localPort: number | null,
  change: Partial<Forward> = {},
): Forward {
  return {
    ...aForward,
    id: serverId(hostId, remotePort),
    hostId,
    remotePort,
    remoteHost: null,
    remoteSocket: null,
    localPort,
    since: Date.now(),
    traffic: { openConnections: 1, totalConnections: 12, bytesIn: 48_300_000, bytesOut: 1_200 },
    ...change,
  };
}

/** A tmux session that holds a forward to `gpu01`. */
export function otherForward(
  session: string,
  localPort: number,
  change: Partial<OtherForward> = {},
): OtherForward {
  return {
    ...anOtherForward,
    id: `tmux ${session}`,
    owner: { kind: 'tmux', session },
    destination: 'gpu01',
    hostId: 'gpu01',
    localPort,
    models: ['some/model'],
    state: { kind: 'answering' },
    ...change,
  };
}

/** Of a person who has been here before. */
export function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  const scan = { kind: 'done', done: 3, total: 3, startedAt: 1000, finishedAt: 13_000 } as const;
  return {
    ...emptySnapshot({ kind: 'ssh-config', path: '/home/me/.ssh/config' }, defaultSettings),
    scan,
    ...change,
    settings: { ...(change.settings ?? defaultSettings), welcomed: true },
  };
}
