import { useCallback, useEffect, useRef, useState } from 'react';
import type { Bridge } from '#common/bridge.ts';
import type { CallInput } from '#common/contract.ts';
import { toFailure } from '#common/failure.ts';
import type { HistoryRange, SourcePast } from '#common/history.ts';
import { useAppState, useServices } from '../state/services.ts';
import type { AppState } from '../state/snapshot-store.ts';

/** Whose past it is; see the call `history.fromSources`. */
export interface Subject {
  readonly hostId: string;
  /** Of a model server; absent: of the host's GPUs. */
  readonly port?: number;
}

export type Past =
  /** There is no source to ask. */
  | { readonly kind: 'none' }
  /** With what was known before. */
  | { readonly kind: 'asking'; readonly pasts: readonly SourcePast[] }
  | { readonly kind: 'known'; readonly pasts: readonly SourcePast[] };

const none: Past = { kind: 'none' };

/**
 * What the sources of Prometheus know of a range, and what asks them again. They are asked when the component appears, for each
 * range that is chosen, when one of them answers for the first time, and after a lost link.
 */
export function usePast({ hostId, port }: Subject, range: HistoryRange): readonly [Past, () => void] {
  const { bridge } = useServices();
  const answering = useAppState(answeringSources);
  const [past, setPast] = useState<Past>(none);
  const latest = useRef(0);
  const ask = useCallback(async () => {
    latest.current += 1;
    const mine = latest.current;
    setPast((before) => ({ kind: 'asking', pasts: before.kind === 'none' ? [] : before.pasts }));
    const pasts = await pastsOf(bridge, { hostId, ...(port !== undefined && { port }), range });
    if (latest.current === mine) setPast({ kind: 'known', pasts });
  }, [bridge, hostId, port, range]);
  useEffect(() => {
    if (answering === '') setPast(none);
    else if (answering !== null) void ask();
    return () => {
      latest.current += 1;
    };
  }, [ask, answering]);
  return [past, ask];
}

/** Which sources can say something, as one text that changes when it should be asked again; empty: none, null: no link. */
function answeringSources({ snapshot, link }: AppState): string | null {
  if (snapshot === null || link !== 'open') return null;
  const isEnabled = new Set(snapshot.settings.prometheus.flatMap(({ id, enabled }) => (enabled ? [id] : [])));
  return snapshot.prometheus
    .filter(({ id, state }) => isEnabled.has(id) && state.kind !== 'waiting')
    .map(({ id, answeredAt }) => (answeredAt === null ? `${id} silent` : id))
    .join();
}

async function pastsOf(
  bridge: Bridge,
  request: CallInput<'history.fromSources'>,
): Promise<readonly SourcePast[]> {
  try {
    return await bridge.call('history.fromSources', request);
  } catch (error) {
    return [{ kind: 'failed', source: 'Prometheus', failure: toFailure(error, 'probe') }];
  }
}
