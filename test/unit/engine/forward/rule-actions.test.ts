import { describe, expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Track } from '#engine/forward/auto-forward.ts';
import { createRuleActions } from '#engine/forward/rule-actions.ts';
import { createStore } from '#engine/store.ts';
import { snapshot } from '../../../support/snapshot.ts';

/** The rules with what they did; with an error nothing can be opened, and no session can be ended. */
function acting({ tmux = false, error = null as AppError | null } = {}) {
  const done: string[] = [];
  const settings = { ...defaultSettings, autoForward: { ...defaultSettings.autoForward, tmux } };
  const act = (what: string) => {
    done.push(what);
    if (error !== null) throw error;
  };
  const actions = createRuleActions({
    store: createStore(snapshot({ settings })),
    forwards: {
      open: async ({ hostId, origin }) => act(`open ${hostId} ${origin}`) as never,
      close: async (id) => act(`close ${id}`),
    },
    tmux: {
      openTmuxForward: async () => {
        act('open a session');
        return { id: 'tmux x' } as never;
      },
      kill: async (id) => act(`kill ${id}`),
    },
    log: () => undefined,
    now: () => 5000,
  });
  return { actions, done };
}
const track = { hostId: 'a', remotePort: 8000 } as Track;

describe('what the rules have decided', () => {
  it('is done here, as theirs', async () => {
    const { actions, done } = acting();
    expect(await actions.open(track)).toMatchObject({ opened: 'here', failed: null });
    await actions.close({ ...track, opened: 'here' } as Track);
    expect(done).toEqual(['open a auto', 'close a:8000']);
  });

  it('is done in tmux where the settings say so, and ended where it was begun', async () => {
    const { actions, done } = acting({ tmux: true });
    const opened = await actions.open(track);
    expect(opened).toMatchObject({ opened: { otherForwardId: 'tmux x' } });
    await actions.close(opened);
    expect(done).toEqual(['open a session', 'kill tmux x']);
  });

  it('that fails is tried again in a minute', async () => {
    const { actions } = acting({ error: new AppError('port-in-use') });
    expect(await actions.open(track)).toMatchObject({
      failed: { code: 'port-in-use', nextAttemptAt: 65_000 },
    });
  });

  it('is over where a session has ended on its own', async () => {
    const { actions } = acting({ error: new AppError('not-found') });
    await actions.close({ ...track, opened: { otherForwardId: 'tmux x' } } as Track);
  });
});
