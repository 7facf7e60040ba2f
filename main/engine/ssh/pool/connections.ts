import { AppError } from '#common/failure.ts';
import type { Asking } from '../asking.ts';
import type { ResolvedHost } from '../config/resolved.ts';
import type { Connector, Jump, OpenRequest } from '../connector.ts';
import { hopFailure } from '../failure.ts';
import type { LivenessTimes } from '../liveness.ts';
import type { Transport } from '../transport.ts';
import { createJumpSlots } from './jump-slots.ts';
import { createPlaceMap, type Place } from './places.ts';
import { type Opened, type Pooled, type PooledState, type StepListener, startPooled } from './pooled.ts';
import { lastOf, type Route } from './routes.ts';

export interface JoinOptions {
  readonly signal?: AbortSignal | undefined;
  readonly asking: Asking;
  readonly isJumpHost: boolean;
  readonly onStep?: StepListener | undefined;
}

/** The connections that are open or about to be, one at a place; those to jump hosts are opened on the way. */
export interface Connections {
  /** The connection at the place, opened over the route if there is none. Errors: those of `Pool.get` but the resolver's. */
  join(place: Place, route: Route, options: JoinOptions): Promise<Transport>;
  /** The connection that is open at the place. */
  openAt(place: Place): Extract<PooledState, { kind: 'open' }> | null;
  /** All that are open. */
  transports(): readonly Transport[];
  /** Ends all, or those to the targets that the function picks; resolves when nothing is left of them. */
  close(picks?: (target: string) => boolean): Promise<void>;
}

export function createConnections(connector: Connector, times: LivenessTimes): Connections {
  const all = createPlaceMap<Pooled>();

  const openAt: Connections['openAt'] = (place) => {
    const state = all.get(place)?.state();
    return state?.kind === 'open' ? state : null;
  };
  // One that a person has logged in to is not opened a second time.
  const slots = createJumpSlots((place) => openAt(place)?.transport.answered === true);

  const join: Connections['join'] = async (place, route, options) => {
    await makeRoom(place, lastOf(route), options);
    // No await between here and `start`: the next caller must find the connection.
    return (all.get(place) ?? start(place, route, options)).join(options);
  };

  /** An attempt that asks a person turns others away, and one that does not is waited out by a caller that may ask. */
  const makeRoom = async (
    place: Place,
    host: ResolvedHost,
    { signal, asking }: JoinOptions,
  ): Promise<void> => {
    for (;;) {
      if (signal?.aborted) throw new AppError('cancelled', { step: 'connect' });
      const pooled = all.get(place);
      if (pooled === undefined || pooled.state().kind === 'open' || pooled.asks === asking.interactive)
        return;
      if (pooled.asks) throw new AppError('auth-waiting', { step: 'authenticate', command: host.command });
      await pooled.join({ signal }).catch(() => undefined);
    }
  };

  const start = (place: Place, route: Route, { asking, isJumpHost }: JoinOptions): Pooled => {
    const host = lastOf(route);
    const via = route.slice(0, -1);
    const pooled = startPooled({
      asks: asking.interactive,
      times,
      async open(signal, onStep) {
        const reason = await connector.systemReason(host);
        if (reason !== null)
          return { transport: await connector.openSystem({ host, via, reason, signal, onStep }) };
        return openBehind({ host, via, isJumpHost, asking, signal, onStep });
      },
      onGone() {
        if (all.get(place) === pooled) all.delete(place);
      },
    });
    all.set(place, pooled);
    return pooled;
  };

  /** By the built-in client, through the jump hosts if there are any. */
  const openBehind = async (request: Omit<OpenRequest, 'jump'>): Promise<Opened> => {
    const { via, asking, signal } = request;
    if (via.length === 0) return openOver({ ...request, jump: null });
    const slot = slots.reserve(lastOf(via));
    try {
      // Before a slot for handshakes is taken: the jump host needs one itself.
      const jump = await joinJump(slot.place, via, { signal, asking, isJumpHost: true });
      const opened = await openOver({ ...request, jump });
      opened.transport.onClose(slot.end);
      return opened;
    } catch (error) {
      slot.end();
      throw error;
    }
  };

  const openOver = async (request: OpenRequest): Promise<Opened> => {
    const { host, jump } = request;
    return {
      transport: await connector.open(request),
      knock: (signal) => connector.knock({ host, jump, signal }),
    };
  };

  const joinJump = async (place: Place, via: Route, options: JoinOptions): Promise<Jump> => {
    const hop = lastOf(via);
    try {
      return { hop, transport: await join(place, via, options) };
    } catch (error) {
      throw hopFailure(error, hop);
    }
  };

  return {
    join,
    openAt,
    transports: () =>
      all.values().flatMap((pooled) => {
        const state = pooled.state();
        return state.kind === 'open' ? state.transport : [];
      }),
    async close(picks) {
      await Promise.all(all.values(picks).map((pooled) => pooled.close()));
    },
  };
}
