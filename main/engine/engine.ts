import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { EngineHandlers } from '#common/contract.ts';
import { AppError, type Problem } from '#common/failure.ts';
import { isOwnPort } from '#common/forward-target.ts';
import type { GatewayAccess } from '#common/gateway.ts';
import type { HostId } from '#common/ids.ts';
import type { Patch } from '#common/patch.ts';
import { emptySnapshot } from '#common/reduce.ts';
import { mayContact } from '#common/select/hosts.ts';
import type { Settings } from '#common/settings.ts';
import type { Snapshot, Source } from '#common/snapshot.ts';
import { describeApp, ownVersion } from './diagnostics/about.ts';
import type { Log } from './diagnostics/log.ts';
import { createLogBook } from './diagnostics/log-book.ts';
import { createReporter, ownNames } from './diagnostics/report.ts';
import { createForwarding } from './forward/forwarding.ts';
import { createForwardMemory } from './forward/memory.ts';
import { createGateway, type GatewayBounds } from './gateway/gateway.ts';
import { createHandlers } from './handlers.ts';
import type { History } from './history/history.ts';
import { createKeptHistory } from './history/kept-history.ts';
import { createHostList } from './host-list.ts';
import { createLaunches } from './launch/launches.ts';
import { createTestPrompts } from './models/test-prompts.ts';
import { createNotices } from './notices/notices.ts';
import { createInView } from './scan/in-view.ts';
import { createRetries } from './scan/retries.ts';
import { createScanning } from './scan/scanning.ts';
import { createApiKeys } from './secrets/api-keys.ts';
import { createPrompts, type SecretStore } from './secrets/prompts.ts';
import { createSettingsKeeper } from './settings/settings-keeper.ts';
import { createFleet } from './sources/prometheus/fleet.ts';
import { createPasts } from './sources/prometheus/past/pasts.ts';
import { createSourceSecrets } from './sources/prometheus/source-secrets.ts';
import type { SourceSecrets } from './sources/prometheus/way.ts';
import { createSshMeters } from './sources/ssh/ssh-meter.ts';
import { onlySsh } from './ssh/config/only-ssh.ts';
import { createResolver } from './ssh/config/resolve.ts';
import { createPool } from './ssh/pool.ts';
import { createTrust } from './ssh/trust/trust.ts';
import { createStore } from './store.ts';
import type { LookOptions } from './this-computer/observer.ts';
import { createThisComputer } from './this-computer/this-computer.ts';
import { createUpkeep } from './upkeep.ts';

export interface EngineDeps {
  readonly source: Source;
  /** Absolute path of the SSH configuration to read; it need not exist. */
  readonly sshConfigPath: string;
  readonly settings: Settings;
  /** What was wrong with the stored settings. */
  readonly settingsProblems?: readonly Problem[];
  /** Where they are stored; absent: nowhere. */
  readonly settingsFile?: string;
  /** Stores what differs between two settings; may reject. Absent: they last as long as the engine. */
  readonly saveSettings?: (after: Settings, before: Settings) => Promise<void>;
  /** Calls back with what others have stored, until the returned function is called. Absent: no other program stores them. */
  readonly followSettings?: (onChange: (settings: Settings) => void) => () => void;
  readonly log: Log;
  /** The user's home directory and environment: where keys, known_hosts and the agent's socket are. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where the engine keeps what outlasts it (the history, when the settings ask for it); absent: nowhere. */
  readonly dataFolder?: string;
  /** Where answers are kept that a person wants remembered; null or absent: nowhere. */
  readonly secrets?: SecretStore | null;
  /** Secrets of sources that a command was given for as long as it runs; null: of this source none. */
  readonly sourceSecrets?: (sourceId: string) => SourceSecrets | null;
  /** Only hosts whose alias matches. */
  readonly hostRegex?: RegExp | undefined;
  /** Only hosts of this group, whatever its case. */
  readonly group?: string | undefined;
  /** Ports at which this process listens for its own faces: they are never asked for models. */
  readonly ownPorts?: () => readonly number[];
  /** Ask exactly these ports for models, whether or not something is seen to listen there. Default: discover. */
  readonly remotePorts?: readonly number[] | undefined;
  /** What the names of tmux sessions that hold forwards begin with; default: vllmctl's `vllmctl_`. */
  readonly tmuxPrefix?: string | undefined;
  /** What the gateway holds and waits for, where that is something else than usual. */
  readonly gateway?: GatewayBounds;
  /** Forwards take local ports of the range alone, also where they had another one before; kept ports stay. */
  readonly strictRange?: boolean | undefined;
}

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

/** Wires the parts of the engine together; nothing happens before one of its methods is called. */
export function createEngine(deps: EngineDeps): Engine {
  const { source, home, env, secrets = null, remotePorts = null, ownPorts = () => [] } = deps;
  const { log, read: readLog } = createLogBook(deps.log);
  const store = createStore(emptySnapshot(source, deps.settings));
  const settings = (): Settings => store.current().settings;
  const onProblem = (problem: Problem): void => store.apply({ kind: 'problem-found', problem });
  const limit = deps.settings.limits.configReads;
  // What the demo cluster did is not worth keeping.
  const dataFolder = source.kind === 'demo' ? null : (deps.dataFolder ?? null);
  const keep =
    dataFolder === null
      ? undefined
      : { path: join(dataFolder, 'ssh-answers.json'), appVersion: ownVersion() };
  const resolver = onlySsh(
    createResolver({ sshConfigPath: deps.sshConfigPath, limit, home, env, keep, onProblem }),
  );
  let otherProblems = [...(deps.settingsProblems ?? [])];
  const hostList = createHostList({
    ...deps,
    store,
    resolver,
    otherProblems: () => otherProblems,
    labelsOf: (aliases) => fleet.labelsOf(aliases),
  });
  const trust = createTrust({
    onMet: (hostKey) => store.apply({ kind: 'host-key-met', hostKey }),
    onProblem,
  });
  const prompts = createPrompts(store, secrets);
  const pool = createPool({
    resolver,
    trust,
    recall: prompts.recall,
    limits: () => settings().limits,
    connectMs: () => settings().timeouts.connectMs,
    transportSetting: (alias) => settings().ssh.hosts[alias] ?? settings().ssh.transport,
    home,
    env,
    log,
  });
  const retries = createRetries({ companions: pool.companions });
  const kept = createKeptHistory(store, dataFolder);
  const { history } = kept;
  const about = () => describeApp({ settingsFile: deps.settingsFile ?? null, historyFile: kept.path });
  const reporter = createReporter({ store, about, readLog: () => readLog(0), own: ownNames(home, env) });
  const apiKeys = createApiKeys(secrets, (use) =>
    store.apply({ kind: 'parts-changed', parts: { apiKeys: use } }),
  );
  const apiKeyFor = apiKeys.get;
  const sshMeters = createSshMeters({ store, pool, log, remotePorts, apiKeyFor });
  const sources = [sshMeters];
  const sourceSecrets = createSourceSecrets(secrets, deps.sourceSecrets ?? (() => null));
  const fleet = createFleet({
    store,
    secrets: sourceSecrets,
    hostRegex: deps.hostRegex,
    group: deps.group,
    groupOf: hostList.groupOf,
    stream: async (alias, port, signal) => {
      const { transport } = await pool.get(alias, { signal });
      return transport.stream('127.0.0.1', port, signal === undefined ? {} : { signal });
    },
    log,
  });
  const listHosts = (): Promise<void> => hostList.load().then(() => fleet.reload());
  const inView = createInView();
  const scanning = createScanning({ store, sources, retries, prompts, inView, log });
  const { scanner, watcher, logins } = scanning;
  const memory = createForwardMemory(dataFolder, (detail) => onProblem({ code: 'forwards-file', detail }));
  const copies = memory.copies;
  const gateway = createGateway({
    store,
    dataFolder,
    apiKeyFor,
    log,
    ...deps.gateway,
    transport: async (hostId, signal) =>
      (pool.peek(hostId) ?? (await pool.get(hostId, { signal }))).transport,
  });
  const thisComputer = createThisComputer({
    ...deps,
    store,
    resolver,
    log,
    ownPorts: () => [...ownPorts(), ...gateway.ports()],
    copies: () => copies().filter(isOwnPort),
  });
  const forwarding = createForwarding({
    ...deps,
    store,
    pool,
    retries,
    resolver,
    tmux: thisComputer,
    log,
    memory,
  });
  const { forwards, rules } = forwarding;
  const launches = createLaunches({ store, pool, retries, scanner, forwards, log });
  const onHosts = scanning.retain;
  const upkeep = createUpkeep({ store, hostList, resolver, pool, scanner, retries, onHosts });
  const testPrompts = createTestPrompts({
    store,
    apiKeyFor,
    transport: async (hostId, signal) => (await pool.get(hostId, { signal })).transport,
  });

  let phase: 'opened' | 'begun' | 'disposed' = 'opened';
  const begin = (): void => {
    if (phase === 'disposed') return;
    kept.keep(settings().history.keepFile);
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
  const settingsKeeper = createSettingsKeeper({
    store,
    save: deps.saveSettings,
    onChange(after, before) {
      sshMeters.limitHttp(after.limits.httpRequests);
      kept.keep(after.history.keepFile);
      void gateway.follow();
      fleet.follow(after, before);
      const listed = listsSameHosts(after, before) ? Promise.resolve() : upkeep.reload();
      // Hosts that were switched off together with the first yes are out of the list before anything begins.
      if (phase === 'begun' && after.welcomed && !before.welcomed) void listed.then(begin);
    },
  });
  let unfollow: (() => void) | null = null;
  const follow = (): void => {
    if (phase !== 'disposed') unfollow ??= deps.followSettings?.(settingsKeeper.takeOver) ?? null;
  };
  const notices = createNotices({ store, log, changeSettings: settingsKeeper.update });

  return {
    handlers: createHandlers({
      store,
      scanner,
      inView,
      retries,
      logins,
      prompts,
      trust,
      apiKeys,
      fleet,
      pasts: createPasts(fleet),
      sourceSecrets,
      history,
      forwards,
      launches,
      thisComputer,
      gateway,
      settings: settingsKeeper,
      testPrompts,
      readLog,
      about,
      reporter,
    }),
    snapshot: () => store.snapshot(),
    subscribe: (listener) => store.subscribe(listener),
    loadHosts() {
      // Nothing waits for it: a keyring may ask the person to unlock it.
      void apiKeys.load();
      void sourceSecrets.load().then((found) => (found ? fleet.reload('all') : undefined));
      return listHosts();
    },
    resolveHosts: () => hostList.resolveAll(),
    history,
    logIn: (hostIds) => logins.start(hostIds),
    refresh: () => scanner.refresh(),
    async scan(hostIds) {
      const polled = hostIds === undefined ? fleet.pollAll() : null;
      // Which hosts are in a group by their label is known only then.
      if (deps.group !== undefined && settings().groups.label !== '') await polled?.then(listHosts);
      await Promise.all([scanner.scan(hostIds), polled]);
    },
    begin() {
      if (phase === 'disposed') return;
      phase = 'begun';
      follow();
      if (mayContact(store.current())) begin();
      else void hostList.readEndpoints();
    },
    watch({ thisComputer: withComputer = false } = {}) {
      follow();
      watcher.start();
      upkeep.start();
      fleet.start();
      if (withComputer) thisComputer.start();
    },
    async openGateway() {
      await gateway.start();
      const { state } = store.current().gateway;
      if (state.kind === 'failed') throw new AppError(state.failure.code, state.failure);
      return gateway.access();
    },
    async autoForward() {
      // Whether the forwards of others are dead is all that the rules ask.
      await thisComputer.look({ only: () => true, ask: 'listens' });
      thisComputer.start();
      rules.start();
      await rules.settle();
    },
    lookAround: (options) => thisComputer.look(options),
    wake: upkeep.wake,
    report(problem) {
      otherProblems.push(problem);
      onProblem(problem);
    },
    withdraw(code) {
      otherProblems = otherProblems.filter((problem) => problem.code !== code);
      store.apply({ kind: 'problem-gone', code });
    },
    setShown(shown) {
      if (shown) retries.hurryAll('person');
      watcher.setShown(shown);
      fleet.setShown(shown);
      thisComputer.setShown(shown);
    },
    setOnBattery(onBattery) {
      watcher.setOnBattery(onBattery);
      fleet.setOnBattery(onBattery);
    },
    async dispose() {
      phase = 'disposed';
      unfollow?.();
      notices.dispose();
      testPrompts.dispose();
      upkeep.dispose();
      fleet.dispose();
      await Promise.all([gateway.dispose(), scanning.dispose(), thisComputer.dispose(), launches.dispose()]);
      await forwarding.dispose();
      retries.dispose();
      await pool.dispose();
      await Promise.all([kept.dispose(), resolver.dispose()]);
      store.dispose();
    },
  };
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
