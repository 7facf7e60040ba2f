import css from './ProgressBar.module.css';

interface Props {
  /** What it is of, for those who do not see where it stands. */
  readonly label: string;
  /** How far it is, from 0 to `max`; undefined where that is not known. */
  readonly value: number | undefined;
  /** Default: 1. */
  readonly max?: number;
  /** Gives it its width. */
  readonly className: string | undefined;
}

/** A thin bar that says how far something is. */
export function ProgressBar({ label, value, max = 1, className }: Props) {
  return <progress className={`${css.bar} ${className}`} aria-label={label} value={value} max={max} />;
}
