import { asOf } from '#common/freshness.ts';
import type { Snapshot } from '#common/snapshot.ts';
import type { Engine } from '#engine/engine.ts';
import type { LookOptions } from '#engine/this-computer/observer.ts';

/** Looks once for the other forwards and local servers of this computer, and asks no port but those of the options. Contacts no host. */
export async function lookAround(engine: Engine, options: LookOptions): Promise<Snapshot> {
  const { only = () => true } = options;
  await engine.lookAround({ thorough: true, ...options });
  const { forwards } = engine.snapshot().otherForwards;
  // A destination that is written otherwise is recognised by where the hosts are, which ssh is asked for only now.
  if (forwards.some((forward) => forward.hostId === null && only(forward))) {
    await engine.resolveHosts();
    await engine.lookAround({ ask: 'nothing' });
  }
  return asOf(engine.snapshot(), Date.now());
}
