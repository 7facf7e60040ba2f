/** A scan and its history as files for other programs: JSON, and CSV (RFC 4180). Pure. */

import { asOf } from './freshness.ts';
import type { Track } from './history.ts';
import { failureOf } from './select/failures.ts';
import { isIdleOrUnknown, usersOf } from './select/gpus.ts';
import type { Snapshot } from './snapshot.ts';

export type ExportFormat = 'json' | 'csv';

export interface ExportedFile {
  readonly fileName: string;
  readonly mediaType: string;
  readonly text: string;
}

type Cell = string | number | boolean | null;
type Row = Readonly<Record<string, Cell>>;

/** One row per GPU, and one for every host without any; what is too old to be true now is unknown. */
export function exportScan(measured: Snapshot, format: ExportFormat, now: number): ExportedFile {
  const snapshot = asOf(measured, now);
  const rows = snapshot.hosts.flatMap((host): readonly Row[] => {
    const start = {
      host: host.alias,
      state: host.state.kind,
      code: failureOf(host.state)?.code ?? null,
      measuredAt: isoTime(host.measuredAt),
    };
    if (host.gpus.length === 0) return [{ ...start, ...noGpu }];
    return host.gpus.map((gpu) => ({
      ...start,
      gpu: gpu.index,
      uuid: gpu.uuid,
      name: gpu.name,
      utilPct: gpu.utilPct,
      memUsedMiB: gpu.memUsedMiB,
      memTotalMiB: gpu.memTotalMiB,
      temperatureC: gpu.temperatureC,
      powerW: gpu.powerW,
      idle: isIdleOrUnknown(gpu, snapshot.settings.idleRule),
      users: usersOf(gpu).join(' '),
      problem: gpu.problem,
    }));
  });
  const json = { exportedAt: isoTime(now), hosts: snapshot.hosts, servers: snapshot.servers };
  return file('scan', { format, now, json, rows });
}

const noGpu = {
  gpu: null,
  uuid: null,
  name: null,
  utilPct: null,
  memUsedMiB: null,
  memTotalMiB: null,
  temperatureC: null,
  powerW: null,
  idle: null,
  users: '',
  problem: null,
};

/** One row per time and column. */
export function exportHistory(tracks: readonly Track[], format: ExportFormat, now: number): ExportedFile {
  const rows = tracks.flatMap(({ id, times, columns }) =>
    Object.entries(columns).flatMap(([name, values]): readonly Row[] => {
      const at = name.lastIndexOf(' ');
      return values.map((value, index) => ({
        time: isoTime(times[index] ?? null),
        id,
        subject: name.slice(0, at),
        metric: name.slice(at + 1),
        value,
      }));
    }),
  );
  return file('history', { format, now, json: { exportedAt: isoTime(now), tracks }, rows });
}

interface Content {
  readonly format: ExportFormat;
  readonly now: number;
  readonly json: unknown;
  readonly rows: readonly Row[];
}

function file(name: string, { format, now, json, rows }: Content): ExportedFile {
  const stamp = (isoTime(now) ?? '').replace(/[:.]/g, '-').slice(0, 19);
  const fileName = `vllm-tray-${name}-${stamp}.${format}`;
  return format === 'json'
    ? { fileName, mediaType: 'application/json', text: `${JSON.stringify(json, null, 2)}\n` }
    : { fileName, mediaType: 'text/csv', text: toCsv(rows) };
}

function toCsv(rows: readonly Row[]): string {
  const titles = Object.keys(rows[0] ?? {});
  const lines = [titles, ...rows.map((row) => titles.map((title) => csvCell(row[title] ?? null)))];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

/** Unknown is empty. Text that a spreadsheet would take for a formula gets an apostrophe (OWASP, CSV injection). */
function csvCell(value: Cell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
