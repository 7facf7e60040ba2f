import type { Formats } from '#common/format.ts';
import type { Gpu, IdleRule } from '#common/model.ts';
import { type GpuCondition, gpuCondition } from '#common/select.ts';
import { useFormats, useWords } from '../state/language.ts';
import { gpuWords } from './words.ts';

const width = 152;
const height = 26;
const widestCell = 15;

interface Props {
  readonly gpus: readonly Gpu[];
  readonly rule: IdleRule;
  /** False when the host stopped answering: the cells then claim nothing about now. */
  readonly current: boolean;
}

/** One cell per GPU: fill height is memory, shade is utilisation, a ring marks idle and a hatch an error. */
export function GpuStrip({ gpus, rule, current }: Props) {
  const words = useWords(gpuWords);
  const formats = useFormats();
  const gap = gpus.length <= 8 ? 4 : gpus.length <= 24 ? 2 : 0.75;
  const cellWidth = Math.min(widestCell, (width - (gpus.length - 1) * gap) / gpus.length);
  const conditions = gpus.map((gpu) => gpuCondition(gpu, rule));
  return (
    <svg
      className="strip"
      data-current={current}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={
        current ? stripName(conditions, words) : `${words.stripTotal(gpus.length)}, ${words.valuesAreOld}`
      }
    >
      {gpus.map((gpu, position) => (
        <g key={gpu.uuid || gpu.index} transform={`translate(${position * (cellWidth + gap)} 0)`}>
          <title>{cellTitle(gpu, words, formats)}</title>
          <Cell gpu={gpu} condition={conditions[position] ?? 'unknown'} width={cellWidth} />
        </g>
      ))}
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

function cellTitle(gpu: Gpu, words: Words, { gib, pct }: Formats): string {
  const memory = words.memoryOf(gib(gpu.memUsedMiB), gib(gpu.memTotalMiB));
  const users = [...new Set(gpu.processes.flatMap((process) => process.user ?? []))];
  return [words.cell(gpu.index, gpu.problem ?? pct(gpu.utilPct)), memory, ...users].join(', ');
}

interface CellProps {
  readonly gpu: Gpu;
  readonly condition: GpuCondition;
  readonly width: number;
}

/** An unknown load gets the middle shade, and unknown memory a full cell: something runs there, how much is not said. */
function Cell({ gpu, condition, width: cellWidth }: CellProps) {
  const inset = cellWidth >= 5 ? 0.75 : 0.25;
  const frame = {
    x: inset,
    y: 0.75,
    width: Math.max(0.5, cellWidth - 2 * inset),
    height: height - 1.5,
    rx: Math.min(2.5, cellWidth / 4),
  };
  const room = height - 4;
  const share =
    gpu.memUsedMiB === null || !gpu.memTotalMiB ? 1 : Math.min(1, gpu.memUsedMiB / gpu.memTotalMiB);
  const fillHeight = share === 0 ? 0 : Math.max(1.5, share * room);
  const pad = cellWidth >= 5 ? 2 : inset;
  return (
    <>
      {(condition === 'busy' || condition === 'idle') && (
        <rect
          className="fill"
          x={pad}
          y={height - 2 - fillHeight}
          width={Math.max(0.5, cellWidth - 2 * pad)}
          height={fillHeight}
          rx={cellWidth >= 5 ? 1 : 0}
          fillOpacity={shade(gpu.utilPct)}
        />
      )}
      {condition === 'problem' && <path className="hatch" d={hatch(cellWidth)} />}
      <rect className={`cell cell-${condition}`} {...frame} />
      {condition === 'idle' && (
        <circle
          className={cellWidth < 7 ? 'idle-dot' : 'idle-mark'}
          cx={cellWidth / 2}
          cy={height / 2}
          r={Math.min(3, cellWidth / 4)}
        />
      )}
    </>
  );
}

/** Five steps: an eye tells no more apart, and a cell does not flicker with every per cent. */
function shade(utilPct: number | null): number {
  if (utilPct === null) return 0.5;
  return 0.25 + 0.75 * (Math.round(Math.min(100, Math.max(0, utilPct)) / 25) / 4);
}

/** Diagonals clipped to the cell by their own end points. */
function hatch(cellWidth: number): string {
  const [left, right, top, bottom] = [1.5, cellWidth - 1.5, 2, height - 2];
  const lines: string[] = [];
  for (let sum = left + top + 3; sum < right + bottom; sum += 5) {
    const fromX = Math.max(left, sum - bottom);
    const toX = Math.min(right, sum - top);
    if (toX > fromX) lines.push(`M${fromX} ${sum - fromX}L${toX} ${sum - toX}`);
  }
  return lines.join('');
}
