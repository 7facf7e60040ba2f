/** From what was learnt of a host's ports to its model servers. Pure. */

import { type HostId, type Model, type ModelServer, serverId } from '#common/model.ts';
import { type Candidate, isOddPort } from './candidates.ts';
import type { Described } from './identify.ts';
import type { ListedModel } from './listing.ts';

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

/** The instances behind a router of llama.cpp, which are to be asked through it: one process per model, on odd ports. */
export function withoutInstances(found: readonly Found[]): readonly Found[] {
  const isLlamaCpp = ({ described }: Found): boolean => described.engine === 'llama.cpp';
  const routed = found
    .filter((one) => isLlamaCpp(one) && !isOddPort(one.candidate))
    .flatMap(({ described }) => described.models.filter(({ loaded }) => loaded !== null));
  if (routed.length === 0) return found;
  const ids = new Set(routed.map(({ id }) => id));
  const isInstance = (one: Found): boolean =>
    isLlamaCpp(one) && isOddPort(one.candidate) && one.described.models.every(({ id }) => ids.has(id));
  return found.filter((one) => !isInstance(one));
}

export function toServer(
  { candidate, address, described }: Found,
  hostId: HostId,
  seenAt: number,
): ModelServer {
  const { port } = candidate;
  const id = serverId(hostId, port);
  return { id, hostId, port, address, ...described, models: inOrder(described.models), loads: [], seenAt };
}

/** What is loaded comes first, and what only embeds text last. */
function inOrder(models: readonly ListedModel[]): readonly Model[] {
  const rank = ({ loaded, isEmbedding }: ListedModel): number =>
    (loaded === false ? 2 : 0) + (isEmbedding ? 1 : 0);
  return [...models]
    .sort((a, b) => rank(a) - rank(b))
    .map(({ id, maxModelLen, parent }) => ({ id, maxModelLen, parent }));
}
