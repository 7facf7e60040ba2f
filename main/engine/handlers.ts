import type { EngineHandlers } from '#common/contract.ts';
import type { About } from '#common/diagnostics.ts';
import { exportHistory, exportScan } from '#common/export.ts';
import { thinned } from '#common/history.ts';
import type { HostId, Snapshot } from '#common/model.ts';
import { failureOf, mayContact } from '#common/select.ts';
import type { ApiKeys } from './api-keys.ts';
import type { OtherPrograms } from './elsewhere/other-programs.ts';
import type { Forwards } from './forward/forwards.ts';
import type { History } from './history/history.ts';
import { serverOf } from './listed.ts';
import type { LogBook } from './log-book.ts';
import type { TestPrompts } from './models/test-prompts.ts';
import type { Prompts } from './prompts.ts';
import type { Reporter } from './report.ts';
import type { Logins } from './scan/logins.ts';
import type { Scanner } from './scan/scanner.ts';
import type { SettingsKeeper } from './settings-keeper.ts';
import type { Trust } from './ssh/trust.ts';
import type { Store } from './store.ts';

export interface HandlerDeps {
  readonly store: Store;
  readonly scanner: Scanner;
  readonly logins: Logins;
  readonly prompts: Prompts;
  readonly trust: Trust;
  readonly apiKeys: ApiKeys;
  readonly history: History;
  readonly forwards: Forwards;
  readonly otherPrograms: OtherPrograms;
  readonly settings: SettingsKeeper;
  readonly testPrompts: TestPrompts;
  readonly readLog: LogBook['read'];
  readonly about: () => About;
  readonly reporter: Reporter;
}

/** Answers the engine's calls of the contract. */
export function createHandlers(deps: HandlerDeps): EngineHandlers {
  const { store, scanner, logins, prompts, trust, apiKeys, history, forwards } = deps;
  const { otherPrograms, settings, testPrompts } = deps;
  return {
    'snapshot.get': () => store.snapshot(),
    'scan.start': ({ hostIds }) => {
      if (!mayContact(store.current())) return { total: 0 };
      void scanner.scan(hostIds);
      return { total: hostIds?.length ?? store.current().hosts.length };
    },
    'scan.cancel': () => {
      scanner.cancel();
      return null;
    },
    'host.login': ({ hostIds }) => {
      void logins.start(hostIds);
      return null;
    },
    'prompt.answer': ({ promptId, answers, remember = false }) => {
      prompts.answer(promptId, answers, remember);
      return null;
    },
    'prompt.dismiss': ({ promptId }) => {
      prompts.dismiss(promptId);
      return null;
    },
    'hostKey.accept': ({ keyIds }) => {
      trust.accept(keyIds);
      const hostIds = hostsWaitingFor(store.current(), keyIds);
      store.apply({ kind: 'host-keys-accepted', keyIds });
      void scanner.scan(hostIds);
      return null;
    },
    'model.test': (request) => testPrompts.start(request),
    'model.endTest': ({ id }) => {
      testPrompts.end(id);
      return null;
    },
    'history.get': ({ ids, sinceMs, stepMs }) => {
      const tracks = history.read(ids, sinceMs);
      return stepMs === undefined ? tracks : tracks.map((track) => thinned(track, { stepMs }));
    },
    'export.file': ({ what, format }) =>
      what === 'scan'
        ? exportScan(store.current(), format, Date.now())
        : exportHistory(history.read(history.ids()), format, Date.now()),
    'server.setKey': ({ serverId, key }) => {
      const { hostId } = serverOf(store.current(), serverId);
      apiKeys.set(serverId, key);
      void scanner.scan([hostId]);
      return null;
    },
    'settings.update': ({ change }) => {
      settings.update(change);
      // The patch goes out before the answer: whoever changes one thing after the other builds on the first.
      store.snapshot();
      return null;
    },
    'settings.reset': () => {
      settings.reset();
      return null;
    },
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
    'forward.close': async ({ forwardId }) => {
      await forwards.close(forwardId);
      return null;
    },
    'tmux.open': (request) => otherPrograms.openTmuxForward(request),
    'elsewhere.refresh': async () => {
      await otherPrograms.look();
      return null;
    },
    'elsewhere.kill': async ({ id }) => {
      await otherPrograms.kill(id);
      return null;
    },
    'elsewhere.clean': ({ ids }) => otherPrograms.clean(ids),
    'local.refresh': async () => {
      await otherPrograms.look({ thorough: true });
      return null;
    },
    'forward.closeAll': async () => {
      await forwards.closeAll();
      return null;
    },
    'forward.retry': async ({ forwardId }) => {
      await forwards.retry(forwardId);
      return null;
    },
    'forward.pin': async ({ forwardId, pinned }) => {
      await forwards.pin(forwardId, pinned);
      return null;
    },
  };
}

function hostsWaitingFor({ hosts }: Snapshot, keyIds: readonly string[]): HostId[] {
  return hosts.filter(({ state }) => keyIds.includes(failureOf(state)?.hostKeyId ?? '')).map(({ id }) => id);
}
