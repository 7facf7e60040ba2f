import type { ClientChannel } from 'ssh2';

/** What is used of ssh2's Channel beyond its public part; see lib/Channel.js of the pinned release. */
interface ChannelInternals {
  /** Bytes that the host may still send. */
  readonly incoming: { window: number; readonly state?: string };
  readonly outgoing: { readonly id: number; readonly state: string };
  readonly _client: {
    readonly _protocol: { channelWindowAdjust(channelId: number, bytes: number): void };
  };
}

/** Widens the windows of one connection's channels. */
export interface ChannelWindows {
  /**
   * Lets the host send further while earlier bytes are under way: what was read is granted anew in small steps, as OpenSSH
   * does it, and on a long way the window grows with every window that was read without lag. Small requests and slow
   * readers keep the window of the beginning. Does nothing where a future ssh2 is built otherwise.
   */
  widen(channel: ClientChannel, roundTripMs: number): void;
  /** How much the host has leave to send on this channel before it hears that the channel is closed. */
  mayStillCome(channel: ClientChannel): number;
}

/** What ssh2 gives a channel at first, and tops up only when half of it is used: 20 MB/s at 50 ms of round trip. */
const firstWindow = 2 * 1024 * 1024;
/** Beyond that, for all channels of a connection together: what their readers can make this computer hold when they stop. */
const mostBeyond = 14 * 1024 * 1024;
/** More than what is under way at this rate would only wait somewhere. */
const bytesPerMs = 400_000;

export function createChannelWindows(): ChannelWindows {
  let beyond = 0;
  return {
    mayStillCome(channel) {
      if (!hasInternals(channel)) return firstWindow;
      const { window, state } = channel.incoming;
      return state === 'eof' || state === 'closed' ? 0 : Math.max(0, window);
    },
    widen(channel, roundTripMs) {
      if (!hasInternals(channel)) return;
      const { incoming, outgoing, _client: client } = channel;
      const most = Math.min(mostBeyond, roundTripMs * bytesPerMs - firstWindow);
      let window = firstWindow;
      let readSinceGrowth = 0;
      channel.on('data', (chunk: Buffer) => {
        const waiting = channel.readableLength;
        readSinceGrowth = waiting > 0 ? 0 : readSinceGrowth + chunk.length;
        if (readSinceGrowth >= window && beyond + window <= most) {
          beyond += window;
          window *= 2;
          readSinceGrowth = 0;
        }
        const missing = window - waiting - incoming.window;
        if (missing < window / 8 || outgoing.state === 'closed') return;
        incoming.window += missing;
        client._protocol.channelWindowAdjust(outgoing.id, missing);
      });
      channel.once('close', () => {
        beyond -= window - firstWindow;
        window = firstWindow;
      });
    },
  };
}

function hasInternals(channel: object): channel is ChannelInternals {
  const { incoming, outgoing, _client: client } = channel as Partial<ChannelInternals>;
  return (
    typeof incoming?.window === 'number' &&
    typeof outgoing?.id === 'number' &&
    typeof client?._protocol?.channelWindowAdjust === 'function'
  );
}
