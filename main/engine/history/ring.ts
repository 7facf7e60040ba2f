import type { Track } from '#common/history.ts';

export type Values = Readonly<Record<string, number | null>>;
export type Table = Omit<Track, 'id'>;

/** Rows of numbers with a time each; the oldest give way. Grows with use up to its capacity. */
export interface Ring {
  /** A row from before the latest one is left out, or after a clock that was set back, the rows of the future are. A column that is missing is unknown. */
  push(atMs: number, values: Values): void;
  /** The rows between these times, both included, the oldest first. */
  read(fromMs: number, toMs?: number): Table;
  /** The time of the latest row; null before the first. */
  latestMs(): number | null;
}

/** Rows are at most this much out of order; more, and it was the clock. */
const setBackMs = 60_000;
const mostColumns = 1024;
const firstRows = 16;

/** All numbers of a ring are in one array: one for each column would take more memory for itself than for its numbers. */
export function createRing(capacity: number): Ring {
  let times = new Float64Array(Math.min(firstRows, capacity));
  /** Row after row, in each the columns by their position; NaN stands for unknown. */
  let cells = new Float32Array(0);
  const columns = new Map<string, number>();
  let width = 0;
  let next = 0;
  let count = 0;

  const resize = (rows: number, wider: number): void => {
    const [oldTimes, oldCells, oldWidth] = [times, cells, width];
    times = new Float64Array(rows);
    times.set(oldTimes);
    cells = new Float32Array(rows * wider).fill(Number.NaN);
    for (let row = 0; row < oldTimes.length; row += 1)
      cells.set(oldCells.subarray(row * oldWidth, (row + 1) * oldWidth), row * wider);
    width = wider;
  };

  const addColumns = (names: readonly string[]): void => {
    for (const name of names)
      if (!columns.has(name) && columns.size < mostColumns) columns.set(name, columns.size);
    if (columns.size > width) resize(times.length, columns.size);
  };

  /** Positions from the oldest to the latest. */
  const order = (): number[] =>
    Array.from({ length: count }, (_row, at) => (next - count + at + times.length) % times.length);

  const latestMs = (): number | null =>
    count === 0 ? null : (times[(next - 1 + times.length) % times.length] ?? null);

  const dropAfter = (atMs: number): void => {
    while ((latestMs() ?? 0) > atMs) {
      next = (next - 1 + times.length) % times.length;
      count -= 1;
    }
  };

  return {
    latestMs,
    push(atMs, values) {
      const aheadMs = (latestMs() ?? 0) - atMs;
      if (aheadMs > setBackMs) dropAfter(atMs);
      else if (aheadMs > 0) return;
      addColumns(Object.keys(values));
      if (count === times.length && times.length < capacity) {
        next = count;
        resize(Math.min(capacity, times.length * 2), width);
      }
      times[next] = atMs;
      cells.fill(Number.NaN, next * width, (next + 1) * width);
      for (const [name, value] of Object.entries(values)) {
        const column = columns.get(name);
        if (column !== undefined && value !== null) cells[next * width + column] = value;
      }
      next = (next + 1) % times.length;
      count = Math.min(count + 1, times.length);
    },
    read(fromMs, toMs = Number.POSITIVE_INFINITY) {
      const rows = order().filter((at) => {
        const time = times[at] ?? 0;
        return time >= fromMs && time <= toMs;
      });
      const read = [...columns].map(([name, column]) => [
        name,
        rows.map((at) => {
          const value = cells[at * width + column] ?? Number.NaN;
          return Number.isNaN(value) ? null : value;
        }),
      ]);
      return { times: rows.map((at) => times[at] ?? 0), columns: Object.fromEntries(read) };
    },
  };
}
