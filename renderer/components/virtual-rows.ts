/**
 * Only the rows of a long table or list that are in view are in the page; a short one is whole, so that the browser's own
 * search finds everything in it.
 */

import { defaultRangeExtractor, type Range, useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { type FocusEvent, useCallback, useLayoutEffect, useRef, useState } from 'react';

/** A table of so many rows is no burden. */
const wholeUpTo = 100;

/** Rows above and below the view that are there already: a focus that moves on by one finds its row. */
const overscan = 8;

export interface VirtualRowsOptions {
  /** One per row, unique and stable. */
  readonly keys: readonly string[];
  /** The height of a row that was never in view. */
  readonly estimatePx: (index: number) => number;
}

export interface VirtualRows {
  /** The rows to render, ascending; each gets {@link rowProps}. */
  readonly indexes: readonly number[];
  /** For the element that holds the rows, which is another one (React's key) when rows begin or cease to have places. */
  readonly isVirtual: boolean;
  readonly bodyProps: {
    readonly ref: (body: HTMLElement | null) => void;
    /** Rows then stand at positions of their own: see `[data-virtual]` in table.css. */
    readonly 'data-virtual': boolean;
    readonly onFocus: (event: FocusEvent) => void;
    readonly onBlur: (event: FocusEvent) => void;
  };
  /** For the element of a row, beside its React key. The same function while the kind of table is the same. */
  readonly rowRef: ((row: HTMLElement | null) => void) | undefined;
  /** Brings a row into view; it is there after the next render. */
  scrollTo(index: number): void;
}

/** For rows inside the element of the class `main`, which scrolls. Rows carry `data-index` and may be of any height. */
export function useVirtualRows({ keys, estimatePx }: VirtualRowsOptions): VirtualRows {
  const isVirtual = keys.length > wholeUpTo;
  const body = useRef<HTMLElement>(null);
  const focusedKey = useRef<string>(undefined);
  const [marginPx, setMarginPx] = useState(0);
  const virtualizer = useVirtualizer<HTMLElement, HTMLElement>({
    count: keys.length,
    enabled: isVirtual,
    directDomUpdates: true,
    directDomUpdatesMode: 'position',
    getScrollElement: () => body.current?.closest<HTMLElement>('.main') ?? null,
    getItemKey: useCallback((index: number) => keys[index] ?? index, [keys]),
    estimateSize: estimatePx,
    measureElement: observedPx,
    overscan,
    scrollMargin: marginPx,
    rangeExtractor: (range) => withFocused(range, keys, focusedKey.current),
  });

  // What stands above the rows may grow, and then the view does.
  useLayoutEffect(() => {
    const view = body.current?.closest('.view');
    if (!isVirtual || body.current === null || !view) return;
    const measure = () => {
      if (body.current !== null) setMarginPx(Math.round(offsetWithin(body.current)));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(view);
    measure();
    return () => observer.disconnect();
  }, [isVirtual]);

  const { containerRef, measureElement } = virtualizer;
  return {
    indexes: isVirtual ? virtualizer.getVirtualIndexes() : [...keys.keys()],
    isVirtual,
    bodyProps: {
      ref: useCallback(
        (element) => {
          body.current = element;
          if (isVirtual) containerRef(element);
        },
        [containerRef, isVirtual],
      ),
      'data-virtual': isVirtual,
      onFocus: ({ target }) => {
        const index = target.closest<HTMLElement>('[data-index]')?.dataset.index;
        focusedKey.current = index === undefined ? undefined : keys[Number(index)];
      },
      onBlur: () => {
        focusedKey.current = undefined;
      },
    },
    rowRef: isVirtual ? measureElement : undefined,
    scrollTo: (index) => {
      if (isVirtual) virtualizer.scrollToIndex(index, { align: 'center' });
      else body.current?.querySelector(`[data-index="${index}"]`)?.scrollIntoView({ block: 'center' });
    },
  };
}

/**
 * The height that the browser tells after it has laid out the page. Until then the estimate stands: to ask a new row would make
 * the browser lay out the page once more in every frame of a scroll.
 */
function observedPx(
  row: HTMLElement,
  entry: ResizeObserverEntry | undefined,
  virtualizer: Virtualizer<HTMLElement, HTMLElement>,
): number {
  const box = entry?.borderBoxSize[0];
  if (box !== undefined) return Math.round(box.blockSize);
  const index = virtualizer.indexFromElement(row);
  const key = virtualizer.options.getItemKey(index);
  return virtualizer.itemSizeCache.get(key) ?? virtualizer.options.estimateSize(index);
}

/** A row with the keyboard's focus stays, wherever the list is scrolled to. */
function withFocused(range: Range, keys: readonly string[], focused: string | undefined): number[] {
  const indexes = defaultRangeExtractor(range);
  const index = focused === undefined ? -1 : keys.indexOf(focused);
  if (index < 0 || indexes.includes(index)) return indexes;
  return [...indexes, index].sort((a, b) => a - b);
}

function offsetWithin(body: HTMLElement): number {
  const scroller = body.closest<HTMLElement>('.main');
  if (scroller === null) return 0;
  return body.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
}
