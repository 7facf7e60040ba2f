import { useEffect, useState } from 'react';
import type { HostId } from '#common/ids.ts';
import { useSameList } from '../lib/same-list.ts';
import { useServices } from './services.ts';

/** Says that a part of the page shows these hosts, until it is gone. */
export function useInView(hostIds: readonly HostId[]): void {
  const { inView } = useServices();
  const [part] = useState(() => ({}));
  const shown = useSameList(hostIds);
  useEffect(() => {
    if (shown.length > 0) inView.show(part, shown);
  }, [inView, part, shown]);
  useEffect(() => () => inView.show(part, null), [inView, part]);
}
