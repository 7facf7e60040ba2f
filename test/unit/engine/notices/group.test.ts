/** News that comes together is one notice. */

import { describe, expect, it } from 'vitest';
import type { News } from '#common/notices.ts';
import { createGroups } from '#engine/notices/group.ts';

const back = (...hostIds: string[]): News => ({ kind: 'host-back', hostIds });
const up = (...models: string[]): News => ({
  kind: 'model-up',
  models: models.map((model) => ({ serverId: 'a:8000', model })),
});
const free = (ruleId: string, gpus: number): News => ({
  kind: 'gpus-free',
  ruleId,
  counted: 'in-total',
  hosts: [{ hostId: 'a', gpus }],
});

describe('news', () => {
  it('waits two seconds for more of its kind, counted from the first, and is given out once', () => {
    const groups = createGroups();
    groups.add(back('a'), 0);
    groups.add(back('b', 'a'), 1900);
    expect(groups.due(1999)).toEqual([]);
    expect(groups.due(2000)).toMatchObject([{ kind: 'host-back', hostIds: ['a', 'b'], at: 2000 }]);
    expect(groups.due(10_000)).toEqual([]);
  });

  it('of other kinds stands apart', () => {
    const groups = createGroups();
    groups.add(back('a'), 0);
    groups.add({ kind: 'host-lost', hostIds: ['b'] }, 0);
    groups.add(up('m'), 1000);
    expect(groups.due(2000).map(({ kind }) => kind)).toEqual(['host-back', 'host-lost']);
    expect(groups.due(3000).map(({ kind }) => kind)).toEqual(['model-up']);
  });

  it('names each model and each forward once, with what is known of it last', () => {
    const groups = createGroups();
    groups.add(up('m', 'n'), 0);
    groups.add(up('n', 'o'), 1);
    groups.add({ kind: 'queue-long', models: [{ serverId: 's', model: 'm', waiting: 11 }] }, 0);
    groups.add({ kind: 'queue-long', models: [{ serverId: 's', model: 'm', waiting: 40 }] }, 1);
    groups.add({ kind: 'forward-lost', forwardIds: ['a:1'] }, 0);
    groups.add({ kind: 'forward-lost', forwardIds: ['a:1', 'a:2'] }, 1);
    const [models, queue, forwards] = groups.due(5000);
    expect(models).toMatchObject({ models: [{ model: 'm' }, { model: 'n' }, { model: 'o' }] });
    expect(queue).toMatchObject({ models: [{ model: 'm', waiting: 40 }] });
    expect(forwards).toMatchObject({ forwardIds: ['a:1', 'a:2'] });
  });

  it('of free GPUs is of the rule that asked, by its latest count', () => {
    const groups = createGroups();
    groups.add(free('one', 2), 0);
    groups.add(free('other', 5), 0);
    groups.add(free('one', 3), 1);
    expect(groups.due(5000)).toMatchObject([
      { ruleId: 'one', hosts: [{ gpus: 3 }] },
      { ruleId: 'other', hosts: [{ gpus: 5 }] },
    ]);
  });

  it('has ids of its own, also at the same moment', () => {
    const groups = createGroups();
    groups.add(back('a'), 0);
    groups.add(up('m'), 0);
    const first = groups.due(5000);
    groups.add(back('a'), 3000);
    const ids = [...first, ...groups.due(5000)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
  });
});
