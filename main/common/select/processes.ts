/** Which model servers are on a GPU, as far as the login may see their processes. Pure. */

import type { Host } from '../hosts.ts';
import type { ModelServer } from '../servers.ts';

/** Of the host, those that hold the GPU of that index. */
export function serversOnGpu(
  servers: readonly ModelServer[],
  { id }: Pick<Host, 'id'>,
  index: number,
): readonly ModelServer[] {
  return servers.filter(
    ({ hostId, process, state }) =>
      hostId === id && state.kind !== 'lost' && (process?.gpus.includes(index) ?? false),
  );
}

/** `0–3, 6`, with runs drawn together; empty for none. */
export function gpuRanges(indices: readonly number[]): string {
  const runs: { readonly from: number; to: number }[] = [];
  for (const index of [...indices].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && index === last.to + 1) last.to = index;
    else runs.push({ from: index, to: index });
  }
  return runs.map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}
