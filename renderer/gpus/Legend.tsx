import { useWords } from '../state/language.ts';
import { gpuWords } from './words.ts';

/** How to read a strip. */
export function Legend() {
  const words = useWords(gpuWords);
  return (
    <ul className="legend" aria-label={words.legend}>
      <li>
        <svg className="legend-cell" viewBox="0 0 11 16" aria-hidden="true" focusable="false">
          <rect className="cell cell-idle" x="0.75" y="0.75" width="9.5" height="14.5" rx="2" />
          <circle className="idle-mark" cx="5.5" cy="8" r="2" />
        </svg>
        {words.legendIdle}
      </li>
      <li>
        <svg className="legend-cell" viewBox="0 0 11 16" aria-hidden="true" focusable="false">
          <rect className="cell" x="0.75" y="0.75" width="9.5" height="14.5" rx="2" />
          <rect className="fill" x="1.5" y="7" width="8" height="7.5" fillOpacity="0.75" />
        </svg>
        {words.legendFill}
      </li>
      <li>
        <svg className="legend-cell" viewBox="0 0 11 16" aria-hidden="true" focusable="false">
          <path className="hatch" d="M1 8L8 1M1 12.5L10 3.5M1.5 15L10 8M6 15l4-3.5" />
          <rect className="cell cell-problem" x="0.75" y="0.75" width="9.5" height="14.5" rx="2" />
        </svg>
        {words.legendError}
      </li>
    </ul>
  );
}
