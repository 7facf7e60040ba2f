import type { Mood } from '../lib/mood.ts';
import css from './StateMark.module.css';

const shapes: Readonly<Record<Mood, React.ReactNode>> = {
  good: <circle className={css.filled} cx="6" cy="6" r="4" />,
  idle: <circle cx="6" cy="6" r="3.5" />,
  busy: <rect className={css.filled} x="2.5" y="2.5" width="7" height="7" rx="1" />,
  waiting: <circle className={css.dashed} cx="6" cy="6" r="4" />,
  asleep: <path d="M9.6 7.4A4.2 4.2 0 1 1 4.9 2.1 3.6 3.6 0 0 0 9.6 7.4z" />,
  unknown: <path d="M3 6h6" />,
  warning: <path className={css.filled} d="M6 1.5L11 10.5H1z" />,
  bad: <path d="M2.5 2.5l7 7M9.5 2.5l-7 7" />,
  locked: <path d="M2.5 5.5h7v5h-7zM4 5.5V4a2 2 0 0 1 4 0v1.5" />,
};

/** How something is, in colour, shape and word: the colour is never alone. */
export function StateMark({ mood, word }: { readonly mood: Mood; readonly word: string }) {
  return (
    <span className={css.state} data-mood={mood}>
      <svg className={css.shape} viewBox="0 0 12 12" aria-hidden="true" focusable="false">
        {shapes[mood]}
      </svg>
      <span className={css.word} title={word}>
        {word}
      </span>
    </span>
  );
}
