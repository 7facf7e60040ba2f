import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** One line on what this runs on, and how much of it is taken by others at this moment. */
export async function describeMachine(): Promise<string> {
  const cores = availableParallelism();
  const busy = busyMs();
  await delay(2000);
  const othersPct = ((busyMs() - busy) / 2000 / cores) * 100;
  const memoryGiB = Math.round(totalmem() / 2 ** 30);
  return `${cores} cores (${cpus()[0]?.model.trim()}), ${memoryGiB} GiB, Node ${process.versions.node}; others use ${othersPct.toFixed(0)} % of the cores at the start.`;
}

/** Milliseconds for which the cores were busy since the computer started, all together (proc(5), /proc/stat). */
export function busyMs(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) * 10;
}
