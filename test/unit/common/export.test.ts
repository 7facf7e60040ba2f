import { expect, test } from 'vitest';
import { exportHistory, exportScan } from '#common/export.ts';
import { aProcess } from '../../support/samples.ts';
import { failed, gpu, host, snapshot } from '../../support/snapshot.ts';

/** RFC 4180, the other way round. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, bare = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
    if (end === '') break;
  }
  return rows.slice(0, -1);
}

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const hosts = [
  host('a', {
    measuredAt: now,
    gpus: [
      gpu({
        name: '=HYPERLINK("http://x"), "H100"',
        utilPct: null,
        processes: [{ ...aProcess, user: '-bob' }],
      }),
    ],
  }),
  host('b', { state: failed('unreachable'), measuredAt: null }),
];

test('a scan as CSV: unknown is empty, and no text is a formula', () => {
  const { fileName, text } = exportScan(snapshot({ hosts }), 'csv', now);
  expect(fileName).toBe('vllm-tray-scan-2026-01-02T03-04-05.csv');
  const [titles = [], first = [], second = [], ...more] = readCsv(text);
  expect(more).toEqual([]);
  const cell = (row: string[], title: string) => row[titles.indexOf(title)];
  expect(cell(first, 'name')).toBe('\'=HYPERLINK("http://x"), "H100"');
  expect(cell(first, 'users')).toBe("'-bob");
  expect(cell(first, 'utilPct')).toBe('');
  expect(cell(first, 'memUsedMiB')).toBe('4');
  expect(cell(first, 'measuredAt')).toBe('2026-01-02T03:04:05.000Z');
  expect([cell(second, 'host'), cell(second, 'code'), cell(second, 'gpu')]).toEqual([
    'b',
    'connection-refused',
    '',
  ]);
});

test('a scan as JSON is the hosts and servers as they are', () => {
  const { text, mediaType } = exportScan(snapshot({ hosts }), 'json', now);
  expect(mediaType).toBe('application/json');
  expect(JSON.parse(text)).toEqual({ exportedAt: '2026-01-02T03:04:05.000Z', hosts, servers: [] });
});

test('a history as CSV: one row per time and column', () => {
  const tracks = [
    { id: 'a', times: [0, 1000], columns: { 'GPU-0 utilPct': [5, null], 'a model, x running': [-1, 2] } },
  ];
  expect(readCsv(exportHistory(tracks, 'csv', now).text)).toEqual([
    ['time', 'id', 'subject', 'metric', 'value'],
    ['1970-01-01T00:00:00.000Z', 'a', 'GPU-0', 'utilPct', '5'],
    ['1970-01-01T00:00:01.000Z', 'a', 'GPU-0', 'utilPct', ''],
    ['1970-01-01T00:00:00.000Z', 'a', 'a model, x', 'running', '-1'],
    ['1970-01-01T00:00:01.000Z', 'a', 'a model, x', 'running', '2'],
  ]);
  expect(JSON.parse(exportHistory(tracks, 'json', now).text).tracks).toEqual(tracks);
});
