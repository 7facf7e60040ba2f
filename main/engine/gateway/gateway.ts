import { type Gateway, type GatewayAccess, type GatewayRequest, gatewayOff } from '#common/gateway.ts';
import type { ServerId } from '#common/ids.ts';
import { localTrackId } from '#common/local-loads.ts';
import type { ModelServer } from '#common/servers.ts';
import type { Log } from '../diagnostics/log.ts';
import type { Store } from '../store.ts';
import { createActivity } from './activity.ts';
import { createAnswering } from './answering.ts';
import { type BodyLimits, usualLimits } from './body-limits.ts';
import { createCatalogueView } from './catalogue-view.ts';
import { createBudget } from './held-bytes.ts';
import { createGatewayKey } from './key.ts';
import { type GatewayListener, openListener } from './listener.ts';
import { createListening, urlOf } from './listening.ts';
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

/** By all requests together: as much as a hundred long prompts. */
const mostHeldBytes = 256 * 1024 * 1024;

export function createGateway(deps: GatewayDeps): GatewayControl {
  const { store, dataFolder, log } = deps;
  const wanted = () => store.current().settings.gateway;
  const key = createGatewayKey(dataFolder);
  let shownKey = '';
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
    stickiness: () => wanted().stickiness,
    upstreams,
    book,
    budget: createBudget(mostHeldBytes),
    requestLog,
    activity,
    onError: (detail) => log('error', `gateway: ${detail}`),
  });

  const open = async (port: number): Promise<GatewayListener> => {
    shownKey = key.get();
    const listener = await openListener({
      port,
      key: () => shownKey,
      ...answering,
      onError: (error) => log('warn', `gateway: ${error.message}`),
    });
    const unfollow = followServers(store, (servers) => {
      book.sampled(servers);
      upstreams.retain(new Set(servers.map(({ id }) => id)));
    });
    return {
      ...listener,
      close() {
        unfollow();
        return listener.close();
      },
    };
  };
  const listening = createListening({
    wanted,
    open,
    onState(state) {
      if (state.kind === 'listening') log('info', `gateway: listens at ${state.url}`);
      if (state.kind === 'failed') log('warn', `gateway: ${state.failure.code} ${state.failure.detail}`);
      change(state.kind === 'off' ? { ...gatewayOff, ended: requestLog.count() } : { state });
    },
  });

  return {
    start: listening.begin,
    follow: listening.follow,
    access() {
      const port = listening.port();
      return { url: urlOf(port ?? wanted().port), key: port === null ? key.get() : shownKey };
    },
    renewKey() {
      shownKey = key.renew();
      listening.cutAll();
    },
    requests: (number) => requestLog.read(number),
    ports() {
      const port = listening.port();
      return port === null ? [] : [port];
    },
    async dispose() {
      await listening.end();
      activity.dispose();
      upstreams.dispose();
    },
  };
}

/** Calls back with the model servers, those of this computer too, now and whenever they say something new of their load. */
function followServers(
  store: Store,
  onServers: (servers: readonly Pick<ModelServer, 'id' | 'loads'>[]) => void,
): () => void {
  const report = (): void => {
    const { servers, localServers } = store.current();
    onServers([...servers, ...localServers.map((server) => ({ ...server, id: localTrackId(server) }))]);
  };
  report();
  return store.subscribe(({ servers, localServers }) => {
    if (servers !== undefined || localServers !== undefined) report();
  });
}
