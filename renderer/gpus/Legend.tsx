import { memo } from 'react';
import { useWords } from '../state/language.ts';
import gpuStripCss from './GpuStrip.module.css';
import css from './Legend.module.css';
import { gpuWords } from './words.ts';

/** How to read a strip. */
export const Legend = memo(function Legend() {
  const words = useWords(gpuWords);
  return (
    <ul className={css.legend} aria-label={words.legend}>
      <li>
        <svg className={css.cell} viewBox="0 0 11 16" aria-hidden="true" focusable="false">
          <rect
            className={gpuStripCss.cell}
            data-condition="idle"
            x="0.75"
            y="0.75"
            width="9.5"
            height="14.5"
            rx="2"
          />
          <circle className={gpuStripCss.idleMark} cx="5.5" cy="8" r="2" />
        </svg>
        {words.legendIdle}
      </li>
      <li>
        <svg className={css.cell} viewBox="0 0 11 16" aria-hidden="true" focusable="false">
          <rect className={gpuStripCss.cell} x="0.75" y="0.75" width="9.5" height="14.5" rx="2" />
          <rect className={gpuStripCss.fill} x="1.5" y="7" width="8" height="7.5" fillOpacity="0.75" />
        </svg>
        {words.legendFill}
      </li>
      <li>
        <svg className={css.cell} viewBox="0 0 11 16" aria-hidden="true" focusable="false">
          <path className={gpuStripCss.hatch} d="M1 8L8 1M1 12.5L10 3.5M1.5 15L10 8M6 15l4-3.5" />
          <rect
            className={gpuStripCss.cell}
            data-condition="problem"
            x="0.75"
            y="0.75"
            width="9.5"
            height="14.5"
            rx="2"
          />
        </svg>
        {words.legendError}
      </li>
    </ul>
  );
});
