export interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly title: string;
  /** What the reader can do, and the raw cause; empty for a success. */
  readonly hint: string;
  readonly detail: string;
  /** What can be done about it from the message itself: undo. The message goes when it is done. */
  readonly action?: ToastAction;
}

export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

export interface ToastStore {
  get(): readonly Toast[];
  subscribe(listener: () => void): () => void;
  /** Shows a toast; one with the same words that is still there is replaced, not repeated. */
  show(toast: Omit<Toast, 'id'>): void;
  dismiss(id: number): void;
  /** Does what the latest message with an action offers; answers whether there was one. */
  act(): boolean;
}

/** More than a few at once would hide the window. */
const maxToasts = 4;

export function createToastStore(): ToastStore {
  let toasts: readonly Toast[] = [];
  let nextId = 1;
  const listeners = new Set<() => void>();
  const set = (next: readonly Toast[]) => {
    toasts = next;
    for (const listener of [...listeners]) listener();
  };
  const dismiss = (id: number) => set(toasts.filter((toast) => toast.id !== id));
  return {
    get: () => toasts,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    show: (toast) => {
      const others = toasts.filter((old) => old.title !== toast.title || old.detail !== toast.detail);
      set([...others, { ...toast, id: nextId++ }].slice(-maxToasts));
    },
    dismiss,
    act: () => {
      const latest = toasts.findLast(({ action }) => action !== undefined);
      if (latest === undefined) return false;
      dismiss(latest.id);
      latest.action?.run();
      return true;
    },
  };
}
