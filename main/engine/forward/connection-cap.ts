/**
 * Keeps the connections of a listener within bounds. Any user of this computer can connect to loopback and say nothing,
 * and each such connection costs a file: without a bound they take all that this process may have.
 */

import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

export interface ConnectionCapOptions {
  /** How many may be open at once, at least 1. */
  readonly most: number;
  /** Whether a connection has shown that it means something: such a one is never cut for another. */
  readonly isKnown: (socket: Socket) => boolean;
  /** Called when a connection was cut, the first time. */
  readonly onCut?: () => void;
}

export interface ConnectionCap {
  /**
   * Counts a new connection until it closes. When there are too many, the oldest that is not known is cut in its favour;
   * when all are known, it is itself. Returns whether it may stay.
   */
  admit(socket: Socket): boolean;
}

export function createConnectionCap({ most, isKnown, onCut }: ConnectionCapOptions): ConnectionCap {
  /** In the order in which they came. */
  const open = new Set<Socket>();
  let reported = false;

  const cut = (socket: Socket): void => {
    open.delete(socket);
    socket.destroy();
    if (reported) return;
    reported = true;
    onCut?.();
  };

  const firstUnknown = (): Socket | undefined => {
    for (const socket of open) if (!isKnown(socket)) return socket;
    return undefined;
  };

  return {
    admit(socket) {
      if (open.size >= most) {
        const oldest = firstUnknown();
        cut(oldest ?? socket);
        if (oldest === undefined) return false;
      }
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      return true;
    },
  };
}

/** What a system gives where it does not say. */
const usualLimit = 1024;

/** How many files this process may have open: what `ulimit -n` prints, from Linux' /proc/self/limits (proc(5)). Never throws. */
export function openFilesLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? usualLimit);
  } catch {
    // Another system, or no file is left to read it with.
    return usualLimit;
  }
}
