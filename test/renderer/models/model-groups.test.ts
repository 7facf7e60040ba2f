import { describe, expect, test } from 'vitest';
import { modelRows } from '#common/select/servers.ts';
import type { ModelLoad } from '#common/servers.ts';
import { modelTable } from '../../../renderer/models/columns.tsx';
import { modelGroups, sortedGroups } from '../../../renderer/models/model-groups.ts';
import { orderOf } from '../../../renderer/table/column.ts';
import { host, server, snapshot } from '../samples.ts';

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
  const order = (key: string, direction: 'ascending' | 'descending') => {
    const column = orderOf(modelTable, { key, direction });
    if (column === undefined) throw new Error(`no column ${key}`);
    return sortedGroups(modelGroups(rows), column, direction).flatMap((group) =>
      group.rows.map(({ model }) => model?.id ?? '-'),
    );
  };

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
