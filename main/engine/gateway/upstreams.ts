import http, { type ClientRequest } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError } from '#common/failure.ts';
import type { HostId } from '#common/ids.ts';
import { createChannels } from '../forward/channels.ts';
import { ChannelAgent, type OpenChannel } from '../models/channel-agent.ts';
import { timeLimit } from '../models/time-limit.ts';
import type { Transport } from '../ssh/transport.ts';
import type { Replica } from './catalogue.ts';

export interface UpstreamsDeps {
  /** The host's connection, opened when there is none. */
  readonly transport: (hostId: HostId, signal: AbortSignal) => Promise<Transport>;
  /** How long it may take to reach a model server; default 15 s. */
  readonly openMs?: number | undefined;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** A channel of its own: what is sent cannot be sent again where one from before turns out to be closed. */
  readonly alone: boolean;
  readonly signal: AbortSignal;
}

/** The ways to the model servers: channels of their hosts' SSH connections, connections to servers of this computer. */
export interface Upstreams {
  /** Begins a request; nothing is sent before its `socket` event. It never follows a redirect. */
  ask(replica: Replica, asked: Asked): ClientRequest;
  /** Opens a channel for what is not one request after the other. Errors: those of the way, `server-timeout`. */
  open(replica: Replica, signal: AbortSignal): Promise<Duplex>;
  /** Closes the channels to servers that are not among these. */
  retain(ids: ReadonlySet<string>): void;
  dispose(): void;
}

interface Way {
  readonly replicaId: string;
  readonly agent: ChannelAgent;
  readonly open: OpenChannel;
}

const usualOpenMs = 15_000;
/** uvicorn, which serves vLLM, closes what waits for five seconds: one that is about to be closed must not be used. */
const idleMs = 4000;
const maxHeaderSize = 65_536;

export function createUpstreams({ transport, openMs = usualOpenMs }: UpstreamsDeps): Upstreams {
  const ways = new Map<string, Way>();

  const opener = ({ hostId, address, port, forwardedTo }: Replica): OpenChannel => {
    if (forwardedTo !== undefined) return (signal) => connectTo('127.0.0.1', forwardedTo, signal);
    if (hostId === null) return (signal) => connectTo(address, port, signal);
    const target = { hostId, remotePort: port, remoteHost: null, remoteSocket: null };
    const channels = createChannels({ ...target, addresses: [address] });
    return async (signal = new AbortController().signal) =>
      channels.open(await transport(hostId, signal), signal);
  };

  const wayTo = (replica: Replica): Way => {
    const key = JSON.stringify([replica.id, replica.address, replica.forwardedTo]);
    const known = ways.get(key);
    if (known !== undefined) return known;
    const direct = opener(replica);
    const open: OpenChannel = (signal) => within(openMs, direct, signal);
    const agent = new ChannelAgent(open, Number.POSITIVE_INFINITY, idleMs);
    const way: Way = { replicaId: replica.id, agent, open };
    ways.set(key, way);
    return way;
  };

  return {
    ask(replica, { method, path, headers, alone, signal }) {
      const way = wayTo(replica);
      const agent = alone ? new ChannelAgent(way.open, 1) : way.agent;
      const request = http.request({
        method,
        path,
        // Node takes them as they are, in their order and spelling.
        headers: headers as unknown as http.OutgoingHttpHeaders,
        agent,
        signal,
        maxHeaderSize,
        insecureHTTPParser: false,
      });
      if (alone) request.once('close', () => agent.destroy());
      return request;
    },
    open: (replica, signal) => wayTo(replica).open(signal),
    retain(ids) {
      for (const [key, { replicaId, agent }] of ways) {
        if (ids.has(replicaId)) continue;
        ways.delete(key);
        // Requests that are under way come to their end.
        closeIdle(agent);
      }
    },
    dispose() {
      for (const { agent } of ways.values()) agent.destroy();
      ways.clear();
    },
  };
}

function closeIdle(agent: http.Agent): void {
  for (const channels of Object.values(agent.freeSockets)) for (const one of channels ?? []) one.destroy();
}

function connectTo(host: string, port: number, signal: AbortSignal | undefined): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, ...(signal !== undefined && { signal }) });
    socket.once('error', (cause) =>
      reject(new AppError('target-refused', { step: 'models', detail: cause.message, cause })),
    );
    socket.once('connect', () => resolve(socket));
  });
}

/** Gives up in time. A channel that comes too late is closed. */
async function within(ms: number, open: OpenChannel, signal: AbortSignal | undefined): Promise<Duplex> {
  const detail = `not reached in ${ms / 1000} s`;
  const late = () => new AppError('server-timeout', { step: 'models', detail });
  const limit = timeLimit(ms, late, signal);
  const opening = open(limit.signal);
  const aborted = new Promise<never>((_resolve, reject) => {
    if (limit.signal.aborted) reject(limit.signal.reason);
    else limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { once: true });
  });
  try {
    return await Promise.race([opening, aborted]);
  } catch (error) {
    opening.then(
      (channel) => channel.on('error', () => undefined).destroy(),
      () => undefined,
    );
    throw error;
  } finally {
    limit.end();
    // It is never looked at again.
    aborted.catch(() => undefined);
  }
}
