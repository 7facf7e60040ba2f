import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { after } from '#common/timer.ts';
import { Icon } from '../icons/Icon.tsx';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import { useServices } from '../state/services.ts';
import type { Toast } from '../state/toast-store.ts';
import css from './Toasts.module.css';
import { useSide } from './use-side.ts';

/** A failure carries more words, and the reader may want to act on them; what can be undone waits for that. */
const shownMs = { done: 3000, failed: 12_000, undoable: 10_000 } as const;

export function Toasts() {
  const { toasts } = useServices();
  const shown = useSyncExternalStore(toasts.subscribe, toasts.get);
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  const place = useRef<HTMLElement>(null);
  // A message that goes takes the focus with it, and no blur tells of that.
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew whenever the messages change
  useEffect(() => setFocused(place.current?.contains(document.activeElement) ?? false), [shown]);
  const words = useWords(frameWords);
  const side = useSide(place, shown.at(-1)?.id ?? null);
  return (
    <section
      ref={place}
      className={css.toasts}
      data-side={side}
      aria-label={words.messages}
      aria-live="polite"
      onPointerEnter={() => setHovered(true)}
      onPointerLeave={() => setHovered(false)}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      {shown.map((toast) => (
        <ToastCard key={toast.id} toast={toast} paused={hovered || focused} onDismiss={toasts.dismiss} />
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
  const { id, kind, title, hint, detail, action } = toast;
  const lastsMs = shownMs[action === undefined ? kind : 'undoable'];
  const words = useWords(frameWords);
  useEffect(() => {
    if (paused) return;
    return after(lastsMs, () => onDismiss(id)).cancel;
  }, [id, lastsMs, paused, onDismiss]);
  return (
    <div className={css.toast} data-kind={kind}>
      <Icon name={kind === 'done' ? 'check' : 'warning'} />
      <div className={css.text}>
        <p className={css.title}>{title}</p>
        {hint !== '' && <p>{hint}</p>}
        {detail !== '' && <p className="raw">{detail}</p>}
      </div>
      {action !== undefined && (
        <button
          type="button"
          className={`button ${css.action}`}
          onClick={() => {
            onDismiss(id);
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
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
