import { toFailure } from '#common/failure.ts';
import {
  type Gateway,
  type GatewayAccess,
  type GatewayRequest,
  type GatewayState,
  gatewayOff,
} from '#common/gateway.ts';
import type { ServerId } from '#common/ids.ts';
import { localTrackId } from '#common/local-loads.ts';
import type { Settings } from '#common/settings.ts';
import { after, type Timer } from '#common/timer.ts';
import type { Log } from '../diagnostics/log.ts';
import type { Store } from '../store.ts';
import { createActivity } from './activity.ts';
import { createAnswering } from './answering.ts';
import { type BodyLimits, createBudget, usualLimits } from './body.ts';
import { createCatalogueView } from './catalogue-view.ts';
import { createGatewayKey } from './key.ts';
import { type GatewayListener, openListener } from './listener.ts';
import { createLoadBook } from './load-book.ts';
import { createRequestLog } from './request-log.ts';
import { createUpstreams, type UpstreamsDeps } from './upstreams.ts';

export interface GatewayBounds {
  /** In place of some of {@link usualLimits}. */
  readonly limits?: Partial<BodyLimits>;
  /** How long a model may think before its answer begins; default 10 minutes. */
  readonly answerMs?: number;
}

export interface GatewayDeps extends UpstreamsDeps, GatewayBounds {
  readonly store: Store;
  /** Where the key is kept; null: nowhere. */
  readonly dataFolder: string | null;
  readonly apiKeyFor: (serverId: ServerId) => string | null;
  readonly log: Log;
}

/** One local address that answers for every model that the scan has found. */
export interface GatewayControl {
  /** Listens as the settings say, from now on; resolves when it listens, or when its failure is in the Snapshot. */
  start(): Promise<void>;
  /** To be called after a change of the settings; resolves as `start` does. Without effect before `start`. */
  follow(): Promise<void>;
  /** Errors: `token-file`. */
  access(): GatewayAccess;
  /** Makes another key and cuts the clients that have the old one. Errors: `token-file`. */
  renewKey(): void;
  requests(after: number): readonly GatewayRequest[];
  /** The port at which it listens: it is no model server of this computer. */
  ports(): readonly number[];
  /** Resolves when its port is free and nothing of it is open. */
  dispose(): Promise<void>;
}

type Wanted = Settings['gateway'];

/** A port that another copy of the app has is free when that one ends. */
const againMs = 10_000;

/** By all requests together: as much as a hundred long prompts. */
const mostHeldBytes = 256 * 1024 * 1024;

export function createGateway(deps: GatewayDeps): GatewayControl {
  const { store, dataFolder, log } = deps;
  const key = createGatewayKey(dataFolder);
  const change = (fields: Partial<Gateway>): void =>
    store.apply({ kind: 'parts-changed', parts: { gateway: { ...store.current().gateway, ...fields } } });
  const requestLog = createRequestLog();
  const activity = createActivity((pace) => change({ ...pace, ended: requestLog.count() }));
  const upstreams = createUpstreams(deps);
  const book = createLoadBook();
  const answering = createAnswering({
    ...deps,
    limits: { ...usualLimits, ...deps.limits },
    catalogue: createCatalogueView(store),
    scan: () => store.current().scan,
    forwards: () => store.current().forwards,
    stickiness: () => store.current().settings.gateway.stickiness,
    upstreams,
    book,
    budget: createBudget(mostHeldBytes),
    requestLog,
    activity,
    onError: (detail) => log('error', `gateway: ${detail}`),
  });
  let shownKey = '';
  let phase: 'opened' | 'begun' | 'disposed' = 'opened';
  let listener: { readonly port: number; readonly open: GatewayListener } | null = null;
  let retry: Timer | null = null;
  let unfollow = (): void => undefined;
  /** One change after the other. */
  let settled: Promise<void> = Promise.resolve();

  const become = (state: GatewayState): void => change({ state });

  /** What the servers say of their load, as soon as they do. */
  const followLoads = (): void => {
    const { servers, localServers } = store.current();
    const local = localServers.map((server) => ({ ...server, id: localTrackId(server) }));
    const all = [...servers, ...local];
    book.sampled(all);
    upstreams.retain(new Set(all.map(({ id }) => id)));
  };

  const open = async ({ port }: Wanted): Promise<void> => {
    become({ kind: 'starting' });
    try {
      shownKey = key.get();
      const opened = await openListener({
        port,
        key: () => shownKey,
        ...answering,
        onError: (error) => log('warn', `gateway: ${error.message}`),
      });
      listener = { port, open: opened };
      followLoads();
      unfollow = store.subscribe(({ servers, localServers }) => {
        if (servers !== undefined || localServers !== undefined) followLoads();
      });
      log('info', `gateway: listens at ${urlOf(port)}`);
      become({ kind: 'listening', port, url: urlOf(port) });
    } catch (error) {
      const failure = toFailure(error, 'forward');
      become({ kind: 'failed', failure });
      log('warn', `gateway: ${failure.code} ${failure.detail}`);
      if (failure.code === 'port-in-use') retry = after(againMs, () => void follow(), { background: true });
    }
  };

  const close = async (): Promise<void> => {
    retry?.cancel();
    retry = null;
    unfollow();
    const closing = listener;
    listener = null;
    await closing?.open.close();
  };

  const settle = async (): Promise<void> => {
    const wanted = store.current().settings.gateway;
    if (phase === 'begun' && wanted.enabled && listener?.port === wanted.port) return;
    await close();
    if (phase === 'begun' && wanted.enabled) await open(wanted);
    else if (store.current().gateway.state.kind !== 'off')
      store.apply({
        kind: 'parts-changed',
        parts: { gateway: { ...gatewayOff, ended: requestLog.count() } },
      });
  };

  const follow = (): Promise<void> => {
    settled = settled.then(settle);
    return settled;
  };

  return {
    start() {
      if (phase === 'opened') phase = 'begun';
      return follow();
    },
    follow,
    access: () => ({
      url: urlOf(listener?.port ?? store.current().settings.gateway.port),
      key: listener === null ? key.get() : shownKey,
    }),
    renewKey() {
      shownKey = key.renew();
      listener?.open.cutAll();
    },
    requests: (number) => requestLog.read(number),
    ports: () => (listener === null ? [] : [listener.port]),
    async dispose() {
      phase = 'disposed';
      await follow();
      activity.dispose();
      upstreams.dispose();
    },
  };
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}/v1`;
}
