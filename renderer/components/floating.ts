import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

type Place = RefObject<HTMLElement | null>;

/** What a popover is shown beside: an element, or a point that acts as one. */
export interface Anchor {
  getBoundingClientRect(): DOMRect;
  closest(selectors: string): Element | null;
}

/**
 * Shows a popover below its anchor, flush with the anchor's start or end; above it, or further in, where the window ends, and
 * never over the rail: what is opened from there stands beside it. Follows a scroll, and its own change of size.
 */
export function usePlacement(
  floating: Place,
  anchor: RefObject<Anchor | null>,
  flush: 'start' | 'end',
): void {
  useLayoutEffect(() => {
    const element = floating.current;
    const place = () => {
      if (element === null || anchor.current === null) return;
      const to = anchor.current.getBoundingClientRect();
      const { width, height } = element.getBoundingClientRect();
      const gap = 4;
      const railEnd = anchor.current.closest('dialog') === null ? railEndPx() : 0;
      const isInRail = to.right <= railEnd;
      const wanted = flush === 'end' && to.right - width >= railEnd ? to.right - width : to.left;
      const least = Math.max(isInRail ? railEnd : 0, gap);
      const left = Math.max(least, Math.min(wanted, window.innerWidth - width - gap));
      const below = isInRail ? to.top : to.bottom + gap;
      const above = isInRail ? to.bottom - height : to.top - gap - height;
      const top = below + height > window.innerHeight ? Math.max(gap, above) : below;
      element.style.left = `${left}px`;
      element.style.top = `${top}px`;
    };
    // In the top layer no ancestor clips or covers it; browsers without popovers show it all the same.
    element?.showPopover?.();
    place();
    const observer = new ResizeObserver(place);
    if (element !== null) observer.observe(element);
    document.addEventListener('scroll', place, true);
    window.addEventListener('resize', place);
    return () => {
      observer.disconnect();
      document.removeEventListener('scroll', place, true);
      window.removeEventListener('resize', place);
    };
  }, [floating, anchor, flush]);
}

/** Where the rail ends that stands left of the view; 0 where it is a bar above it. */
function railEndPx(): number {
  return document.querySelector('main')?.getBoundingClientRect().left ?? 0;
}

/** Calls `onClose` for a press anywhere but in these places. */
export function useCloseFromOutside(places: readonly Place[], onClose: () => void): void {
  const latest = useRef({ places, onClose });
  useEffect(() => {
    latest.current = { places, onClose };
  });
  useEffect(() => {
    const onPress = ({ target }: Event) => {
      const inside =
        target instanceof Node && latest.current.places.some((place) => place.current?.contains(target));
      if (!inside) latest.current.onClose();
    };
    document.addEventListener('pointerdown', onPress);
    return () => document.removeEventListener('pointerdown', onPress);
  }, []);
}
