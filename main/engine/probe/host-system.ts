/** The host's own processors and memory, as the shell of script.ts collects them from /proc. Pure. */

import type { HostSystem } from '#common/hosts.ts';

/**
 * Reads the first line of /proc/loadavg, a line `cpus 0-127` (/sys/devices/system/cpu/online) and lines of /proc/meminfo
 * in kB. What is missing is null. Never throws.
 */
export function parseHostSystem(text: string): HostSystem {
  const lines = text.slice(0, 4096).split('\n');
  const load = /^(\d{1,6}\.\d{1,3}) /.exec(lines[0] ?? '')?.[1];
  const kib = new Map<string, number>();
  let cpuCount: number | null = null;
  for (const line of lines) {
    const [, name = '', amount] = /^(\w{1,20}): {0,20}(\d{1,15}) kB$/.exec(line.trim()) ?? [];
    if (amount !== undefined) kib.set(name, Number(amount));
    const [, list] = /^cpus ([\d,-]{1,500})$/.exec(line.trim()) ?? [];
    if (list !== undefined) cpuCount = countCpus(list);
  }
  const total = kib.get('MemTotal');
  // Kernels before 3.14 name no MemAvailable.
  const available =
    kib.get('MemAvailable') ??
    (kib.has('MemFree')
      ? (kib.get('MemFree') ?? 0) + (kib.get('Buffers') ?? 0) + (kib.get('Cached') ?? 0)
      : undefined);
  return {
    cpuCount,
    load1: load === undefined ? null : Number(load),
    memTotalMiB: total === undefined ? null : toMiB(total),
    memUsedMiB: total === undefined || available === undefined ? null : toMiB(Math.max(0, total - available)),
  };
}

const toMiB = (kib: number): number => Math.round(kib / 1024);

/** `0-3,8,10-11` are 7. */
function countCpus(list: string): number | null {
  let count = 0;
  for (const run of list.split(',')) {
    const [from = '', to = from] = run.split('-');
    if (from === '' || to === '' || Number(to) < Number(from)) return null;
    count += Number(to) - Number(from) + 1;
  }
  return count > 0 && count < 100_000 ? count : null;
}
