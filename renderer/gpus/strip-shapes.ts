/** The shapes of a strip of GPUs: all cells of a look in one path, so that a thousand GPUs cost no thousand elements. Pure. */

import type { Gpu, IdleRule } from '#common/hosts.ts';
import { type GpuCondition, gpuCondition } from '#common/select/gpus.ts';

export const stripWidth = 152;
export const stripHeight = 26;
const widestCell = 15;

export interface StripShapes {
  readonly conditions: readonly GpuCondition[];
  /** From the left edge of one cell to the next. */
  readonly pitch: number;
  readonly frames: Readonly<Partial<Record<GpuCondition, string>>>;
  /** Memory in use, by how loaded the GPU is: 0 to 4. */
  readonly fills: readonly { readonly shade: number; readonly path: string }[];
  readonly hatch: string;
  /** Rings, or dots where a ring would be too small. */
  readonly idle: string;
  readonly idleIsDot: boolean;
}

/** Fill height is memory, shade is utilisation, a ring marks idle and a hatch an error. */
export function stripShapes(gpus: readonly Gpu[], rule: IdleRule): StripShapes {
  const { pitch, width, cells } = gridOf(gpus.length);
  const conditions = gpus.map((gpu) => gpuCondition(gpu, rule));
  const frames: Partial<Record<GpuCondition, string>> = {};
  const fills = ['', '', '', '', ''];
  let hatch = '';
  let idle = '';
  gpus.forEach((gpu, at) => {
    const condition = conditions[at] ?? 'unknown';
    const left = at * pitch;
    frames[condition] = (frames[condition] ?? '') + (cells[at]?.frame ?? '');
    if (condition === 'problem') hatch += hatching(left, width);
    if (condition === 'idle') idle += cells[at]?.mark ?? '';
    if (condition === 'idle' || condition === 'busy')
      fills[shadeOf(gpu.utilPct)] += fill(left, width, memoryShare(gpu));
  });
  return {
    conditions,
    pitch,
    frames,
    fills: fills.map((path, shade) => ({ shade, path })).filter(({ path }) => path !== ''),
    hatch,
    idle,
    idleIsDot: width < 7,
  };
}

interface Grid {
  readonly pitch: number;
  readonly width: number;
  /** What looks the same whatever is measured. */
  readonly cells: readonly { readonly frame: string; readonly mark: string }[];
}

const grids = new Map<number, Grid>();
/** Hosts have few numbers of GPUs. */
const mostGrids = 100;

function gridOf(count: number): Grid {
  const known = grids.get(count);
  if (known !== undefined) return known;
  const gap = count <= 8 ? 4 : count <= 24 ? 2 : 0.75;
  const width = Math.min(widestCell, (stripWidth - (count - 1) * gap) / count);
  const pitch = width + gap;
  const cells = Array.from({ length: count }, (_, at) => {
    const left = at * pitch;
    return { frame: frame(left, width), mark: circle(left + width / 2, Math.min(3, width / 4)) };
  });
  if (grids.size === mostGrids) grids.clear();
  grids.set(count, { pitch, width, cells });
  return { pitch, width, cells };
}

/** Unknown memory gives a full cell: something runs there, how much is not said. */
function memoryShare({ memUsedMiB, memTotalMiB }: Gpu): number {
  return memUsedMiB === null || !memTotalMiB ? 1 : Math.min(1, memUsedMiB / memTotalMiB);
}

/** Five steps: an eye tells no more apart, and a cell does not flicker with every per cent. Unknown is in the middle. */
function shadeOf(utilPct: number | null): number {
  return utilPct === null ? 2 : Math.round(Math.min(100, Math.max(0, utilPct)) / 25);
}

function frame(left: number, width: number): string {
  const inset = width >= 5 ? 0.75 : 0.25;
  const inner = Math.max(0.5, width - 2 * inset);
  return roundedBox(left + inset, 0.75, inner, stripHeight - 1.5, Math.min(2.5, width / 4, inner / 2));
}

function fill(left: number, width: number, share: number): string {
  const height = share === 0 ? 0 : Math.max(1.5, share * (stripHeight - 4));
  const pad = width >= 5 ? 2 : 0.25;
  const inner = Math.max(0.5, width - 2 * pad);
  const radius = width >= 5 ? Math.min(1, height / 2) : 0;
  return roundedBox(left + pad, stripHeight - 2 - height, inner, height, radius);
}

function roundedBox(x: number, y: number, width: number, height: number, radius: number): string {
  const r = round(radius);
  const [across, down] = [round(width - 2 * radius), round(height - 2 * radius)];
  const corner = (dx: number, dy: number) => (r === 0 ? '' : `a${r} ${r} 0 0 1 ${dx} ${dy}`);
  return `M${round(x + radius)} ${round(y)}h${across}${corner(r, r)}v${down}${corner(-r, r)}h${-across}${corner(-r, -r)}v${-down}${corner(r, -r)}Z`;
}

function circle(x: number, radius: number): string {
  const r = round(radius);
  return `M${round(x - radius)} ${stripHeight / 2}a${r} ${r} 0 1 1 ${2 * r} 0a${r} ${r} 0 1 1 ${-2 * r} 0Z`;
}

/** Diagonals clipped to the cell by their own end points. */
function hatching(cell: number, width: number): string {
  const [left, right, top, bottom] = [1.5, width - 1.5, 2, stripHeight - 2];
  const lines: string[] = [];
  for (let sum = left + top + 3; sum < right + bottom; sum += 5) {
    const from = Math.max(left, sum - bottom);
    const to = Math.min(right, sum - top);
    if (to > from)
      lines.push(`M${round(cell + from)} ${round(sum - from)}L${round(cell + to)} ${round(sum - to)}`);
  }
  return lines.join('');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
