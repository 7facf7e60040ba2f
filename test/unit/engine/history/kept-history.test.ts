import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKeptHistory } from '#engine/history/kept-history.ts';
import { createStore } from '#engine/store.ts';
import { gpu, host, snapshot } from '../../../support/snapshot.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-history-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** An engine's history in that folder, and a measurement that it sees. */
function start(where: string | null) {
  const measuredAt = Date.now();
  const store = createStore(snapshot({ hosts: [host('a')] }));
  const kept = createKeptHistory(store, where);
  return {
    kept,
    measure: () => {
      store.apply({ kind: 'host-changed', host: host('a', { gpus: [gpu()], measuredAt }) });
      store.dispose();
    },
    ids: () => kept.history.ids(),
  };
}

describe('what was measured', () => {
  it('is there at the next start, where the settings keep it', async () => {
    const first = start(folder);
    first.kept.keep(true);
    first.measure();
    expect(first.ids().length).toBeGreaterThan(0);
    await first.kept.dispose();
    const next = start(folder);
    next.kept.keep(true);
    await vi.waitFor(() => expect(next.ids()).toEqual(first.ids()));
    await next.kept.dispose();
  });

  it('lasts as long as the engine where they do not, or where there is no folder', async () => {
    for (const where of [folder, null]) {
      const { kept, measure, ids } = start(where);
      kept.keep(false);
      measure();
      expect(ids().length).toBeGreaterThan(0);
      await kept.dispose();
    }
    expect([existsSync(path.join(folder, 'history.json')), start(null).kept.path]).toEqual([false, null]);
  });
});
