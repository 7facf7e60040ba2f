/** Which rules are applied to a Snapshot, and from when on. */

import { describe, expect, it } from 'vitest';
import { defaultSettings, type NotificationRule, type Settings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { createRules } from '#engine/notices/rules.ts';
import { aFreeRule as rule } from '../../../support/samples.ts';
import { gpu, host, server, snapshot } from '../../../support/snapshot.ts';

const scanned = { kind: 'done', done: 1, total: 1, startedAt: 0, finishedAt: 1 } as const;
const noScan = { ...scanned, kind: 'running' } as const;
const free = [host('gpu1', { gpus: [gpu()] })];

const view = (
  rules: readonly NotificationRule[],
  fields: Partial<Snapshot> = {},
  notifications: Partial<Settings['notifications']> = {},
): Snapshot => {
  const all = { ...defaultSettings.notifications, enabled: true, rules: [...rules], ...notifications };
  return snapshot({
    hosts: free,
    scan: scanned,
    settings: { ...defaultSettings, notifications: all },
    ...fields,
  });
};

/** What the rules call news of these Snapshots, one second after the other. */
function news(...snapshots: readonly Snapshot[]) {
  const rules = createRules();
  return snapshots.map((one, second) =>
    rules.look(one, second * 1000).map(({ rule: by, news: { kind } }) => [by.id, kind]),
  );
}

const nothing = view([]);

describe('the rules', () => {
  it('say which of them has news', () => {
    expect(news(nothing, view([rule]))).toEqual([[], [['free', 'gpus-free']]]);
  });

  it('say nothing of what was so when the app started, and something when they are made or changed', () => {
    const other = { ...rule, atLeast: 1, gpu: 'h100' };
    const named = [host('gpu1', { gpus: [gpu({ name: 'NVIDIA H100' })] })];
    expect(news(view([rule]), view([rule]), view([other], { hosts: named }))).toEqual([
      [],
      [],
      [['free', 'gpus-free']],
    ]);
  });

  it('go on where other settings change: the same rule in a new object is the same', () => {
    expect(news(nothing, view([rule]), view([structuredClone(rule)]))[2]).toEqual([]);
  });

  it('wait until the first scan has ended, also one that was cancelled', () => {
    const early = view([rule], { scan: noScan });
    const cancelled = view([rule], { scan: { ...scanned, kind: 'cancelled' } });
    expect(news(view([], { scan: noScan }), early, cancelled, early)).toEqual([
      [],
      [],
      [['free', 'gpus-free']],
      [],
    ]);
  });

  it.each<[string, Snapshot]>([
    ['that is switched off', view([{ ...rule, enabled: false }])],
    ['while notifications are', view([rule], {}, { enabled: false })],
    ['on hosts that it does not name', view([{ ...rule, hosts: ['other*'] }])],
    ['on hosts that are muted', view([rule], {}, { mutedHosts: ['gpu1'] })],
  ])('say nothing by a rule %s', (_name, one) => {
    expect(news(nothing, one)).toEqual([[], []]);
  });

  it('each say it where two watch for the same', () => {
    const up: NotificationRule = { id: 'up', kind: 'model-up', enabled: true, hosts: [], models: [] };
    const [before, after] = [[], [server('gpu1', 8000, ['m'])]].map((servers) =>
      view([up, { ...up, id: 'too' }], { servers }),
    );
    expect(news(before as Snapshot, after as Snapshot)[1]).toEqual([
      ['up', 'model-up'],
      ['too', 'model-up'],
    ]);
  });
});
