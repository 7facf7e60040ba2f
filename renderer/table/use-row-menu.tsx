import { type MouseEvent, type ReactNode, useState } from 'react';
import type { MenuPoint } from '../components/ContextMenu.tsx';

/** Where the menu of a row stands, and what its entries may do with it. */
export interface RowMenuPlace {
  readonly at: MenuPoint;
  readonly onClose: (refocus: boolean) => void;
  /** Shows a dialog that an entry opens; it stays when the menu closes, and may stay when the row goes. */
  readonly onDialog: (dialog: (onClose: () => void) => ReactNode) => void;
}

interface Asked {
  readonly key: string;
  readonly at: MenuPoint;
  /** What had the focus, or the row's first control. */
  readonly from: HTMLElement | null;
}

/** Where text is copied and links are opened, the browser's own menu is the one that is wanted. */
const ownMenu = 'a[href], input, textarea, select, dialog, [role="menu"], [popover]';

/**
 * For a list whose children carry `data-key`: its handler for the secondary button, the menu key and Shift+F10, and the menu of
 * the row that was asked for, which `render` makes of its key. Null of `render`: that row has none.
 */
export function useRowMenu(render: (key: string, place: RowMenuPlace) => ReactNode) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [dialog, setDialog] = useState<((onClose: () => void) => ReactNode) | null>(null);
  const onContextMenu = (event: MouseEvent<HTMLElement>) => {
    const { target, currentTarget, clientX, clientY } = event;
    if (!(target instanceof Element) || target.closest(ownMenu) !== null) return;
    if (window.getSelection()?.isCollapsed === false) return;
    const row = [...currentTarget.children].find((child) => child.contains(target));
    if (!(row instanceof HTMLElement) || row.dataset.key === undefined) return;
    event.preventDefault();
    const { activeElement } = document;
    const from = row.contains(activeElement) ? activeElement : row.querySelector('button, a[href]');
    const at = clientX === 0 && clientY === 0 ? below(from ?? row) : { x: clientX, y: clientY };
    setAsked({ key: row.dataset.key, at, from: from instanceof HTMLElement ? from : null });
  };
  const onClose = (refocus: boolean) => {
    setAsked(null);
    if (refocus) asked?.from?.focus();
  };
  const onDialog: RowMenuPlace['onDialog'] = (made) => setDialog(() => made);
  return {
    onContextMenu,
    menu: (
      <>
        {asked !== null && render(asked.key, { at: asked.at, onClose, onDialog })}
        {dialog?.(() => setDialog(null))}
      </>
    ),
  };
}

/** The keyboard asks without a place. */
function below(element: Element): MenuPoint {
  const { left, bottom } = element.getBoundingClientRect();
  return { x: left, y: bottom };
}
