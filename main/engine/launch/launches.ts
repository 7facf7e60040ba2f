/** Starts model servers on hosts, watches what becomes of them, and ends them. The host itself keeps them: see keeper.ts. */

import { AppError } from '#common/failure.ts';
import type { HostId } from '#common/ids.ts';
import type { LaunchRequest } from '#common/launch-request.ts';
import { type Launch, type LaunchId, type LaunchPlan, launchId } from '#common/launches.ts';
import { hasSsh, isUp } from '#common/select/hosts.ts';
import type { Log } from '../diagnostics/log.ts';
import type { Forwards } from '../forward/forwards.ts';
import { requireHost } from '../listed.ts';
import type { Retries } from '../scan/retries.ts';
import type { Scanner } from '../scan/scanner.ts';
import type { Pool } from '../ssh/pool.ts';
import type { Store } from '../store.ts';
import { busyAmong } from './gpu-choice.ts';
import type { LogPart } from './host-answers.ts';
import { hostFor, type Prepared, portsFor, prepare, requireSafe } from './planner.ts';
import { createLaunchWatch } from './watch.ts';

export interface LaunchesDeps {
  readonly store: Store;
  readonly pool: Pick<Pool, 'get'>;
  readonly retries: Retries;
  readonly scanner: Pick<Scanner, 'scan'>;
  readonly forwards: Pick<Forwards, 'open'>;
  readonly log: Log;
}

/** Besides the errors below every method rejects with those of connecting and `cancelled`. */
export interface Launches {
  /** Errors: `bad-request`, `not-found`, `gpus-busy`, `launch-refused`. */
  plan(request: LaunchRequest): Promise<LaunchPlan>;
  /** Starts it, and by default forwards its port when it is ready. Errors: `not-found`, `gpus-busy`, `launch-refused`. */
  start(planId: string, forward?: boolean): Promise<LaunchId>;
  /** The same from a profile of the settings: its line was seen when it was saved. Errors: those of `plan` and `start`. */
  startProfile(profileId: string): Promise<LaunchId>;
  /** Errors: `not-found`, `launch-refused`. */
  stop(id: LaunchId): Promise<void>;
  /** Errors: `not-found`, `launch-refused`. */
  extend(id: LaunchId, seconds: number): Promise<void>;
  /** Errors: `not-found`. */
  log(id: LaunchId, after: number): Promise<LogPart>;
  /** Looks on these hosts, by default on all that are up; one that does not answer keeps what is known of it. */
  refresh(hostIds?: readonly HostId[]): Promise<void>;
  /** From now on looks once on every host as soon as it is up, and again when it comes back; launches of other computers are found so. */
  follow(): void;
  /** The launches themselves go on. */
  dispose(): Promise<void>;
}

const mostPlans = 50;

export function createLaunches(deps: LaunchesDeps): Launches {
  const { store, scanner, forwards } = deps;
  const plans = new Map<string, Prepared>();
  const { on, look, lookAt, announce, dispose } = createLaunchWatch({
    ...deps,
    async onReady({ hostId, remotePort }) {
      await forwards.open({ hostId, remotePort });
      // Its row, and what the rules say of a model that is up.
      await scanner.scan([hostId]);
    },
  });

  const upHosts = (): readonly HostId[] =>
    store
      .current()
      .hosts.filter((host) => hasSsh(host) && isUp(host.state))
      .map(({ id }) => id);

  const seen = new Set<HostId>();
  const lookAtNew = (): void => {
    const up = new Set(upHosts());
    for (const hostId of seen) if (!up.has(hostId)) seen.delete(hostId);
    const fresh = [...up].filter((hostId) => !seen.has(hostId));
    for (const hostId of fresh) seen.add(hostId);
    if (fresh.length > 0) looking = Promise.all([looking, lookAt(fresh)]);
  };
  let looking: Promise<unknown> = Promise.resolve();
  let unsubscribe: (() => void) | null = null;

  const launches: Launches = {
    async plan(request) {
      requireSafe(request);
      if (request.hostId === null) await lookAt(upHosts());
      else {
        requireHost(store.current(), request.hostId);
        await scanner.scan([request.hostId]);
      }
      const { id: hostId } = hostFor(store.current(), request);
      await look(hostId);
      const facts = await on(hostId).facts(portsFor(request));
      const prepared = prepare({ ...request, hostId }, facts, store.current());
      plans.set(prepared.plan.id, prepared);
      const [oldest] = plans.keys();
      if (plans.size > mostPlans && oldest !== undefined) plans.delete(oldest);
      return prepared.plan;
    },
    async start(planId, forward = true) {
      const prepared = plans.get(planId);
      if (prepared === undefined)
        throw new AppError('not-found', { step: 'launch', detail: 'the plan is not there any more' });
      const { plan, limit: gpus, files } = prepared;
      await scanner.scan([plan.hostId]);
      const { hosts, settings } = store.current();
      const host = hosts.find(({ id }) => id === plan.hostId);
      const [busy] = host === undefined || gpus === null ? [] : busyAmong(host, gpus, settings);
      if (busy !== undefined)
        throw new AppError('gpus-busy', { step: 'launch', detail: `${busy} is in use` });
      await on(plan.hostId).start(files);
      plans.delete(planId);
      const id = launchId(plan.hostId, plan.name);
      if (forward) announce(id);
      await look(plan.hostId);
      return id;
    },
    async startProfile(profileId) {
      const profile = store.current().settings.launchProfiles.find(({ id }) => id === profileId);
      if (profile === undefined)
        throw new AppError('not-found', { step: 'launch', detail: 'the profile is not there any more' });
      const { id } = await launches.plan(profile.request);
      return await launches.start(id);
    },
    async stop(id) {
      const { hostId, name } = launchOf(store, id);
      await on(hostId).stop(name);
      await look(hostId);
    },
    async extend(id, seconds) {
      const { hostId, name } = launchOf(store, id);
      await on(hostId).extend(name, seconds);
      await look(hostId);
    },
    async log(id, after) {
      const { hostId, name } = launchOf(store, id);
      return await on(hostId).log(name, after);
    },
    refresh: async (hostIds = upHosts()) => {
      await lookAt(hostIds);
    },
    follow() {
      unsubscribe ??= store.subscribe(lookAtNew);
      lookAtNew();
    },
    async dispose() {
      unsubscribe?.();
      await dispose();
      await looking;
    },
  };
  return launches;
}

/** Only what was found as a launch is ever ended: its name is one of the app or of vllmctl. Errors: `not-found`. */
function launchOf(store: Store, id: LaunchId): Launch {
  const found = store.current().launches.find((launch) => launch.id === id);
  if (found !== undefined) return found;
  throw new AppError('not-found', { step: 'launch', detail: 'the launch is not there any more' });
}
