import { useRef } from 'react';
import type { Anchor } from './floating.ts';
import { Menu, type MenuEntry } from './Menu.tsx';

/** Where the menu was asked for, in pixels of the window. */
export interface MenuPoint {
  readonly x: number;
  readonly y: number;
}

interface Props {
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  readonly at: MenuPoint;
  readonly onClose: (refocus: boolean) => void;
}

/** The menu of a thing in the page, where the pointer or the focus asked for it. */
export function ContextMenu({ at: { x, y }, ...menu }: Props) {
  const anchor = useRef<Anchor>({
    getBoundingClientRect: () => new DOMRect(x, y, 0, 0),
    closest: () => null,
  });
  return <Menu {...menu} anchor={anchor} flush="start" inside={[]} />;
}
