import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { ModelLoad } from '#common/model.ts';
import { modelRows } from '#common/select.ts';
import { defaultSettings } from '#common/settings.ts';
import { rulesText } from '../../renderer/forwards/auto-forward-text.ts';
import { ratesBetween } from '../../renderer/forwards/use-rates.ts';
import { forwardWords } from '../../renderer/forwards/words.ts';
import { curlCommand, pythonProgram } from '../../renderer/lib/commands.ts';
import { type ModelSortKey, modelGroups, sortedGroups } from '../../renderer/lib/model-groups.ts';
import { type StillOrder, stillOrder } from '../../renderer/lib/still-order.ts';
import { createSharedAxis, roundTop } from '../../renderer/models/shared-axis.ts';
import { host, server, snapshot } from './samples.ts';

describe('the order of models', () => {
  const load = (running: number) => [{ model: null, running } as ModelLoad];
  const rows = modelRows(
    snapshot({
      hosts: [host('b', 1, 0), host('a', 1, 0)],
      servers: [
        server('b', 8000, [], {
          models: [
            { id: 'model-10', maxModelLen: 100, parent: null },
            { id: 'lora', maxModelLen: null, parent: 'model-10' },
            { id: 'model-9', maxModelLen: 200, parent: null },
          ],
        }),
        server('a', 8000, [], { state: { kind: 'locked' } }),
        server('a', 8001, ['model-1'], { loads: load(3), engine: 'ollama', version: null }),
      ],
    }),
  );
  const order = (key: ModelSortKey, direction: 'ascending' | 'descending') =>
    sortedGroups(modelGroups(rows), { key, direction }).flatMap((group) =>
      group.rows.map(({ model }) => model?.id ?? '-'),
    );

  test('adapters stay below their base, and what is not known comes last either way', () => {
    expect(order('model', 'ascending')).toEqual(['model-1', 'model-9', 'model-10', 'lora', '-']);
    expect(order('model', 'descending')).toEqual(['model-10', 'lora', 'model-9', 'model-1', '-']);
    expect(order('context', 'descending')).toEqual(['model-1', 'model-9', 'model-10', 'lora', '-']);
    expect(order('running', 'ascending').slice(0, 2)).toEqual(['model-1', 'model-10']);
  });

  test('by server is the order of the SSH configuration, by state the best first', () => {
    expect(order('server', 'ascending')).toEqual(['model-10', 'lora', 'model-9', '-', 'model-1']);
    expect(order('server', 'descending')).toEqual(['model-1', '-', 'model-9', 'model-10', 'lora']);
    expect(order('state', 'descending')[0]).toBe('-');
    expect(order('engine', 'ascending')[0]).toBe('model-1');
  });
});

describe('an order that holds still', () => {
  const sort = {};
  const options = { sort, live: true, held: false, turn: 0, scannedAt: null };
  const keysOf = (order: StillOrder) => order.keys.join('');
  const first = stillOrder(null, ['a', 'b', 'c'], options);

  test('moves when it is its turn, after a scan, and when another order is asked for', () => {
    const next = (sorted: string, change: Partial<typeof options>) =>
      keysOf(stillOrder(first, [...sorted], { ...options, ...change }));
    expect(next('cba', {})).toBe('abc');
    expect(next('cba', { turn: 1 })).toBe('cba');
    expect(next('cba', { scannedAt: 5 } as object)).toBe('cba');
    expect(next('cba', { sort: {}, held: true })).toBe('cba');
    expect(next('cba', { live: false })).toBe('cba');
    expect(next('cba', { live: false, held: true })).toBe('abc');
  });

  test('lets rows go at once, takes new ones at its end, and catches up when it is let go', () => {
    const held = stillOrder(first, ['d', 'c', 'a'], { ...options, held: true, turn: 1 });
    expect(keysOf(held)).toBe('acd');
    expect(stillOrder(held, ['d', 'c', 'a'], { ...options, held: true, turn: 1 })).toBe(held);
    expect(keysOf(stillOrder(held, ['d', 'c', 'a'], { ...options, turn: 1 }))).toBe('dca');
  });
});

test('an axis grows in round steps and never shrinks', () => {
  expect([1, 99, 100, 101, 480, 512, 5001].map(roundTop)).toEqual([1, 100, 100, 200, 500, 1000, 10_000]);
  const axis = createSharedAxis(100);
  const tops: number[] = [];
  axis.subscribe(() => tops.push(axis.top()));
  for (const value of [50, 700, 300, 1500]) axis.reach(value);
  expect(tops).toEqual([1000, 2000]);
});

test('rates follow the counters, and are the same object while nothing flows', () => {
  const at = (atMs: number, bytesIn: number, bytesOut: number) => ({
    atMs,
    traffic: { openConnections: 1, totalConnections: 1, bytesIn, bytesOut },
  });
  expect(ratesBetween(at(0, 1000, 0), at(2000, 5000, 100))).toEqual({ in: 2000, out: 50 });
  const still = ratesBetween(at(0, 10, 10), at(2000, 10, 10));
  expect(ratesBetween(at(0, 10, 10), at(2000, 5, 10))).toBe(still);
  expect(still).toEqual({ in: 0, out: 0 });
});

test('the rules of auto-forward fit in a line', () => {
  const { autoForward } = defaultSettings;
  const text = (change: Partial<typeof autoForward>) =>
    rulesText({ ...autoForward, ...change }, forwardWords.en, (ms) => `${ms / 1000} s`);
  expect(text({})).toBe('every model, on all hosts; closes 60 s after its model is gone.');
  expect(
    text({
      allowModels: ['llama*', 'b', 'c', 'd', 'e'],
      denyModels: ['*draft*'],
      allowHosts: ['gpu-*'],
      denyHosts: ['gpu-9'],
      keepGone: true,
      tmux: true,
    }),
  ).toBe(
    'models llama* b c d …, not *draft*, on hosts gpu-*, not on gpu-9, as tmux sessions; stays when its model is gone.',
  );
});

const hasPython = spawnSync('python3', ['--version']).error === undefined;
if (!hasPython) console.log('skipped: there is no python3 to read the Python program');

test.skipIf(!hasPython)('the Python program is one, whatever the model is called', () => {
  const id = `it's """a""" \\ {x} \u2028 \u00e9 \ud83c\udf0d # "); import os`;
  for (const needsKey of [false, true]) {
    const program = pythonProgram('http://localhost:1/v1', { model: id, needsKey });
    const read = `import ast, json, sys
tree = ast.parse(sys.stdin.read())
print(json.dumps([node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]))`;
    const constants = JSON.parse(
      execFileSync('python3', ['-c', read], { input: program, encoding: 'utf8' }),
    ) as unknown[];
    expect(constants).toContain(id);
    expect(constants.includes('none')).toBe(!needsKey);
  }
  expect(pythonProgram('http://localhost:1/v1', { model: null, needsKey: false })).toContain('models.list()');
});

test('a command for a server with a key takes it from the environment', () => {
  const command = curlCommand('http://localhost:1/v1', { model: 'm', needsKey: true });
  const words = execFileSync('/bin/sh', ['-c', `curl() { printf '%s\\n' "$@"; }\n${command}`], {
    encoding: 'utf8',
    env: { ...process.env, OPENAI_API_KEY: 'sk-1' },
  });
  expect(words).toContain('Authorization: Bearer sk-1\n');
});
