import { type RefObject, useLayoutEffect, useRef } from 'react';

/** Scrolls to where each place of the window was left: one that is shown for the first time begins at its top. */
export function useOwnScroll(scroller: RefObject<HTMLElement | null>, place: string): void {
  const left = useRef(new Map<string, number>());
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const top = left.current.get(place) ?? 0;
    // The first place is at its top already: to say so would make the browser lay out a page that is not whole yet.
    if (left.current.size > 0) element.scrollTop = top;
    left.current.set(place, top);
    const keep = () => void left.current.set(place, element.scrollTop);
    element.addEventListener('scroll', keep, { passive: true });
    return () => element.removeEventListener('scroll', keep);
  }, [scroller, place]);
}
