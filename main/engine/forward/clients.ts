import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError } from '#common/failure.ts';
import type { Traffic } from '#common/forwards.ts';
import type { Transport } from '../ssh/transport.ts';
import { pipeBoth, reset } from './pipe.ts';
import { createTrafficMeter } from './traffic.ts';

/** The connections of programs on this computer to one forward. */
export interface Clients {
  /** Takes the connection to the target, and waits for the host where it is away; resolves when the connection has ended. */
  carry(socket: Socket): Promise<void>;
  /** Ends all connections. */
  cut(): void;
  /** Ends the count of their traffic. */
  dispose(): void;
}

export interface ClientsDeps {
  /** The host's Transport, after a wait where it is away. Errors: why it is. */
  transport(): Promise<Transport>;
  openChannel(transport: Transport): Promise<Duplex>;
  readonly onTraffic: (traffic: Traffic) => void;
  /** A connection has reached the target. */
  readonly onReached: () => void;
  /** A connection has not reached the target, or has broken. */
  readonly onFailed: (error: unknown) => void;
}

/** A client whose connection to the host died under it is held no longer than this. */
const mostWaitMs = 20_000;

export function createClients(deps: ClientsDeps): Clients {
  const sockets = new Set<Socket>();
  const meter = createTrafficMeter(deps.onTraffic);

  /** A channel for a client that has sent nothing yet: when the connection turns out to be dead, over the next one. */
  const openFor = async (socket: Socket): Promise<Duplex | null> => {
    const deadline = performance.now() + mostWaitMs;
    for (;;) {
      const transport = await deps.transport();
      if (socket.destroyed) return null;
      try {
        return await deps.openChannel(transport);
      } catch (error) {
        const isLost = error instanceof AppError && error.code === 'connection-lost';
        if (!isLost || performance.now() > deadline) throw error;
      }
    }
  };

  return {
    async carry(socket) {
      sockets.add(socket);
      meter.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => sockets.delete(socket));
      try {
        const channel = await openFor(socket);
        if (channel === null) return;
        deps.onReached();
        await pipeBoth(socket, channel);
      } catch (error) {
        reset(socket);
        deps.onFailed(error);
      }
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    dispose: meter.dispose,
  };
}
