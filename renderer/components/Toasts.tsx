import { useEffect, useState, useSyncExternalStore } from 'react';
import { Icon } from '../icons/Icon.tsx';
import { useWords } from '../state/language.ts';
import { useServices } from '../state/services.ts';
import type { Toast } from '../state/toast-store.ts';
import { frameWords } from './words.ts';

/** A failure carries more words, and the reader may want to act on them. */
const shownMs = { done: 3000, failed: 12_000 } as const;

export function Toasts() {
  const { toasts } = useServices();
  const shown = useSyncExternalStore(toasts.subscribe, toasts.get);
  const [paused, setPaused] = useState(false);
  const words = useWords(frameWords);
  return (
    <section
      className="toasts"
      aria-label={words.messages}
      aria-live="polite"
      onPointerEnter={() => setPaused(true)}
      onPointerLeave={() => setPaused(false)}
    >
      {shown.map((toast) => (
        <ToastCard key={toast.id} toast={toast} paused={paused} onDismiss={toasts.dismiss} />
      ))}
    </section>
  );
}

interface CardProps {
  readonly toast: Toast;
  readonly paused: boolean;
  readonly onDismiss: (id: number) => void;
}

function ToastCard({ toast, paused, onDismiss }: CardProps) {
  const { id, kind, title, hint, detail } = toast;
  const words = useWords(frameWords);
  useEffect(() => {
    if (paused) return;
    const timer = setTimeout(() => onDismiss(id), shownMs[kind]);
    return () => clearTimeout(timer);
  }, [id, kind, paused, onDismiss]);
  return (
    <div className="toast" data-kind={kind}>
      <Icon name={kind === 'done' ? 'check' : 'warning'} />
      <div className="toast-text">
        <p className="toast-title">{title}</p>
        {hint !== '' && <p>{hint}</p>}
        {detail !== '' && <p className="raw">{detail}</p>}
      </div>
      <button
        type="button"
        className="icon-button"
        aria-label={words.dismissMessage}
        onClick={() => onDismiss(id)}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
