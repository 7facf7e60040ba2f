import { isDeepStrictEqual } from 'node:util';
import type { EngineHandlers } from '#common/contract.ts';
import type { HostId, Problem, Snapshot, Source } from '#common/model.ts';
import { emptySnapshot, type Patch } from '#common/reduce.ts';
import { mayContact } from '#common/select.ts';
import type { Settings } from '#common/settings.ts';
import { describeApp } from './about.ts';
import { createApiKeys } from './api-keys.ts';
import { createOtherPrograms } from './elsewhere/other-programs.ts';
import { createForwarding } from './forward/forwarding.ts';
import { createHandlers } from './handlers.ts';
import type { History } from './history/history.ts';
import { createKeptHistory } from './history/kept-history.ts';
import { createHostList } from './host-list.ts';
import type { Log } from './log.ts';
import { createLogBook } from './log-book.ts';
import { createTestPrompts } from './models/test-prompts.ts';
import { createNotices } from './notices/notices.ts';
import { createPrompts, type SecretStore } from './prompts.ts';
import { createReporter, ownNames } from './report.ts';
import { createScanning } from './scan/scanning.ts';
import { createSettingsKeeper } from './settings-keeper.ts';
import { createPool } from './ssh/pool.ts';
import { createResolver } from './ssh/resolve.ts';
import { createTrust } from './ssh/trust.ts';
import { createStore } from './store.ts';
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
  /** Stores changed settings; may throw. Absent: they last as long as the engine. */
  readonly saveSettings?: (settings: Settings) => void;
  readonly log: Log;
  /** The user's home directory and environment: where keys, known_hosts and the agent's socket are. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where the engine keeps what outlasts it (the history, when told to); absent: nowhere. */
  readonly dataFolder?: string;
  /** Where answers are kept that a person wants remembered; null or absent: nowhere. */
  readonly secrets?: SecretStore | null;
  /** Only hosts whose alias matches. */
  readonly hostRegex?: RegExp | undefined;
  /** Ports at which this process listens for its own faces: nobody asks them for models. */
  readonly ownPorts?: () => readonly number[];
  /** Ask exactly these ports for models, whether or not something is seen to listen there. Default: discover. */
  readonly remotePorts?: readonly number[] | undefined;
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
  /** Reads the SSH configuration and lists its hosts in the Snapshot; contacts nobody. */
  loadHosts(): Promise<void>;
  /** Fills every host's endpoint by `ssh -G`; contacts nobody. A host that cannot be resolved carries the reason. */
  resolveHosts(): Promise<void>;
  /** Logs in to hosts that want a person for it; resolves when that is over. Questions are in the Snapshot meanwhile. */
  logIn(hostIds: readonly HostId[]): Promise<void>;
  /** Measures the hosts that are up once more, without looking for new servers. */
  refresh(): Promise<void>;
  /**
   * Scans and watches from now on. Hosts of the user's own configuration are not contacted before the person has agreed
   * to it once (`settings.welcomed`); then it begins by itself.
   */
  begin(): void;
  /** Scans the hosts (default all) once; resolves when the scan is done or cancelled, and never rejects for a host. */
  scan(hostIds?: readonly HostId[]): Promise<void>;
  /**
   * Keeps measuring at the cadence of the settings, and follows changes of the configuration, of known hosts, keys, agents
   * and the network, until `dispose`.
   */
  watch(): void;
  /**
   * Looks at this computer, and does what the auto-forward rules of the settings want, from now on; resolves when the first
   * of it is done. To be called after a scan; `begin` does so by itself.
   */
  autoForward(): Promise<void>;
  /**
   * For when the computer has slept or is on another network: finds out which connections are dead, and tries the hosts
   * and forwards that are away at once. Resolves when that is done.
   */
  wake(): Promise<void>;
  /** Whether anybody looks: hosts are measured less often while not. */
  setShown(shown: boolean): void;
  /** Tells a problem of the face among those of the configuration, for as long as the engine lives. */
  report(problem: Problem): void;
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
  const resolver = createResolver({ sshConfigPath: deps.sshConfigPath, limit, home, env, onProblem });
  const otherProblems = [...(deps.settingsProblems ?? [])];
  const hostList = createHostList({ ...deps, store, resolver, otherProblems: () => otherProblems });
  const trust = createTrust((hostKey) => store.apply({ kind: 'host-key-met', hostKey }));
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
  // What the demo cluster did is nobody's history.
  const dataFolder = source.kind === 'demo' ? null : (deps.dataFolder ?? null);
  const kept = createKeptHistory(store, dataFolder);
  const { history } = kept;
  const about = () => describeApp({ settingsFile: deps.settingsFile ?? null, historyFile: kept.path });
  const reporter = createReporter({ store, about, readLog: () => readLog(0), own: ownNames(home, env) });
  const apiKeys = createApiKeys(secrets, (use) =>
    store.apply({ kind: 'parts-changed', parts: { apiKeys: use } }),
  );
  const apiKeyFor = apiKeys.get;
  const scanning = createScanning({ store, pool, prompts, log, remotePorts, apiKeyFor });
  const { scanner, watcher, logins } = scanning;
  const otherPrograms = createOtherPrograms({ store, resolver, home, env, log, ownPorts });
  const forwarding = createForwarding({ store, pool, resolver, tmux: otherPrograms, log, dataFolder });
  const { forwards, rules } = forwarding;
  const onHosts = scanning.retain;
  const upkeep = createUpkeep({ store, hostList, resolver, pool, scanner, forwards, onHosts });
  const testPrompts = createTestPrompts({
    store,
    apiKeyFor,
    transport: async (hostId, signal) => (await pool.get(hostId, { signal })).transport,
  });

  let disposed = false;
  let begun = false;
  const begin = (): void => {
    if (disposed) return;
    kept.keep(settings().history.keepFile);
    watcher.start();
    otherPrograms.start();
    upkeep.start();
    notices.start();
    void forwards.restore('user');
    void scanner
      .scan()
      .then(() => forwards.restore('auto'))
      .then(rules.start);
  };
  const settingsKeeper = createSettingsKeeper({
    store,
    save: deps.saveSettings,
    onChange(after, before) {
      scanning.limitHttp(after.limits.httpRequests);
      kept.keep(after.history.keepFile);
      const listed = listsSameHosts(after, before) ? Promise.resolve() : upkeep.reload();
      // Hosts that were switched off together with the first yes are out of the list before anything begins.
      if (begun && after.welcomed && !before.welcomed) void listed.then(begin);
    },
  });
  const notices = createNotices({ store, log, changeSettings: settingsKeeper.update });

  return {
    handlers: createHandlers({
      store,
      scanner,
      logins,
      prompts,
      trust,
      apiKeys,
      history,
      forwards,
      otherPrograms,
      settings: settingsKeeper,
      testPrompts,
      readLog,
      about,
      reporter,
    }),
    snapshot: () => store.snapshot(),
    subscribe: (listener) => store.subscribe(listener),
    loadHosts: () => hostList.load(),
    resolveHosts: () => hostList.resolveAll(),
    history,
    logIn: (hostIds) => logins.start(hostIds),
    refresh: () => scanner.refresh(),
    scan: (hostIds) => scanner.scan(hostIds),
    begin() {
      begun = true;
      if (mayContact(store.current())) begin();
    },
    watch() {
      watcher.start();
      upkeep.start();
    },
    async autoForward() {
      await otherPrograms.look();
      otherPrograms.start();
      rules.start();
      await rules.settle();
    },
    wake: upkeep.wake,
    report(problem) {
      otherProblems.push(problem);
      onProblem(problem);
    },
    setShown(shown) {
      watcher.setShown(shown);
      otherPrograms.setShown(shown);
    },
    setOnBattery: (onBattery) => watcher.setOnBattery(onBattery),
    async dispose() {
      disposed = true;
      notices.dispose();
      testPrompts.dispose();
      upkeep.dispose();
      await Promise.all([scanning.dispose(), otherPrograms.dispose()]);
      await forwarding.dispose();
      await pool.dispose();
      await kept.dispose();
      store.dispose();
    },
  };
}

function listsSameHosts(after: Settings, before: Settings): boolean {
  const hostsOf = ({ excludedHosts, hostPattern, ssh }: Settings) => [excludedHosts, hostPattern, ssh];
  return isDeepStrictEqual(hostsOf(after), hostsOf(before));
}
