import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Host } from '#common/hosts.ts';
import { Icon } from '../icons/Icon.tsx';
import { useExpanded } from '../list/expanded.ts';
import { useWords } from '../state/language.ts';
import { useRevealed } from '../state/route.ts';
import { useAppState } from '../state/services.ts';
import css from './HostTroubles.module.css';
import { HostFacts, TroubleCard } from './TroubleCard.tsx';
import { type Sorted, sortHosts, type Trouble } from './troubles.ts';
import { diagnosticsWords } from './words.ts';

const noHosts: readonly Host[] = [];

type Group = 'noGpu' | 'waiting' | 'fine';

type Item =
  | { readonly kind: 'trouble'; readonly id: string; readonly trouble: Trouble }
  | { readonly kind: 'title'; readonly id: Group; readonly count: number }
  | { readonly kind: 'host'; readonly id: string; readonly host: Host };

const troubleItem = (trouble: Trouble): Item => ({ kind: 'trouble', id: trouble.host.id, trouble });
const hostItem = (host: Host): Item => ({ kind: 'host', id: host.id, host });

function itemsOf({ troubles, waiting, noGpu, fine }: Sorted, open: ReadonlySet<string>): readonly Item[] {
  const group = (id: Group, rows: readonly Item[]): readonly Item[] =>
    rows.length === 0 ? [] : [{ kind: 'title', id, count: rows.length }, ...(open.has(id) ? rows : [])];
  return [
    ...troubles.map(troubleItem),
    ...group('waiting', waiting.map(hostItem)),
    ...group('noGpu', noGpu.map(troubleItem)),
    ...group('fine', fine.map(hostItem)),
  ];
}

/** Hosts with trouble, and the rest as counts that unfold. Only what is in view exists. */
export function HostTroubles() {
  const words = useWords(diagnosticsWords);
  const sorted = useSorted();
  const [open, toggle] = useExpanded();
  const revealed = useRevealed();
  const items = useMemo(() => itemsOf(sorted, open), [sorted, open]);

  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (items[index]?.kind === 'trouble' ? 180 : 36),
    getItemKey: useCallback((index: number) => `${items[index]?.kind} ${items[index]?.id}`, [items]),
    overscan: 4,
  });
  const place = items.findIndex(({ kind, id }) => kind !== 'title' && id === revealed);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each place that is asked for, not when rows move
  useEffect(() => {
    if (place >= 0) rows.scrollToIndex(place, { align: 'start' });
  }, [revealed]);

  return (
    <>
      <p className={css.summary} role="status">
        {words.troubles(sorted.troubles.length)}
      </p>
      <div className={css.scroller} ref={scroller}>
        <ul className={css.troubles} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, key, start }) => {
            const item = items[index];
            return (
              item !== undefined && (
                <li
                  key={key}
                  ref={rows.measureElement}
                  data-index={index}
                  data-row
                  data-revealed={item.id === revealed}
                  className={css.troublePlace}
                  style={{ transform: `translateY(${start}px)` }}
                  aria-setsize={items.length}
                  aria-posinset={index + 1}
                >
                  {item.kind === 'trouble' && <TroubleCard trouble={item.trouble} />}
                  {item.kind === 'host' && <HostFacts host={item.host} />}
                  {item.kind === 'title' && (
                    <button
                      type="button"
                      className={`expander ${css.group}`}
                      aria-expanded={open.has(item.id)}
                      onClick={() => toggle(item.id)}
                    >
                      <Icon name="chevron" />
                      {words[item.id](item.count)}
                    </button>
                  )}
                </li>
              )
            );
          })}
        </ul>
      </div>
    </>
  );
}

function useSorted(): Sorted {
  const hosts = useAppState(({ snapshot }) => snapshot?.hosts) ?? noHosts;
  const [kept, setKept] = useState<{ readonly hosts: typeof hosts; readonly sorted: Sorted } | null>(null);
  if (kept?.hosts === hosts) return kept.sorted;
  const sorted = sortHosts(kept?.sorted ?? null, hosts);
  // React's way to keep what the next render is compared with: set while rendering, once per change.
  setKept({ hosts, sorted });
  return sorted;
}
