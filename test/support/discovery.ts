import pLimit from 'p-limit';
import { onTestFinished } from 'vitest';
import { type DiscoverOptions, discoverServers } from '#engine/models/discover.ts';
import type { ListeningPort } from '#engine/probe/ports.ts';
import { createLocalTransport, type LocalTransportOptions } from './local-transport.ts';

export interface Asked extends Partial<DiscoverOptions> {
  readonly host?: LocalTransportOptions;
}

/** Looks for servers on this very machine; `opened` names the channels. */
export function discover({ host, ...options }: Asked) {
  const transport = createLocalTransport(host);
  onTestFinished(() => transport.close());
  const result = discoverServers({
    transport,
    hostId: 'gpu-7',
    listening: [],
    ports: null,
    extraPorts: [],
    skipPorts: [],
    limit: pLimit(32),
    apiKeyFor: () => null,
    timeoutMs: 5000,
    now: () => 1_700_000_000_000,
    ...options,
  });
  return { result, opened: transport.opened };
}

export function listens(port: number, fields: Partial<ListeningPort> = {}): ListeningPort {
  return { port, address: '127.0.0.1', alternatives: [], process: null, pid: null, ...fields };
}
