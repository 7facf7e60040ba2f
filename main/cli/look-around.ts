import type { Snapshot } from '#common/model.ts';
import type { Engine } from '#engine/engine.ts';

/** Looks once at what other programs of this computer do. Contacts no host. */
export async function lookAround(engine: Engine): Promise<Snapshot> {
  await engine.handlers['local.refresh']({});
  const first = engine.snapshot();
  if (first.elsewhere.forwards.every(({ hostId }) => hostId !== null)) return first;
  // A destination that is written otherwise is told by where the hosts are, which ssh is asked for only now.
  await engine.resolveHosts();
  await engine.handlers['elsewhere.refresh']({});
  return engine.snapshot();
}
