import { useEffect, useLayoutEffect, useRef, useState } from 'react';

/** Where messages stand; `top` only where the window is too narrow for two sides. */
export type Side = 'start' | 'end' | 'bottom' | 'top';

/** Narrower than this a message is as wide as the window. */
const twoSidesPx = 800;

interface Spot {
  readonly x: number;
  readonly y: number;
}

/**
 * Away from where the person last pressed a button or a key, so that messages do not cover what is in use. It changes with the
 * newest message alone, for messages that walk are not read. `own`: presses in there do not count.
 */
export function useSide(own: React.RefObject<HTMLElement | null>, newest: number | null): Side {
  const spot = useRef<Spot | null>(null);
  const [side, setSide] = useState<Side>('end');
  useEffect(() => {
    const onPress = ({ target, clientX: x, clientY: y }: PointerEvent) => {
      if (!isIn(own.current, target)) spot.current = { x, y };
    };
    const onKey = ({ target }: KeyboardEvent) => {
      if (!(target instanceof Element) || target === document.body || isIn(own.current, target)) return;
      const { left, top, width, height } = target.getBoundingClientRect();
      spot.current = { x: left + width / 2, y: top + height / 2 };
    };
    document.addEventListener('pointerdown', onPress, true);
    document.addEventListener('keydown', onKey, true);
    return () => {
      document.removeEventListener('pointerdown', onPress, true);
      document.removeEventListener('keydown', onKey, true);
    };
  }, [own]);
  useLayoutEffect(() => {
    if (newest !== null) setSide(sideAwayFrom(spot.current));
  }, [newest]);
  return side;
}

function sideAwayFrom(spot: Spot | null): Side {
  const { innerWidth, innerHeight } = window;
  if (innerWidth >= twoSidesPx) return spot !== null && spot.x > innerWidth / 2 ? 'start' : 'end';
  return spot !== null && spot.y > innerHeight / 2 ? 'top' : 'bottom';
}

function isIn(place: HTMLElement | null, target: EventTarget | null): boolean {
  return place !== null && target instanceof Node && place.contains(target);
}
