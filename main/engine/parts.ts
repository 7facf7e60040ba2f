/** The parts of the engine, each made with those that it needs. When they begin and end is said in engine.ts. */

import { join } from 'node:path';
import type { Problem } from '#common/failure.ts';
import { isOwnPort } from '#common/forward-target.ts';
import type { HostId } from '#common/ids.ts';
import { emptySnapshot } from '#common/reduce.ts';
import type { Settings } from '#common/settings.ts';
import type { Source } from '#common/snapshot.ts';
import { describeApp, ownVersion } from './diagnostics/about.ts';
import type { Log } from './diagnostics/log.ts';
import { createLogBook } from './diagnostics/log-book.ts';
import { createReporter, ownNames } from './diagnostics/report.ts';
import { createForwarding } from './forward/forwarding.ts';
import { createForwardMemory } from './forward/memory.ts';
import { createGateway, type GatewayBounds } from './gateway/gateway.ts';
import { createKeptHistory } from './history/kept-history.ts';
import { createHostList } from './host-list.ts';
import { createLaunches } from './launch/launches.ts';
import { createTestPrompts } from './models/test-prompts.ts';
import { createInView } from './scan/in-view.ts';
import { createRetries } from './scan/retries.ts';
import { createScanning } from './scan/scanning.ts';
import { createApiKeys } from './secrets/api-keys.ts';
import { createPrompts, type SecretStore } from './secrets/prompts.ts';
import { createFleet } from './sources/prometheus/fleet.ts';
import { createPasts } from './sources/prometheus/past/pasts.ts';
import { createSourceSecrets } from './sources/prometheus/source-secrets.ts';
import type { SourceSecrets } from './sources/prometheus/way.ts';
import { createSshMeters } from './sources/ssh/ssh-meter.ts';
import { onlySsh } from './ssh/config/only-ssh.ts';
import { createResolver } from './ssh/config/resolve.ts';
import { createPool } from './ssh/pool.ts';
import type { Transport } from './ssh/transport.ts';
import { createTrust } from './ssh/trust/trust.ts';
import { createStore, type Store } from './store.ts';
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

export type Parts = ReturnType<typeof createParts>;

/** Makes them; nothing happens before one of their methods is called. */
export function createParts(deps: EngineDeps) {
  const { secrets = null, remotePorts = null, ownPorts = () => [] } = deps;
  const { log, read: readLog } = createLogBook(deps.log);
  const store = createStore(emptySnapshot(deps.source, deps.settings));
  const problems = createProblems(store, deps.settingsProblems ?? []);
  // What the demo cluster did is not worth keeping.
  const dataFolder = deps.source.kind === 'demo' ? null : (deps.dataFolder ?? null);
  const ways = createWays(deps, { store, dataFolder, log, onProblem: problems.found });
  const { resolver, pool, prompts, retries, connect } = ways;
  const hostList = createHostList({
    ...deps,
    store,
    resolver,
    otherProblems: problems.reported,
    labelsOf: (aliases) => fleet.labelsOf(aliases),
  });
  const kept = createKeptHistory(store, dataFolder);
  const about = () => describeApp({ settingsFile: deps.settingsFile ?? null, historyFile: kept.path });
  const own = ownNames(deps.home, deps.env);
  const reporter = createReporter({ store, about, readLog: () => readLog(0), own });
  const apiKeys = createApiKeys(secrets, (use) =>
    store.apply({ kind: 'parts-changed', parts: { apiKeys: use } }),
  );
  const apiKeyFor = apiKeys.get;
  const sshMeters = createSshMeters({ store, pool, log, remotePorts, apiKeyFor });
  const sourceSecrets = createSourceSecrets(secrets, deps.sourceSecrets ?? (() => null));
  const fleet = createFleet({
    store,
    secrets: sourceSecrets,
    hostRegex: deps.hostRegex,
    group: deps.group,
    groupOf: hostList.groupOf,
    stream: async (alias, port, signal) =>
      (await connect(alias, signal)).stream('127.0.0.1', port, signal === undefined ? {} : { signal }),
    log,
  });
  const inView = createInView();
  const scanning = createScanning({
    store,
    sources: [sshMeters],
    retries,
    prompts,
    inView,
    log,
    expect: (hostIds) => void resolver.expect(hostIds),
  });
  const { scanner } = scanning;
  const memory = createForwardMemory(dataFolder, (detail) =>
    problems.found({ code: 'forwards-file', detail }),
  );
  const gateway = createGateway({
    store,
    dataFolder,
    apiKeyFor,
    log,
    ...deps.gateway,
    transport: async (hostId, signal) => pool.peek(hostId)?.transport ?? connect(hostId, signal),
  });
  const thisComputer = createThisComputer({
    ...deps,
    store,
    resolver,
    log,
    ownPorts: () => [...ownPorts(), ...gateway.ports()],
    copies: () => memory.copies().filter(isOwnPort),
  });
  const tmux = thisComputer;
  const forwarding = createForwarding({ ...deps, store, pool, retries, resolver, tmux, log, memory });
  const { forwards } = forwarding;
  return {
    ...ways,
    store,
    log,
    readLog,
    problems,
    hostList,
    kept,
    about,
    reporter,
    apiKeys,
    sshMeters,
    sourceSecrets,
    fleet,
    pasts: createPasts(fleet),
    inView,
    scanning,
    gateway,
    thisComputer,
    forwarding,
    launches: createLaunches({ store, pool, retries, scanner, forwards, log }),
    upkeep: createUpkeep({ store, hostList, resolver, pool, scanner, retries, onHosts: scanning.retain }),
    testPrompts: createTestPrompts({ store, apiKeyFor, transport: connect }),
  };
}

interface Ground {
  readonly store: Store;
  readonly dataFolder: string | null;
  readonly log: Log;
  readonly onProblem: (problem: Problem) => void;
}

/** What leads to hosts: their configuration, the trust in them, what a person answers for them, and connections. */
function createWays(deps: EngineDeps, { store, dataFolder, log, onProblem }: Ground) {
  const { home, env } = deps;
  const settings = (): Settings => store.current().settings;
  const keep =
    dataFolder === null
      ? undefined
      : { path: join(dataFolder, 'ssh-answers.json'), appVersion: ownVersion() };
  const limit = deps.settings.limits.configReads;
  const resolver = onlySsh(
    createResolver({ sshConfigPath: deps.sshConfigPath, limit, home, env, keep, onProblem }),
  );
  const trust = createTrust({
    onMet: (hostKey) => store.apply({ kind: 'host-key-met', hostKey }),
    onProblem,
  });
  const prompts = createPrompts(store, deps.secrets ?? null);
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
  const connect = async (hostId: HostId, signal?: AbortSignal): Promise<Transport> =>
    (await pool.get(hostId, { signal })).transport;
  return { resolver, trust, prompts, pool, retries, connect };
}

/** The problems of the configuration that are not found in its files. */
function createProblems(store: Store, ofSettings: readonly Problem[]) {
  let reported = [...ofSettings];
  const found = (problem: Problem): void => store.apply({ kind: 'problem-found', problem });
  return {
    /** Shows one until the configuration is read again. */
    found,
    /** Those that are shown again then. */
    reported: (): readonly Problem[] => reported,
    report(problem: Problem): void {
      reported.push(problem);
      found(problem);
    },
    withdraw(code: Problem['code']): void {
      reported = reported.filter((problem) => problem.code !== code);
      store.apply({ kind: 'problem-gone', code });
    },
  };
}
