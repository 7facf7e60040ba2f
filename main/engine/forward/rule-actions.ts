import { toFailure } from '#common/failure.ts';
import { serverId } from '#common/ids.ts';
import type { OtherForward, TmuxForwardRequest } from '#common/other-forwards.ts';
import type { Log } from '../diagnostics/log.ts';
import type { Store } from '../store.ts';
import type { Track } from './auto-forward.ts';
import type { Forwards } from './forwards.ts';

export interface RuleActionsDeps {
  readonly store: Store;
  readonly forwards: Pick<Forwards, 'open' | 'close'>;
  /** Opens a forward in a tmux session, and ends one. */
  readonly tmux: {
    openTmuxForward(request: TmuxForwardRequest): Promise<OtherForward>;
    kill(otherForwardId: string): Promise<void>;
  };
  readonly log: Log;
  /** Milliseconds. */
  readonly now: () => number;
}

/** What the auto-forward rules decide to do, done here or in tmux as the settings say. */
export interface RuleActions {
  /** Returns the track with what was opened, or with why nothing was and when to try again. */
  open(track: Track): Promise<Track>;
  /** Closes what was opened. */
  close(track: Track): Promise<void>;
}

/** What the range of ports, a pinned one or tmux had against it may have changed by then. */
const retryMs = 60_000;

export function createRuleActions({ store, forwards, tmux, log, now }: RuleActionsDeps): RuleActions {
  return {
    async open(track) {
      const { hostId, remotePort } = track;
      try {
        if (!store.current().settings.autoForward.tmux) {
          await forwards.open({ hostId, remotePort, origin: 'auto' });
          return { ...track, opened: 'here', failed: null };
        }
        const { id } = await tmux.openTmuxForward({ hostId, remotePort });
        return { ...track, opened: { otherForwardId: id }, failed: null };
      } catch (error) {
        const failure = toFailure(error, 'forward', now() + retryMs);
        log('info', `${hostId}:${remotePort} is not forwarded: ${failure.code}`);
        return { ...track, failed: failure };
      }
    },
    async close({ hostId, remotePort, opened }) {
      if (typeof opened === 'string') await forwards.close(serverId(hostId, remotePort));
      // It may have ended on its own.
      else await tmux.kill(opened.otherForwardId).catch(() => undefined);
    },
  };
}
