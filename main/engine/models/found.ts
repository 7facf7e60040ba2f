/** From what was learnt of a host's ports to its model servers. Pure. */

import { type HostId, serverId } from '#common/ids.ts';
import type { Model, ModelServer } from '#common/servers.ts';
import { type Candidate, isOddPort } from './candidates.ts';
import { engines } from './engines/registry.ts';
import type { Described } from './identify.ts';
import type { ListedModel } from './model-cards.ts';

/** What has been learnt of a candidate. */
export interface Found {
  readonly candidate: Candidate;
  readonly address: string;
  readonly described: Described;
  /** It listens, and has answered nothing: what is described is a guess by its process. */
  readonly silent: boolean;
}

/** A server that starts is one row, whatever it listens on meanwhile, and none when it is found at another port. */
export function withoutDoubles(found: readonly Found[]): readonly Found[] {
  const seen = new Set(found.filter(({ silent }) => !silent).map(({ candidate }) => candidate.pid));
  return found.filter(({ candidate: { pid }, silent }) => {
    if (!silent) return true;
    if (seen.has(pid)) return false;
    seen.add(pid);
    return true;
  });
}

/** The servers without those behind a router, which are to be asked through it: one process per model, on odd ports. */
export function withoutInstances(found: readonly Found[]): readonly Found[] {
  const routers = found.filter(
    ({ candidate, described: { engine } }) =>
      engine !== null && engines[engine].isRouter && !isOddPort(candidate),
  );
  const routed = routers.flatMap(({ described: { engine, models } }) =>
    models.filter(({ loaded }) => loaded !== null).map(({ id }) => `${engine} ${id}`),
  );
  if (routed.length === 0) return found;
  const ids = new Set(routed);
  const isInstance = ({ candidate, described: { engine, models } }: Found): boolean =>
    engine !== null &&
    engines[engine].isRouter === true &&
    isOddPort(candidate) &&
    models.every(({ id }) => ids.has(`${engine} ${id}`));
  return found.filter((one) => !isInstance(one));
}

export function toServer(
  { candidate, address, described }: Found,
  hostId: HostId,
  seenAt: number,
): ModelServer {
  const { port } = candidate;
  const id = serverId(hostId, port);
  return {
    id,
    hostId,
    port,
    address,
    ...described,
    models: inOrder(described.models),
    loads: [],
    process: null,
    seenAt,
  };
}

/** What is loaded comes first, and what only embeds text last. */
function inOrder(models: readonly ListedModel[]): readonly Model[] {
  const rank = ({ loaded, isEmbedding }: ListedModel): number =>
    (loaded === false ? 2 : 0) + (isEmbedding ? 1 : 0);
  return [...models]
    .sort((a, b) => rank(a) - rank(b))
    .map(({ id, maxModelLen, parent }) => ({ id, maxModelLen, parent }));
}
