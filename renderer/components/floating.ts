import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

type Place = RefObject<HTMLElement | null>;

/**
 * Shows a popover below its anchor, flush with the anchor's start or end; above it, or further in, where the window ends.
 * Follows a scroll, and its own change of size.
 */
export function usePlacement(floating: Place, anchor: Place, flush: 'start' | 'end'): void {
  useLayoutEffect(() => {
    const element = floating.current;
    const place = () => {
      if (element === null || anchor.current === null) return;
      const to = anchor.current.getBoundingClientRect();
      const { width, height } = element.getBoundingClientRect();
      const gap = 4;
      const wanted = flush === 'end' ? to.right - width : to.left;
      const left = Math.max(gap, Math.min(wanted, window.innerWidth - width - gap));
      const below = to.bottom + gap;
      const top = below + height > window.innerHeight ? Math.max(gap, to.top - gap - height) : below;
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
