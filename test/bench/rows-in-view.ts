import type { HostId } from '#common/ids.ts';
import { every } from '#common/timer.ts';
import type { Engine } from '#engine/engine.ts';

/** As many rows as a window has room for. */
export const windowRows = 30;

const renewMs = 10_000;
/** What one call takes. */
const mostHosts = 1000;

/** Tells the engine as a window does which hosts have rows on the screen, and goes on saying it until it is ended. */
export function showRows(engine: Engine, hostIds: readonly HostId[]): { end(): void } {
  const report = (): void => {
    for (let at = 0; at < hostIds.length; at += mostHosts)
      engine.handlers['host.inView']({ hostIds: hostIds.slice(at, at + mostHosts) });
  };
  report();
  const timer = every(renewMs, report);
  return { end: timer.cancel };
}
