/** Measures hosts over SSH: GPUs and ports by a shell, model servers over channels, all on the connection of the pool. */

import pLimit, { type LimitFunction } from 'p-limit';
import type { HostId } from '#common/ids.ts';
import type { GpuReading } from '../../probe/tools/gpu-reading.ts';
import type { ResolvedHost } from '../../ssh/config/resolved.ts';
import type { Pool } from '../../ssh/pool.ts';
import type { HostMeter, MeterEvents, MeterSource } from '../host-meter.ts';
import { createLaneChoice, forwardedBytes } from './lane.ts';
import { createLine } from './line.ts';
import { createServerMeter, type ServerMeterDeps } from './server-meter.ts';

export interface SshMetersDeps extends Omit<ServerMeterDeps, 'httpLimit' | 'onForwarding'> {
  readonly pool: Pool;
}

/** Measures every host: those of the SSH configuration are all there are. */
export interface SshMeters extends MeterSource {
  meter(hostId: HostId, events: MeterEvents): HostMeter;
  /** At most so many HTTP requests to model servers at once, over all hosts. */
  limitHttp(requests: number): void;
}

export function createSshMeters(deps: SshMetersDeps): SshMeters {
  const httpLimit = pLimit(deps.store.current().settings.limits.httpRequests);
  return {
    meter: (hostId, events) => createSshMeter(hostId, { ...deps, ...events, httpLimit }),
    limitHttp(requests) {
      httpLimit.concurrency = requests;
    },
  };
}

interface SshMeterDeps extends SshMetersDeps, MeterEvents {
  readonly httpLimit: LimitFunction;
}

function createSshMeter(hostId: HostId, deps: SshMeterDeps): HostMeter {
  const { pool, store } = deps;
  const chooseLane = createLaneChoice();
  const line = createLine({ ...deps, mainTransport: () => pool.peek(hostId)?.transport ?? null });
  const servers = createServerMeter(hostId, {
    ...deps,
    onForwarding: (forwarding) => deps.onFacts({ forwarding }),
  });
  let command: string | null = null;
  /** Those that were read last. */
  let gpus: readonly GpuReading[] = [];

  const onResolved = (resolved: ResolvedHost): void => {
    ({ command } = resolved);
    const { hostname, port, user } = resolved;
    deps.onFacts({ endpoint: { hostname, port, user } });
  };

  return {
    async connect({ signal, asking }) {
      const bytes = forwardedBytes(store.current(), hostId);
      const lane = asking === undefined ? chooseLane(bytes, performance.now()) : 'main';
      const options = { signal, asking, lane, onStep: deps.onStep, onResolved };
      const { transport } = await pool.get(hostId, options);
      line.take(transport);
      deps.onFacts({ client: transport.client });
    },
    async read({ signal, processes }) {
      const reading = await line.ask(signal, async () =>
        (await line.probe(signal)).gpus({ signal, processes }),
      );
      ({ gpus } = reading);
      return reading;
    },
    servers: (query) =>
      line.ask(query.signal, (transport) =>
        servers.measure({
          ...query,
          transport,
          listening: async () => (await line.probe(query.signal)).ports(query.signal),
          gpus,
          kin: async (pids) => (await line.probe(query.signal)).kin(pids, query.signal),
        }),
      ),
    isConnected: () => pool.peek(hostId) !== null,
    command: () => command,
    close() {
      line.close();
      servers.close();
    },
  };
}
