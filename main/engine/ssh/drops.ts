/** An unexplained drop more than this many times in a row is a penalty. */
const maxUnexplained = 2;
/** A server that has let us in this shortly before has no penalty for us. */
const recentMs = 5000;

/**
 * Tells why sshd drops connections before a word: because too many logins are in flight (MaxStartups), which passes in a
 * moment, or as a penalty for this address, which lasts. Since OpenSSH 9.8 it says "Not allowed at this time" for both
 * (drop_connection in sshd.c); but a penalty is for all connections, while a busy server still takes some.
 */
export interface DropJudge {
  /** The server has shaken hands with us. */
  accepted(server: string): void;
  /** Whether to try again after a drop at this time, asked a moment later: others may have been accepted meanwhile. */
  mayPass(server: string, droppedAt: number): boolean;
}

export function createDropJudge(now: () => number = () => performance.now()): DropJudge {
  const acceptedAt = new Map<string, number>();
  const unexplained = new Map<string, number>();
  return {
    accepted(server) {
      acceptedAt.set(server, now());
      unexplained.delete(server);
    },
    mayPass(server, droppedAt) {
      if ((acceptedAt.get(server) ?? Number.NEGATIVE_INFINITY) > droppedAt - recentMs) return true;
      const count = (unexplained.get(server) ?? 0) + 1;
      unexplained.set(server, count);
      return count <= maxUnexplained;
    },
  };
}
