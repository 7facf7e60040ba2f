import { toFailure } from '#common/failure.ts';
import type { GatewayState } from '#common/gateway.ts';
import type { Settings } from '#common/settings.ts';
import { type Clock, createAlarm } from '#common/timer.ts';
import type { GatewayListener } from './listener.ts';

export interface ListeningDeps {
  /** What the settings say now. */
  readonly wanted: () => Pick<Settings['gateway'], 'enabled' | 'port'>;
  readonly open: (port: number) => Promise<GatewayListener>;
  /** Called with each state that it comes to; it begins with `off`. */
  readonly onState: (state: GatewayState) => void;
  readonly clock?: Clock;
}

/** The gateway's listener as the settings want it: opened, moved to another port, closed. */
export interface Listening {
  /** The port at which it listens; null: at none. */
  port(): number | null;
  /** Follows the settings from now on; resolves as `follow`. */
  begin(): Promise<void>;
  /** To be called after a change of the settings; resolves when it listens, or has failed. Never rejects; without effect before `begin`. */
  follow(): Promise<void>;
  /** Cuts the connections of all clients. */
  cutAll(): void;
  /** Resolves when its port is free. */
  end(): Promise<void>;
}

/** A port that another copy of the app has is free when that one ends. */
const againMs = 10_000;

export function createListening({ wanted, open, onState, ...deps }: ListeningDeps): Listening {
  const retry = createAlarm({ background: true, ...deps });
  let phase: 'opened' | 'begun' | 'ended' = 'opened';
  let kind: GatewayState['kind'] = 'off';
  let listener: { readonly port: number; readonly open: GatewayListener } | null = null;
  /** One change after the other. */
  let settled: Promise<void> = Promise.resolve();

  const become = (state: GatewayState): void => {
    kind = state.kind;
    onState(state);
  };

  const listen = async (port: number): Promise<void> => {
    become({ kind: 'starting' });
    try {
      listener = { port, open: await open(port) };
      become({ kind: 'listening', port, url: urlOf(port) });
    } catch (error) {
      const failure = toFailure(error, 'forward');
      become({ kind: 'failed', failure });
      if (failure.code === 'port-in-use') retry.after(againMs, () => void follow());
    }
  };

  const settle = async (): Promise<void> => {
    const { enabled, port } = wanted();
    const isWanted = phase === 'begun' && enabled;
    if (isWanted && listener?.port === port) return;
    retry.cancel();
    const closing = listener;
    listener = null;
    await closing?.open.close();
    if (isWanted) await listen(port);
    else if (kind !== 'off') become({ kind: 'off' });
  };

  const follow = (): Promise<void> => {
    settled = settled.then(settle);
    return settled;
  };

  return {
    port: () => listener?.port ?? null,
    begin() {
      if (phase === 'opened') phase = 'begun';
      return follow();
    },
    follow,
    cutAll: () => listener?.open.cutAll(),
    end() {
      phase = 'ended';
      return follow();
    },
  };
}

/** The base URL of a gateway at that port. */
export function urlOf(port: number): string {
  return `http://127.0.0.1:${port}/v1`;
}
