/** The web servers of a demo host, and which of its addresses and ports lead to them. */

import { startModelServer, startNotebook, type WebServer } from './model-server.ts';
import type { ServerLoad } from './server-load.ts';
import type { HostTruth } from './world.ts';

export interface HostServices {
  /** The port of this computer's 127.0.0.1 that stands for an address and port of the host; null: nothing listens there. */
  find(address: string, port: number): number | null;
  /** A web server for a load that has come to the host; returns what ends it. */
  add(load: ServerLoad): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** Rejects with the error of `listen`, having closed what was open. */
export async function startHostServices(host: HostTruth, seed: number): Promise<HostServices> {
  const running: Running[] = [];
  const close = async () => {
    await Promise.all(running.map(({ server }) => server.close()));
  };
  try {
    for (const { kind, bind, port } of host.spec.services) {
      const load = host.loads.get(port);
      if (kind === 'jupyter') running.push({ bind, port, server: await startNotebook(), load: null });
      else if (load) {
        const server = await startModelServer(load, { hostAlias: host.spec.alias, seed });
        running.push({ bind, port, server, load });
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async add(load) {
      const { bind, port } = load.spec;
      const one = {
        bind,
        port,
        load,
        server: await startModelServer(load, { hostAlias: host.spec.alias, seed }),
      };
      running.push(one);
      return async () => {
        running.splice(running.indexOf(one), 1);
        await one.server.close();
      };
    },
    find: (address, port) =>
      running.find((one) => one.port === port && !isDown(one) && reaches(one.bind, address))?.server.port ??
      null,
    close,
  };
}

interface Running {
  readonly bind: string;
  readonly port: number;
  readonly server: WebServer;
  /** Null of a notebook, which is never down. */
  readonly load: ServerLoad | null;
}

function isDown({ load }: Running): boolean {
  return load?.phase() === 'down';
}

const ipv4 = ['127.0.0.1', 'localhost', '0.0.0.0'];
const ipv6 = ['::1', 'localhost', '::'];

/** Whether a server bound to `bind` (as `ss` prints it) answers on `address` of its own host. */
function reaches(bind: string, address: string): boolean {
  if (bind === '*' || bind === '[::]') return ipv4.includes(address) || ipv6.includes(address);
  if (bind === '0.0.0.0') return ipv4.includes(address);
  return address === bind.replace(/^\[|\]$/g, '') || address === 'localhost';
}
