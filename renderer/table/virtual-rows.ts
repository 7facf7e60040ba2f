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
  /** One per row, unique and stable; the same array while they are the same. */
  readonly keys: readonly string[];
  /** The height of a row, exact for those without {@link VirtualRows.measureRef}, else until it was in view. */
  readonly estimatePx: (index: number) => number;
}

export interface VirtualRow {
  readonly index: number;
  /** Its place in the element that holds the rows; undefined where it follows the row before it. */
  readonly topPx: number | undefined;
}

export interface VirtualRows {
  /** The rows to render, ascending. */
  readonly rows: readonly VirtualRow[];
  /** For the element that holds them. */
  readonly bodyProps: {
    readonly ref: (body: HTMLElement | null) => void;
    /** Rows then stand at places of their own: see `[data-virtual]` in table.css. */
    readonly 'data-virtual': boolean;
    readonly style: { readonly height: number } | undefined;
    readonly onFocus: (event: FocusEvent) => void;
    readonly onBlur: (event: FocusEvent) => void;
  };
  /** For the element of a row whose height is its own. The same function while it is set. */
  readonly measureRef: ((row: HTMLElement | null) => void) | undefined;
  /** Brings a row into view; it is there after the next render. */
  scrollTo(index: number): void;
}

/** For rows inside the element of the class `main`, which scrolls. Each row carries `data-index`. */
export function useVirtualRows({ keys, estimatePx }: VirtualRowsOptions): VirtualRows {
  const isVirtual = keys.length > wholeUpTo;
  const body = useRef<HTMLElement>(null);
  const focusedKey = useRef<string>(undefined);
  const [marginPx, setMarginPx] = useState(0);
  const virtualizer = useVirtualizer<HTMLElement, HTMLElement>({
    count: keys.length,
    enabled: isVirtual,
    // New rows come well before they are in view, so no frame has to wait for them.
    useFlushSync: false,
    getScrollElement: () => body.current?.closest('main') ?? null,
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

  return {
    rows: isVirtual
      ? virtualizer.getVirtualItems().map(({ index, start }) => ({ index, topPx: start - marginPx }))
      : [...keys.keys()].map((index) => ({ index, topPx: undefined })),
    bodyProps: {
      ref: useCallback((element) => {
        body.current = element;
      }, []),
      'data-virtual': isVirtual,
      style: isVirtual ? { height: virtualizer.getTotalSize() } : undefined,
      onFocus: ({ target }) => {
        // What a row unfolds may be a table with rows of its own.
        const row = [...(body.current?.children ?? [])].find((child) => child.contains(target));
        const index = row instanceof HTMLElement ? row.dataset.index : undefined;
        focusedKey.current = index === undefined ? undefined : keys[Number(index)];
      },
      onBlur: () => {
        focusedKey.current = undefined;
      },
    },
    measureRef: isVirtual ? virtualizer.measureElement : undefined,
    scrollTo: (index) => {
      if (isVirtual) virtualizer.scrollToIndex(index, { align: 'center' });
      else
        body.current?.querySelector(`:scope > [data-index="${index}"]`)?.scrollIntoView({ block: 'center' });
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
  const scroller = body.closest('main');
  if (scroller === null) return 0;
  return body.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
}
