import { isDeepStrictEqual } from 'node:util';
import type { EngineHandlers } from '#common/contract.ts';
import { AppError, type Problem } from '#common/failure.ts';
import type { GatewayAccess } from '#common/gateway.ts';
import type { HostId } from '#common/ids.ts';
import type { Patch } from '#common/patch.ts';
import { mayContact } from '#common/select/hosts.ts';
import type { Settings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { createHandlers } from './handlers.ts';
import type { History } from './history/history.ts';
import { createNotices } from './notices/notices.ts';
import { createParts, type EngineDeps, type Parts } from './parts.ts';
import { createSettingsKeeper } from './settings/settings-keeper.ts';
import type { LookOptions } from './this-computer/observer.ts';

/** The engine: owns the truth about all hosts. Every face runs one and shows its Snapshot. */
export interface Engine {
  readonly handlers: EngineHandlers;
  /** What was measured over time. */
  readonly history: Pick<History, 'read'>;
  /** The latest published Snapshot; patches given to subscribers afterwards continue from exactly this one. */
  snapshot(): Snapshot;
  /** Calls the listener with every patch, at most 10 times a second and never without a change. */
  subscribe(listener: (patch: Patch) => void): () => void;
  /** Reads the SSH configuration and lists its hosts in the Snapshot; contacts no host. */
  loadHosts(): Promise<void>;
  /** Fills every host's endpoint by `ssh -G`; contacts no host. A host that cannot be resolved carries the reason. */
  resolveHosts(): Promise<boolean>;
  /** Logs in to hosts that want a person for it; resolves when that is over. Questions are in the Snapshot meanwhile. */
  logIn(hostIds: readonly HostId[]): Promise<void>;
  /** Measures the hosts that are up once more, without looking for new servers. */
  refresh(): Promise<void>;
  /**
   * Scans and watches from now on. Hosts of the user's own configuration are not contacted before the person has agreed
   * to it once (`settings.welcomed`); then it begins automatically.
   */
  begin(): void;
  /** Scans the hosts (default all, with the sources of Prometheus) once; resolves when the scan is done or cancelled, and never rejects for a host. */
  scan(hostIds?: readonly HostId[]): Promise<void>;
  /**
   * Keeps measuring at the cadence of the settings, and follows changes of the configuration, of known hosts, keys, agents
   * and the network, until `dispose`. With `thisComputer` also the local servers, and how busy they are.
   */
  watch(options?: { readonly thisComputer?: boolean }): void;
  /**
   * Looks at this computer, and does what the auto-forward rules of the settings want, from now on; resolves when the first
   * of it is done. To be called after a scan; `begin` includes it.
   */
  autoForward(): Promise<void>;
  /**
   * Listens as the gateway of the settings, which must be switched on; `begin` includes it. Errors: `port-in-use`,
   * `port-forbidden`, `token-file`.
   */
  openGateway(): Promise<GatewayAccess>;
  /**
   * For when the computer has slept or is on another network: finds out which connections are dead, and tries the hosts
   * and forwards that are away at once. Resolves when that is done.
   */
  wake(): Promise<void>;
  /** Looks for the other forwards and local servers of this computer once; resolves when the Snapshot has what was asked for. Contacts no host. */
  lookAround(options: LookOptions): Promise<void>;
  /** Whether anybody looks: hosts are measured less often while not. */
  setShown(shown: boolean): void;
  /** Tells a problem of the face among those of the configuration, for as long as the engine lives. */
  report(problem: Problem): void;
  /** Takes back every problem of that code which a face has reported. */
  withdraw(code: Problem['code']): void;
  /** Hosts are measured less often on battery. */
  setOnBattery(onBattery: boolean): void;
  /** Closes forwards, connections and timers; resolves when nothing is left open. Safe to call twice. */
  dispose(): Promise<void>;
}

/** Nothing happens before one of its methods is called. */
export function createEngine(deps: EngineDeps): Engine {
  const parts = createParts(deps);
  const { store, hostList, problems, kept, retries, fleet, gateway, thisComputer, upkeep, launches } = parts;
  const { scanner, watcher, logins } = parts.scanning;
  const { forwards, rules } = parts.forwarding;
  let phase: 'opened' | 'begun' | 'disposed' = 'opened';
  let unfollow: (() => void) | null = null;

  const settings = createSettingsKeeper({
    store,
    save: deps.saveSettings,
    onChange(after, before) {
      const listed = adopt(after, before, parts);
      // Hosts that were switched off together with the first yes are out of the list before anything begins.
      if (phase === 'begun' && after.welcomed && !before.welcomed) void listed.then(start);
    },
  });
  const notices = createNotices({ store, log: parts.log, changeSettings: settings.update });
  const follow = (): void => {
    if (phase !== 'disposed') unfollow ??= deps.followSettings?.(settings.takeOver) ?? null;
  };
  const start = (): void => {
    if (phase === 'disposed') return;
    kept.keep(store.current().settings.history.keepFile);
    watcher.start();
    thisComputer.start();
    upkeep.start();
    fleet.start();
    notices.start();
    void gateway.start();
    void forwards.restore('user');
    void scanner
      .scan()
      .then(() => {
        if (phase === 'begun') launches.follow();
        return forwards.restore('auto');
      })
      .then(rules.start);
  };

  return {
    handlers: createHandlers({
      ...parts,
      scanner,
      logins,
      history: kept.history,
      forwards,
      settings,
    }),
    history: kept.history,
    snapshot: () => store.snapshot(),
    subscribe: (listener) => store.subscribe(listener),
    loadHosts: () => loadHosts(parts),
    resolveHosts: () => hostList.resolveAll(),
    logIn: (hostIds) => logins.start(hostIds),
    refresh: () => scanner.refresh(),
    scan: (hostIds) => scanOnce(parts, { hostIds, group: deps.group }),
    begin() {
      if (phase === 'disposed') return;
      phase = 'begun';
      follow();
      if (mayContact(store.current())) start();
      else void hostList.readEndpoints();
    },
    watch({ thisComputer: withComputer = false } = {}) {
      follow();
      watcher.start();
      upkeep.start();
      fleet.start();
      if (withComputer) thisComputer.start();
    },
    openGateway: () => openGateway(parts),
    async autoForward() {
      // Whether the forwards of others are dead is all that the rules ask.
      await thisComputer.look({ only: () => true, ask: 'listens' });
      thisComputer.start();
      rules.start();
      await rules.settle();
    },
    lookAround: (options) => thisComputer.look(options),
    wake: upkeep.wake,
    report: problems.report,
    withdraw: problems.withdraw,
    setShown(shown) {
      if (shown) retries.hurryAll('person');
      for (const part of [watcher, fleet, thisComputer]) part.setShown(shown);
    },
    setOnBattery(onBattery) {
      for (const part of [watcher, fleet]) part.setOnBattery(onBattery);
    },
    async dispose() {
      phase = 'disposed';
      unfollow?.();
      notices.dispose();
      await disposeOf(parts);
    },
  };
}

/** Does what a change of the settings asks for; resolves when the hosts that they want are listed. */
async function adopt(after: Settings, before: Settings, parts: Parts): Promise<void> {
  const { sshMeters, kept, gateway, fleet, upkeep } = parts;
  sshMeters.limitHttp(after.limits.httpRequests);
  kept.keep(after.history.keepFile);
  void gateway.follow();
  fleet.follow(after, before);
  if (!listsSameHosts(after, before)) await upkeep.reload();
}

function listsSameHosts(after: Settings, before: Settings): boolean {
  const hostsOf = ({ excludedHosts, hostPattern, groups, ssh }: Settings) => [
    excludedHosts,
    hostPattern,
    groups,
    ssh,
  ];
  return isDeepStrictEqual(hostsOf(after), hostsOf(before));
}

function loadHosts(parts: Parts): Promise<void> {
  const { apiKeys, sourceSecrets, fleet } = parts;
  // Nothing waits for it: a keyring may ask the person to unlock it.
  void apiKeys.load();
  void sourceSecrets.load().then((found) => (found ? fleet.reload('all') : undefined));
  return listHosts(parts);
}

async function listHosts({ hostList, fleet }: Parts): Promise<void> {
  await hostList.load();
  fleet.reload();
}

interface Wanted {
  readonly hostIds: readonly HostId[] | undefined;
  readonly group: string | undefined;
}

async function scanOnce(parts: Parts, { hostIds, group }: Wanted): Promise<void> {
  const { store, fleet, scanning } = parts;
  const polled = hostIds === undefined ? fleet.pollAll() : null;
  // Which hosts are in a group by their label is known only then.
  if (group !== undefined && store.current().settings.groups.label !== '')
    await polled?.then(() => listHosts(parts));
  await Promise.all([scanning.scanner.scan(hostIds), polled]);
}

async function openGateway({ gateway, store }: Parts): Promise<GatewayAccess> {
  await gateway.start();
  const { state } = store.current().gateway;
  if (state.kind === 'failed') throw new AppError(state.failure.code, state.failure);
  return gateway.access();
}

/** What uses another part ends before it. */
async function disposeOf(parts: Parts): Promise<void> {
  const { testPrompts, upkeep, fleet, gateway, scanning, thisComputer, launches } = parts;
  testPrompts.dispose();
  upkeep.dispose();
  fleet.dispose();
  await Promise.all([gateway.dispose(), scanning.dispose(), thisComputer.dispose(), launches.dispose()]);
  await parts.forwarding.dispose();
  parts.retries.dispose();
  await parts.pool.dispose();
  await Promise.all([parts.kept.dispose(), parts.resolver.dispose()]);
  parts.store.dispose();
}
