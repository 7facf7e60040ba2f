const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** The next of 1, 2, 5, 10, 20, ... above all values: an axis that seldom moves. */
export function axisTop(values: readonly (number | null)[]): number {
  const most = values.reduce<number>((top, value) => Math.max(top, value ?? 0), 1);
  const decade = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * decade).find((step) => step >= most) ?? most;
}

/** One character per value on an axis from 0 to `top`; a gap stays empty. */
export function sparkline(values: readonly (number | null)[], top: number): string {
  return values
    .map((value) => {
      if (value === null) return ' ';
      const share = Math.min(1, Math.max(0, value / top));
      return blocks[Math.min(blocks.length - 1, Math.floor(share * blocks.length))] ?? ' ';
    })
    .join('');
}
