/** A second source, as small as one can be: a JSON file says of each of its hosts what is there. */

import { readFile } from 'node:fs/promises';
import { AppError } from '#common/failure.ts';
import type { Gpu, Host } from '#common/hosts.ts';
import type { ModelServer } from '#common/servers.ts';
import type { MeterSource } from '#engine/sources/host-meter.ts';
import { gpu, server } from '../../../../support/snapshot.ts';

/** What the file says, by host. */
export type StaticHosts = Readonly<Record<string, StaticHost>>;

export interface StaticHost {
  readonly gpus: readonly Partial<Gpu>[];
  /** Models by the port of their server. */
  readonly models: Readonly<Record<string, string>>;
}

/** Measures the hosts of that name which the file is for; it is read at each connect. */
export function staticJson(path: string, isOurs: (hostId: string) => boolean): MeterSource {
  return {
    meter(hostId, { onStep, onFacts }) {
      if (!isOurs(hostId)) return null;
      let said: StaticHost | null = null;
      const now = (): StaticHost => {
        if (said === null) throw new AppError('cancelled');
        return said;
      };
      return {
        async connect() {
          onStep('connect');
          const text = await readFile(path, 'utf8').catch((error: unknown) => {
            throw new AppError('host-unreachable', { detail: String(error), command: `cat ${path}` });
          });
          const found = (JSON.parse(text) as StaticHosts)[hostId];
          if (found === undefined)
            throw new AppError('host-unreachable', { detail: 'it is not in the file' });
          said = found;
          const endpoint: Host['endpoint'] = { hostname: path, port: 0, user: '' };
          onFacts({ endpoint });
        },
        async read() {
          const gpus = now().gpus.map((fields) => gpu(fields));
          const failure = gpus.length === 0 ? new AppError('no-gpu-devices') : null;
          return { gpus, driverVersion: null, cudaVersion: null, system: null, failure };
        },
        async servers({ find, known }): Promise<readonly ModelServer[]> {
          if (!find) return known;
          return Object.entries(now().models).map(([port, model]) => server(hostId, Number(port), [model]));
        },
        isConnected: () => said !== null,
        command: () => `cat ${path}`,
        close: () => undefined,
      };
    },
  };
}
