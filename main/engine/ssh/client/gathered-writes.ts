import type { Duplex } from 'node:stream';

/**
 * Gathers what is written to a connection until the event loop has read what there was to read, and hands it to the system
 * at once. ssh2 writes each packet in up to four pieces, and without this each piece is a call into the system and, with
 * TCP_NODELAY, a segment of its own.
 */
export function gatherWrites(connection: Duplex): void {
  const write = connection.write.bind(connection) as (...args: unknown[]) => boolean;
  let gathers = false;
  const release = (): void => {
    gathers = false;
    connection.uncork();
  };
  connection.write = (...args: unknown[]): boolean => {
    if (!gathers) {
      gathers = true;
      connection.cork();
      setImmediate(release);
    }
    return write(...args);
  };
}
