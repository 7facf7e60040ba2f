import { useCallback, useMemo, useState } from 'react';
import type { Host } from '#common/hosts.ts';
import type { HostId } from '#common/ids.ts';
import { keep, readKept } from '../lib/kept.ts';
import { useSameList } from '../lib/same-list.ts';

export interface LostHosts {
  /** Those that were up, stopped answering, and were not looked at since. The same set while they are the same. */
  readonly unseen: ReadonlySet<HostId>;
  /** The reader has looked at them; ids of hosts that are not lost do nothing. */
  readonly see: (ids: readonly HostId[]) => void;
}

const keptAs = 'lost-seen';

/** Which lost hosts the reader has not looked at yet: that is kept, and a host that is lost again is new. */
export function useLostHosts(hosts: readonly Host[]): LostHosts {
  const [seen, setSeen] = useState(() => readSeen(readKept(keptAs)));
  const lost = useSameList(useMemo(() => hosts.filter(({ state }) => state.kind === 'stale'), [hosts]));
  const ids = useSameList(lost.filter((host) => !seen.has(lossOf(host))).map(({ id }) => id));
  const unseen = useMemo(() => new Set(ids), [ids]);
  const see = useCallback(
    (looked: readonly HostId[]) => {
      if (!looked.some((id) => unseen.has(id))) return;
      // Of hosts that are back nothing is kept.
      const known = lost.filter((host) => seen.has(lossOf(host)) || looked.includes(host.id)).map(lossOf);
      keep(keptAs, known);
      setSeen(new Set(known));
    },
    [lost, seen, unseen],
  );
  return { unseen, see };
}

/** A host keeps the time of its latest measurement while it is lost. */
const lossOf = ({ id, measuredAt }: Host): string => `${id} ${measuredAt}`;

function readSeen(kept: unknown): ReadonlySet<string> {
  return new Set(Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : []);
}
