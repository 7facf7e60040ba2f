/** Numbers as people read them; the same in window, tray and terminal. */

/** `1 GPU`, `8 GPUs`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** `71.2` for 72,900 MiB: in GiB with one decimal below 100, none above. An unknown number is a dash. */
export function formatGiB(mib: number | null): string {
  if (mib === null) return '–';
  const gib = mib / 1024;
  return gib >= 99.95 ? gib.toFixed(0) : gib.toFixed(1);
}

/** `42 %`; an unknown number is a dash. */
export function formatPct(pct: number | null): string {
  return pct === null ? '–' : `${Math.round(pct)} %`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `0 B`, `12.3 kB`, `1.0 GB`: decimal units, as network tools print them. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1)} ${byteUnits[unit]}`;
}

/** `0:07`, `12:34`, `1:02:03` for a time in milliseconds. */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const pad = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

/** `7`, `12.3k`, `4.5M`: a count or rate in at most five characters; an unknown number is a dash. */
export function formatCount(value: number | null): string {
  if (value === null) return '–';
  if (value < 9.95) return value.toFixed(1).replace(/\.0$/, '');
  if (value < 9999.5) return value.toFixed(0);
  return value < 999_950 ? `${(value / 1000).toFixed(1)}k` : `${(value / 1_000_000).toFixed(1)}M`;
}

/** `85 ms`, `1.2 s`; an unknown time is a dash. */
export function formatLatency(ms: number | null): string {
  if (ms === null) return '–';
  return ms < 999.5 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
