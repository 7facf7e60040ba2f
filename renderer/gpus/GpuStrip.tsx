import { type PointerEvent, useState } from 'react';
import type { Formats } from '#common/format.ts';
import type { Gpu, IdleRule } from '#common/hosts.ts';
import type { GpuCondition } from '#common/select/gpus.ts';
import { useFormats, useWords } from '../state/language.ts';
import css from './GpuStrip.module.css';
import { stripHeight, stripShapes, stripWidth } from './strip-shapes.ts';
import { gpuWords } from './words.ts';

interface Props {
  readonly gpus: readonly Gpu[];
  readonly rule: IdleRule;
  /** False when the host stopped answering: the cells then claim nothing about now. */
  readonly current: boolean;
}

/** One cell per GPU; the one under the pointer says more. */
export function GpuStrip({ gpus, rule, current }: Props) {
  const words = useWords(gpuWords);
  const formats = useFormats();
  const [pointed, setPointed] = useState<number | null>(null);
  const shapes = stripShapes(gpus, rule);
  const gpu = pointed === null ? undefined : gpus[pointed];
  const point = ({ currentTarget, clientX }: PointerEvent) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    setPointed(Math.floor(((clientX - left) * stripWidth) / width / shapes.pitch));
  };
  return (
    <svg
      className={css.strip}
      data-current={current}
      viewBox={`0 0 ${stripWidth} ${stripHeight}`}
      width={stripWidth}
      height={stripHeight}
      role="img"
      aria-label={
        current
          ? stripName(shapes.conditions, words)
          : `${words.stripTotal(gpus.length)}, ${words.valuesAreOld}`
      }
      onPointerMove={point}
      onPointerLeave={() => setPointed(null)}
    >
      {gpu !== undefined && <title>{cellTitle(gpu, words, formats)}</title>}
      {shapes.fills.map(({ shade, path }) => (
        <path key={shade} className={css.fill} d={path} fillOpacity={0.25 + 0.75 * (shade / 4)} />
      ))}
      {shapes.hatch !== '' && <path className={css.hatch} d={shapes.hatch} />}
      {Object.entries(shapes.frames).map(([condition, path]) => (
        <path key={condition} className={css.cell} data-condition={condition} d={path} />
      ))}
      {shapes.idle !== '' && (
        <path className={shapes.idleIsDot ? css.idleDot : css.idleMark} d={shapes.idle} />
      )}
    </svg>
  );
}

/** `8 GPUs: 6 idle, 2 busy`. */
function stripName(conditions: readonly GpuCondition[], words: Words): string {
  const parts = (['idle', 'busy', 'problem', 'unknown'] as const).flatMap((condition) => {
    const n = conditions.filter((one) => one === condition).length;
    return n === 0 ? [] : [words.stripParts[condition](n)];
  });
  return `${words.stripTotal(conditions.length)}: ${parts.join(', ')}`;
}

type Words = (typeof gpuWords)['en'];

function cellTitle(gpu: Gpu, words: Words, { gib, memory, pct }: Formats): string {
  const inUse = words.memoryOf(gib(gpu.memUsedMiB), memory(gpu.memTotalMiB));
  const users = [...new Set(gpu.processes.flatMap((process) => process.user ?? []))];
  return [words.cell(gpu.index, gpu.problem ?? pct(gpu.utilPct)), inUse, ...users].join(', ');
}
