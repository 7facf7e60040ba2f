import { type Clock, systemClock } from '#common/timer.ts';
import type { Kin } from '../../probe/kin.ts';
import type { Transport } from '../../ssh/transport.ts';

/** What processes belong to, and when that was asked, in milliseconds since 1970: their ages are of that moment. */
export interface DatedKin {
  readonly kin: Kin;
  readonly at: number;
}

export interface KinQuestion {
  readonly transport: Transport;
  /** Process ids of which something must be known. */
  readonly listeners: readonly number[];
  readonly others: readonly number[];
  readonly ask: (pids: readonly number[]) => Promise<Kin>;
}

const keptMs = 5 * 60_000;

/**
 * Asks what processes belong to, and not again for five minutes while they are the same ones over the same connection: that of a
 * model server changes about as often as the server is started, and to ask starts programs on its host.
 */
export function createKeptKin(clock: Clock = systemClock) {
  let kept:
    | (DatedKin & { readonly transport: Transport; readonly pids: string; readonly until: number })
    | null = null;
  return async ({ transport, listeners, others, ask }: KinQuestion): Promise<DatedKin> => {
    const asked = [...listeners, ...others];
    const pids = asked.join();
    if (kept !== null && kept.transport === transport && kept.pids === pids && clock.now() < kept.until)
      return kept;
    const at = clock.wallNow();
    const kin = await ask(asked);
    // One that ended meanwhile may have a successor in the next scan.
    const isWhole = listeners.every((pid) => kin.processes.has(pid));
    kept = isWhole ? { kin, at, transport, pids, until: clock.now() + keptMs } : null;
    return { kin, at };
  };
}
