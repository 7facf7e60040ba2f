import { describe, expect, it } from 'vitest';
import type { Launch } from '#common/launches.ts';
import { noticeText } from '#common/words/notices.ts';
import { watchLaunches } from '#engine/notices/launch-events.ts';
import { launch, snapshot } from '../../../support/snapshot.ts';

const failed = { kind: 'failed', failure: { kind: 'out-of-memory', line: 'x' } } as const;
const loading = { kind: 'load', pct: null } as const;

describe('launches', () => {
  const watch = () => {
    const watcher = watchLaunches();
    return (launches: readonly Launch[], concerns = true) =>
      watcher.look({ snapshot: snapshot({ launches }), nowMs: 100_000, concerns: () => concerns });
  };

  it('are news once when they are ready or have failed', () => {
    const look = watch();
    expect(look([launch('h', 'a', { stage: loading }), launch('h', 'b', { stage: loading })])).toEqual([]);
    const after = [launch('h', 'a', { model: 'org/a' }), launch('h', 'b', { model: null, stage: failed })];
    expect(look(after)).toEqual([
      { kind: 'launch-ready', launches: [{ launchId: 'h/a', hostId: 'h', model: 'org/a' }] },
      {
        kind: 'launch-failed',
        launches: [{ launchId: 'h/b', hostId: 'h', model: 'b', failure: 'out-of-memory' }],
      },
    ]);
    expect(look(after)).toEqual([]);
  });

  it('are none when they are found as they are, when a person ends them, or where the rule does not look', () => {
    const look = watch();
    expect(look([launch('h', 'a')])).toEqual([]);
    expect(look([launch('h', 'a'), launch('other', 'old', { stage: failed })])).toEqual([]);
    expect(look([launch('h', 'a', { stage: { kind: 'stopped', why: 'asked' } })])).toEqual([]);
    expect(look([launch('h', 'c', { stage: failed, startedAt: 99_000 })], false)).toEqual([]);
  });

  it('that have just been started are news also where they fail before they are first seen', () => {
    const look = watch();
    look([]);
    const fresh = launch('h', 'b', { stage: failed, startedAt: 90_000 });
    expect(look([launch('h', 'a', { stage: failed }), fresh])).toMatchObject([
      { kind: 'launch-failed', launches: [{ launchId: 'h/b' }] },
    ]);
  });

  it('are told with the model, the host and why', () => {
    const launches = [{ launchId: 'h/b', hostId: 'h', model: 'org/b', failure: 'out-of-memory' }] as const;
    const notice = { id: '1', at: 0, kind: 'launch-failed', launches } as const;
    expect(noticeText(notice, snapshot({}), 'en')).toEqual({
      title: 'A launch has failed',
      body: 'org/b · h: The GPUs do not have enough memory',
    });
    expect(noticeText(notice, snapshot({}), 'ru').title).toBe('Запуск не удался');
  });
});
