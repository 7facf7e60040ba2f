import css from './Sparkline.module.css';

interface Props {
  /** At equal distances, ascending in time; null is a gap. See `evenSteps`. */
  readonly values: readonly (number | null)[];
  /** The axis goes from 0 to this, so that two rows compare at a glance. */
  readonly max: number;
  /** What it shows, for those who do not see it; left out where the cell says it already. */
  readonly label?: string;
}

const width = 60;
const height = 16;
/** Room for half the line's width at both ends of the axis. */
const inset = 1;

/** A small graph without axes. */
export function Sparkline({ values, max, label }: Props) {
  const { line, area } = paths(values, max);
  return (
    <svg
      className={css.sparkline}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={label}
      aria-hidden={label === undefined}
      focusable="false"
    >
      <path className={css.axis} d={`M0 ${height - 0.5}H${width}`} />
      <path className={css.area} d={area} />
      <path d={line} />
    </svg>
  );
}

/** One stroke and one area per run of known values; a value alone between gaps is a dot. */
function paths(values: readonly (number | null)[], max: number): { line: string; area: string } {
  const step = values.length < 2 ? 0 : width / (values.length - 1);
  const floor = height - inset;
  const at = (value: number) => floor - (Math.min(max, Math.max(0, value)) / max) * (height - 2 * inset);
  let line = '';
  let area = '';
  for (let from = 0; from < values.length; ) {
    let to = from;
    let run = '';
    for (let value = values[to] ?? null; value !== null; value = values[to] ?? null) {
      run += `${to === from ? '' : 'L'}${round(to * step)} ${round(at(value))}`;
      to += 1;
    }
    if (to === from) {
      from += 1;
      continue;
    }
    line += `M${run}${to - from === 1 ? 'h0.01' : ''}`;
    area += `M${round(from * step)} ${floor}L${run}V${floor}Z`;
    from = to;
  }
  return { line, area };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
