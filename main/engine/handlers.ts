import type { EngineHandlers } from '#common/contract.ts';
import type { About } from '#common/diagnostics.ts';
import { exportHistory, exportScan } from '#common/export.ts';
import { mostLabelLength } from '#common/forwards.ts';
import { thinned } from '#common/history.ts';
import { type HostId, isPrometheusHostId } from '#common/ids.ts';
import { failureOf } from '#common/select/failures.ts';
import { mayContact } from '#common/select/hosts.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { plainText } from '#common/text.ts';
import type { LogBook } from './diagnostics/log-book.ts';
import type { Reporter } from './diagnostics/report.ts';
import type { Forwards } from './forward/forwards.ts';
import type { GatewayControl } from './gateway/gateway.ts';
import type { History } from './history/history.ts';
import type { Launches } from './launch/launches.ts';
import { serverOf } from './listed.ts';
import type { TestPrompts } from './models/test-prompts.ts';
import type { InView } from './scan/in-view.ts';
import type { Logins } from './scan/logins.ts';
import type { Retries } from './scan/retries.ts';
import type { Scanner } from './scan/scanner.ts';
import type { ApiKeys } from './secrets/api-keys.ts';
import type { Prompts } from './secrets/prompts.ts';
import type { SettingsKeeper } from './settings/settings-keeper.ts';
import type { Fleet } from './sources/prometheus/fleet.ts';
import type { Pasts } from './sources/prometheus/past/pasts.ts';
import type { SecretsOfSources } from './sources/prometheus/source-secrets.ts';
import type { Trust } from './ssh/trust/trust.ts';
import type { Store } from './store.ts';
import type { ThisComputer } from './this-computer/this-computer.ts';

export interface HandlerDeps {
  readonly store: Store;
  readonly scanner: Scanner;
  readonly retries: Retries;
  readonly inView: InView;
  readonly logins: Logins;
  readonly prompts: Prompts;
  readonly trust: Trust;
  readonly apiKeys: ApiKeys;
  readonly fleet: Fleet;
  readonly pasts: Pasts;
  readonly sourceSecrets: SecretsOfSources;
  readonly history: History;
  readonly forwards: Forwards;
  readonly launches: Launches;
  readonly thisComputer: ThisComputer;
  readonly gateway: GatewayControl;
  readonly settings: SettingsKeeper;
  readonly testPrompts: TestPrompts;
  readonly readLog: LogBook['read'];
  readonly about: () => About;
  readonly reporter: Reporter;
}

/** Answers the engine's calls of the contract. */
export function createHandlers(deps: HandlerDeps): EngineHandlers {
  const { store, scanner, inView, retries, logins, prompts, trust, apiKeys, history, forwards } = deps;
  const { thisComputer, settings, testPrompts, launches, gateway } = deps;
  return {
    'snapshot.get': () => store.snapshot(),
    'scan.start': ({ hostIds }) => {
      if (!mayContact(store.current())) return { total: 0 };
      void scanner.scan(hostIds);
      if (hostIds === undefined || hostIds.some(isPrometheusHostId)) void deps.fleet.pollAll();
      return { total: hostIds?.length ?? store.current().hosts.length };
    },
    'host.look': ({ hostIds }) => {
      const listed = new Set(store.current().hosts.map(({ id }) => id));
      for (const hostId of hostIds) if (listed.has(hostId)) retries.of(hostId).hurry('person');
    },
    'host.inView': ({ hostIds }) => inView.report(hostIds),
    'scan.cancel': () => scanner.cancel(),
    'host.login': ({ hostIds }) => void logins.start(hostIds),
    'prompt.answer': ({ promptId, answers, remember = false }) => prompts.answer(promptId, answers, remember),
    'prompt.dismiss': ({ promptId }) => prompts.dismiss(promptId),
    'hostKey.accept': ({ keyIds }) => {
      trust.accept(keyIds);
      const hostIds = hostsWaitingFor(store.current(), keyIds);
      store.apply({ kind: 'host-keys-accepted', keyIds });
      void scanner.scan(hostIds);
    },
    'model.test': (request) => testPrompts.start(request),
    'model.endTest': ({ id }) => testPrompts.end(id),
    'history.get': ({ ids, sinceMs, stepMs }) => {
      const tracks = history.read(ids, sinceMs);
      return stepMs === undefined ? tracks : tracks.map((track) => thinned(track, { stepMs }));
    },
    'history.fromSources': (request) => deps.pasts.of(request),
    'export.file': ({ what, format }) =>
      what === 'scan'
        ? exportScan(store.current(), format, Date.now())
        : exportHistory(history.read(history.ids()), format, Date.now()),
    'server.setKey': ({ serverId, key }) => {
      const { hostId } = serverOf(store.current(), serverId);
      apiKeys.set(serverId, key);
      void scanner.scan([hostId]);
    },
    'source.test': (test) => deps.fleet.test(test),
    'source.setSecret': ({ sourceId, ...secrets }) => {
      deps.sourceSecrets.set(sourceId, secrets);
      deps.fleet.reload(sourceId);
    },
    'settings.update': async ({ change }) => {
      const stored = settings.update(change);
      // The patch goes out before the answer: a caller that makes two changes in a row builds on the first.
      store.snapshot();
      await stored;
    },
    'settings.reset': () => settings.reset(),
    'settings.export': () => ({
      fileName: 'vllm-tray-settings.json',
      mediaType: 'application/json',
      text: settings.exported(),
    }),
    'settings.import': ({ text }) => settings.imported(text),
    'log.get': ({ after }) => deps.readLog(after),
    'about.get': () => deps.about(),
    'report.get': () => deps.reporter.report(),
    'forward.open': (request) => forwards.open(request),
    'forward.read': ({ line }) => thisComputer.readForwards(line),
    'forward.close': ({ forwardId }) => forwards.close(forwardId),
    'tmux.open': (request) => thisComputer.openTmuxForward(request),
    'otherForwards.kill': ({ id }) => thisComputer.kill(id),
    'otherForwards.clean': (options) => thisComputer.clean(options),
    'localServers.refresh': async () => {
      await thisComputer.look({ thorough: true });
    },
    'forward.closeAll': () => forwards.closeAll(),
    'forward.retry': ({ forwardId }) => forwards.retry(forwardId),
    'launch.plan': (request) => launches.plan(request),
    'launch.start': ({ planId, forward }) => launches.start(planId, forward),
    'launch.startProfile': ({ profileId }) => launches.startProfile(profileId),
    'launch.stop': ({ launchId }) => launches.stop(launchId),
    'launch.extend': ({ launchId, seconds }) => launches.extend(launchId, seconds),
    'launch.log': ({ launchId, after }) => launches.log(launchId, after),
    'launch.refresh': ({ hostIds }) => launches.refresh(hostIds),
    'gateway.switch': async ({ on }) => {
      const change = { gateway: { ...store.current().settings.gateway, enabled: on } };
      await Promise.all([settings.update(change), gateway.follow()]);
    },
    'gateway.access': () => gateway.access(),
    'gateway.renewKey': () => gateway.renewKey(),
    'gateway.requests': ({ after }) => gateway.requests(after),
    'forward.pin': ({ forwardId, pinned }) => forwards.pin(forwardId, pinned),
    'forward.label': ({ forwardId, label }) =>
      forwards.label(forwardId, plainText(label, mostLabelLength).trim() || null),
    'autoForward.off': async ({ stop }) => {
      const { autoForward } = store.current().settings;
      // Off first, or the rules would open them again.
      await settings.update({ autoForward: { ...autoForward, enabled: false } });
      if (stop) await forwards.closeAll('auto');
    },
  };
}

function hostsWaitingFor({ hosts }: Snapshot, keyIds: readonly string[]): HostId[] {
  return hosts.filter(({ state }) => keyIds.includes(failureOf(state)?.hostKeyId ?? '')).map(({ id }) => id);
}
