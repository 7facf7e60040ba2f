import { readFileSync } from 'node:fs';

/** What a piece of work took. */
export interface Cost {
  readonly wallMs: number;
  /** CPU time of this process and of the children that have ended meanwhile. */
  readonly cpuMs: number;
  /** What of it the kernel did: on one computer it also does the far end's part of each link. */
  readonly systemMs: number;
}

/** Measures the work: wall time, and CPU time of this process and of every child process it started and waited for. */
export async function measure(work: () => Promise<unknown>): Promise<Cost> {
  const [cpuBefore, systemBefore] = [cpuMs(), systemMs()];
  const startedAt = performance.now();
  await work();
  return {
    wallMs: performance.now() - startedAt,
    cpuMs: cpuMs() - cpuBefore,
    systemMs: systemMs() - systemBefore,
  };
}

/** CPU time so far, of this process and of its children that have ended. */
export function cpuMs(): number {
  const own = process.cpuUsage();
  return (own.user + own.system) / 1000 + childrenCpuMs();
}

/** The part of {@link cpuMs} that the kernel did. */
export function systemMs(): number {
  return process.cpuUsage().system / 1000 + childrenTicks()[1] * 10;
}

function childrenCpuMs(): number {
  const [user, system] = childrenTicks();
  return (user + system) * 10;
}

/** cutime and cstime of /proc/self/stat (proc(5), fields 16 and 17), in clock ticks of 10 ms. */
function childrenTicks(): readonly [user: number, system: number] {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [Number(fields[13]), Number(fields[14])];
}
