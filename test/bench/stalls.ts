/** How long the event loop could not run, in milliseconds. */
export interface Stalls {
  /** By the clock, whatever the reason: also that other programs have the cores. */
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The part of it in which this process itself was at work. */
  readonly ownP99Ms: number;
  readonly ownMaxMs: number;
}

const everyMs = 10;

/**
 * Watches the event loop by a timer of its own every 10 ms. How late it comes is a stall; of that, no more can be the fault of
 * this process than the CPU time it used meanwhile. perf_hooks.monitorEventLoopDelay does not tell these two apart, and here
 * the hosts run on the same cores.
 */
export function watchStalls(): { stop(): Stalls } {
  const late: number[] = [];
  const own: number[] = [];
  let at = performance.now();
  let cpu = process.cpuUsage();
  const timer = setInterval(() => {
    const now = performance.now();
    const used = process.cpuUsage(cpu);
    const lateMs = Math.max(0, now - at - everyMs);
    late.push(lateMs);
    own.push(Math.min(lateMs, (used.user + used.system) / 1000));
    at = now;
    cpu = process.cpuUsage();
  }, everyMs);
  return {
    stop() {
      clearInterval(timer);
      const [lates, owns] = [late, own].map((all) => all.sort((a, b) => a - b));
      const p99 = (all: readonly number[] = []): number => all[Math.floor(all.length * 0.99)] ?? 0;
      return {
        p99Ms: p99(lates),
        maxMs: lates?.at(-1) ?? 0,
        ownP99Ms: p99(owns),
        ownMaxMs: owns?.at(-1) ?? 0,
      };
    },
  };
}

export function describeStalls({ p99Ms, maxMs, ownP99Ms, ownMaxMs }: Stalls): string {
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  return `p99 ${ms(p99Ms)}, longest ${ms(maxMs)}; while itself at work p99 ${ms(ownP99Ms)}, longest ${ms(ownMaxMs)}`;
}
