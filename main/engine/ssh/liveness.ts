import { AppError } from '#common/errors.ts';
import type { Transport } from './transport.ts';

export interface LivenessTimes {
  /** Without a byte for this long, the host is asked for one. */
  readonly silenceMs: number;
  /** As many unanswered questions in a row, with no byte in between, mean that the connection is dead. */
  readonly misses: number;
}

/** NAT gateways forget silent connections after minutes, and a slow link may well need a quarter of one to answer. */
export const defaultLiveness: LivenessTimes = { silenceMs: 15_000, misses: 3 };

/**
 * Keeps watch over a connection until it ends, and ends it with `connection-lost` when it is dead: TCP itself would take
 * a quarter of an hour to notice. Any byte counts as a sign of life, so a slow link that is busy is never cut.
 */
export function watchLiveness(transport: Transport, { silenceMs, misses }: LivenessTimes): void {
  let seen = transport.bytesReceived();
  let missed = 0;
  let asking = false;
  const look = async (): Promise<void> => {
    const received = transport.bytesReceived();
    if (received !== seen) {
      seen = received;
      missed = 0;
      return;
    }
    if (asking) return;
    asking = true;
    const alive = await transport.ping(silenceMs).then(
      () => true,
      () => transport.bytesReceived() !== seen,
    );
    asking = false;
    missed = alive ? 0 : missed + 1;
    const seconds = (misses * silenceMs) / 1000;
    if (missed >= misses) transport.close(lost(`no sign of life for ${seconds} s`));
  };
  const timer = setInterval(() => void look(), silenceMs);
  timer.unref();
  transport.onClose(() => clearInterval(timer));
}

/** Asks once, for a computer that has slept or changed its network; ends a connection that does not answer in time. */
export async function checkLiveness(transport: Transport, timeoutMs: number): Promise<void> {
  const seen = transport.bytesReceived();
  await transport.ping(timeoutMs).catch(() => {
    if (transport.bytesReceived() === seen) transport.close(lost('it did not survive the pause'));
  });
}

function lost(detail: string): AppError {
  return new AppError('connection-lost', { detail });
}
