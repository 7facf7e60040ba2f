import type { Duplex } from 'node:stream';
import { AppError } from '#common/failure.ts';
import type { ForwardTarget } from '#common/forward-target.ts';
import type { HostId } from '#common/ids.ts';
import { checkLiveness } from '../ssh/liveness.ts';
import type { Transport } from '../ssh/transport.ts';
import { createRefusals } from './refusals.ts';

export interface Destination extends ForwardTarget {
  readonly hostId: HostId;
  /** The addresses to try on the host, in order, at least one; of a socket its path. */
  readonly addresses: readonly [string, ...string[]];
}

/** Opens channels to one target, and remembers at which of its addresses something listened. */
export interface Channels {
  /** The address that worked last, the first one before that. */
  address(): string;
  /**
   * Tries the address that worked last, then the others. Errors: those of Transport.stream; `target-refused` when nothing
   * listens at any of them, `socket-missing` and `socket-denied` for a socket.
   */
  open(transport: Transport, signal?: AbortSignal): Promise<Duplex>;
}

/** A host that opens no channel in time is asked whether it still lives, long before its silence would tell. */
const signOfLifeMs = 3000;

export function createChannels(target: Destination): Channels {
  let [working] = target.addresses;
  const refusals = createRefusals(target);

  const openAt = async (address: string, transport: Transport, signal?: AbortSignal): Promise<Duplex> => {
    try {
      const { remotePort, remoteSocket } = target;
      const options = signal === undefined ? {} : { signal };
      return remoteSocket === null
        ? await transport.stream(address, remotePort ?? 0, options)
        : await transport.socket(remoteSocket, options);
    } catch (error) {
      if (isError(error, 'server-timeout')) void checkLiveness(transport, signOfLifeMs);
      throw await refusals.explain(error, transport);
    }
  };

  return {
    address: () => working,
    async open(transport, signal) {
      let refused: unknown;
      for (const address of new Set([working, ...target.addresses])) {
        try {
          const channel = await openAt(address, transport, signal);
          working = address;
          return channel;
        } catch (error) {
          if (!isError(error, 'target-refused')) throw error;
          refused ??= error;
        }
      }
      throw refused;
    },
  };
}

function isError(error: unknown, code: AppError['code']): boolean {
  return error instanceof AppError && error.code === code;
}
