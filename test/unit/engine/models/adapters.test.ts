import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { engineFacts } from '#common/engines.ts';
import { allEngines, engines } from '#engine/models/engines/registry.ts';
import { nameOf } from '#engine/models/metric-table.ts';

const rooms = ['main/engine/models/', 'main/engine/scan/', 'main/engine/forward/'];
const names = [...Object.keys(engines), ...Object.values(engineFacts).flatMap(({ title }) => title ?? [])];
const anyName = new RegExp(
  `\\b(?:${names.map((name) => name.replaceAll('.', '\\.')).join('|')})\\b(?!-tray)`,
  'gi',
);
/** The style of the API, which all of them share. */
const style = /^openai/i;

test('an engine is named in its adapter and nowhere beside it', async () => {
  for (const room of rooms) {
    const files = (await readdir(room)).filter((name) => name.endsWith('.ts'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const found = (await readFile(room + file, 'utf8')).match(anyName) ?? [];
      expect(
        found.filter((name) => !style.test(name)),
        room + file,
      ).toEqual([]);
    }
  }
});

test('each adapter stands under its own kind', () => {
  expect(Object.entries(engines).map(([kind, { kind: own }]) => own === kind || kind)).toEqual(
    allEngines.map(() => true),
  );
});

test('no two engines call a metric by one name, write one owner or send one header', () => {
  const tables = allEngines.flatMap(({ metrics }) => metrics ?? []);
  const metricNames = tables.flatMap(({ numbers, histograms, finished = [] }) => [
    ...new Set([
      ...Object.values(numbers).flat().map(nameOf),
      ...Object.values(histograms).flat(),
      ...finished,
    ]),
  ]);
  expect(new Set(metricNames).size).toBe(metricNames.length);
  const owners = allEngines.flatMap(({ owners: of }) => of);
  expect(new Set(owners).size).toBe(owners.length);
  const headers = allEngines.flatMap(({ serverHeader }) => serverHeader ?? []);
  expect(new Set(headers).size).toBe(headers.length);
});

test('every label by which samples are chosen has a role', () => {
  for (const { kind, metrics } of allEngines) {
    const chosenBy = Object.values(metrics?.numbers ?? {})
      .flat()
      .flatMap((series) => (typeof series === 'string' ? [] : Object.keys(series.where)));
    for (const label of chosenBy) expect(metrics?.labels[label], `${kind}: ${label}`).toBeDefined();
  }
});
