/** A bad network for tests without kernel support: a TCP proxy that delays, throttles and swallows what passes. */

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What passes, in each direction by itself. */
interface LinkQuality {
  /** How much later everything arrives. */
  readonly delayMs: number;
  readonly bytesPerSecond: number;
}

export interface TcpProxy {
  /** On 127.0.0.1. */
  readonly port: number;
  /** SSH connections accepted so far; others look for model servers at every port of this computer. */
  accepted(): number;
  /** From now on nothing passes and nobody is told. New connections are accepted and hear nothing. */
  blackhole(): void;
  /** The link carries again, also what was sent meanwhile: a cable is plugged in again. */
  mend(): void;
  /** The link carries again for new connections; those from before stay silent: a gateway has forgotten them. */
  forget(): void;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/** How much a direction holds before its sender must wait. */
const maxHeldBytes = 65_536;
/** A throttled link passes something this many times a second. */
const slicesPerSecond = 20;

export interface TcpProxyOptions extends Partial<LinkQuality> {
  /** The same port as before, for a way that is there again; default a free one. */
  readonly port?: number;
}

/** To a port of 127.0.0.1. */
export async function startTcpProxy(
  targetPort: number,
  { port = 0, delayMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY }: TcpProxyOptions = {},
): Promise<TcpProxy> {
  const quality: LinkQuality = { delayMs, bytesPerSecond };
  let swallows = false;
  let accepted = 0;
  const pairs = new Set<Pair>();

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    near.once('data', (first) => {
      if (isSshGreeting(first)) accepted += 1;
    });
    const pair = createPair(near, targetPort, quality);
    pair.hold(swallows);
    pairs.add(pair);
    near.once('close', () => pairs.delete(pair));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  return {
    port: address.port,
    accepted: () => accepted,
    blackhole() {
      swallows = true;
      for (const pair of pairs) pair.hold(true);
    },
    mend() {
      swallows = false;
      for (const pair of pairs) pair.hold(false);
    },
    forget() {
      swallows = false;
      for (const pair of pairs) pair.hold(true);
    },
    async close() {
      for (const pair of pairs) pair.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Whether a connection begins as RFC 4253 4.2 has it. */
export function isSshGreeting(first: Buffer): boolean {
  return first.subarray(0, 4).toString() === 'SSH-';
}

interface Pair {
  hold(held: boolean): void;
  destroy(): void;
}

function createPair(near: Socket, targetPort: number, quality: LinkQuality): Pair {
  const far = connect({ host: '127.0.0.1', port: targetPort, allowHalfOpen: true, noDelay: true });
  const directions = [carry(near, far, quality), carry(far, near, quality)];
  let held = false;
  const destroy = (): void => {
    for (const direction of directions) direction.stop();
    near.destroy();
    far.destroy();
  };
  for (const socket of [near, far]) {
    // A reset passes like everything else: not while nothing does.
    socket.on('error', () => held || destroy());
  }
  return {
    hold(next) {
      held = next;
      for (const direction of directions) direction.hold(next);
      if (!next && (near.destroyed || far.destroyed)) destroy();
    },
    destroy,
  };
}

interface Direction {
  hold(held: boolean): void;
  stop(): void;
}

/** Passes on what `from` receives, late and slowly; its end as well, in its turn. */
function carry(from: Socket, to: Socket, { delayMs, bytesPerSecond }: LinkQuality): Direction {
  const queue: { bytes: Buffer; readonly dueAt: number }[] = [];
  let heldBytes = 0;
  let ended = false;
  let held = false;
  let freeAt = 0;
  let timer: NodeJS.Timeout | null = null;

  const pass = (): void => {
    timer = null;
    const [head] = queue;
    if (held || head === undefined) return;
    const waitMs = Math.max(head.dueAt, freeAt) - performance.now();
    if (waitMs > 0) {
      timer = setTimeout(pass, waitMs);
      return;
    }
    const slice = head.bytes.subarray(0, Math.max(1, Math.round(bytesPerSecond / slicesPerSecond)));
    head.bytes = head.bytes.subarray(slice.length);
    heldBytes -= slice.length;
    freeAt = performance.now() + (slice.length / bytesPerSecond) * 1000;
    if (slice.length > 0) to.write(slice);
    if (head.bytes.length === 0) queue.shift();
    if (ended && queue.length === 0) to.end();
    if (heldBytes < maxHeldBytes) from.resume();
    pass();
  };
  const add = (bytes: Buffer): void => {
    queue.push({ bytes, dueAt: performance.now() + delayMs });
    heldBytes += bytes.length;
    if (heldBytes >= maxHeldBytes) from.pause();
    if (timer === null) pass();
  };
  from.on('data', add);
  from.once('end', () => {
    ended = true;
    add(Buffer.alloc(0));
  });

  return {
    hold(next) {
      held = next;
      if (!held && timer === null) pass();
    },
    stop() {
      held = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
