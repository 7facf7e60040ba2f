import pLimit, { type LimitFunction } from 'p-limit';

export interface HandshakeLimits {
  /** Unauthenticated connections at once, over all servers. */
  readonly handshakes: number;
  /** The same for one sshd: at its default MaxStartups 10:30:100 it drops some from the eleventh on. */
  readonly handshakesPerServer: number;
}

export interface Slots {
  run<T>(server: string, task: () => Promise<T>): Promise<T>;
  /** The server dropped a connection: half as many at once from now on, one more again with every success. */
  narrow(server: string): void;
}

/** @param limits read with every run: they are settings */
export function createSlots(limits: () => HandshakeLimits): Slots {
  const overall = pLimit(limits().handshakes);
  const servers = new Map<string, LimitFunction>();
  const slotsOf = (server: string): LimitFunction => {
    const found = servers.get(server) ?? pLimit(limits().handshakesPerServer);
    servers.set(server, found);
    return found;
  };
  return {
    run(server, task) {
      const { handshakes, handshakesPerServer } = limits();
      overall.concurrency = handshakes;
      // The server's slot first: who waits for a busy server must not hold one that others could use.
      return slotsOf(server)(async () => {
        const result = await overall(task);
        const slots = slotsOf(server);
        if (slots.concurrency < handshakesPerServer) slots.concurrency += 1;
        return result;
      });
    },
    narrow(server) {
      const slots = slotsOf(server);
      slots.concurrency = Math.max(1, Math.floor(slots.concurrency / 2));
    },
  };
}
