/** The tray menu as plain data, computed from the Snapshot. An entry names a contract call; the face only draws it. */

import { formatsOf } from './format.ts';
import type { Forward, LocalServer } from './forwards.ts';
import type { Language } from './language.ts';
import {
  action,
  copy,
  label,
  type MenuEntry,
  type MenuWords,
  section,
  separator,
  show,
  submenu,
} from './menu-entry.ts';
import type { Host, Snapshot } from './model.ts';
import {
  canForward,
  canLogIn,
  docsUrl,
  forwardAddress,
  forwardUrl,
  headline,
  hostSummary,
  hostsByIdleFirst,
  isAway,
  isUp,
  type ModelRow,
  mayContact,
  modelRows,
  sshCommand,
  waitingKeys,
} from './select.ts';
import { plainText } from './text.ts';
import { menuWords } from './words/menu.ts';
import { errorWords, stateWords } from './words/states.ts';

interface Context {
  readonly snapshot: Snapshot;
  readonly language: Language;
  readonly words: MenuWords;
}

export function menu(snapshot: Snapshot, language: Language): readonly MenuEntry[] {
  const words = menuWords[language];
  const context: Context = { snapshot, language, words };
  return [
    ...(snapshot.source.kind === 'demo' ? [label('demo', stateWords[language].demo)] : []),
    label('headline', headline(snapshot, language)),
    ...attention(context),
    separator,
    idleMenu(context),
    modelsMenu(context),
    forwardsMenu(context),
    ...localMenu(context),
    autoForwardEntry(context),
    separator,
    scanEntry(context),
    show('open', words.openWindow),
    show('settings', words.settings, { view: 'settings' }),
    separator,
    action('quit', words.quit, { name: 'app.quit', input: {} }),
  ];
}

/** What only a person can go on with; the window asks. */
function attention({ snapshot, words }: Context): readonly MenuEntry[] {
  const keys = waitingKeys(snapshot).length;
  const logins = snapshot.hosts.filter(canLogIn).length;
  const parts = [
    ...(snapshot.prompts.length > 0 ? [words.questionsWaiting(snapshot.prompts.length)] : []),
    ...(keys > 0 ? [words.newHostKeys(keys)] : []),
    ...(logins > 0 ? [words.hostsToLogInTo(logins)] : []),
  ];
  return parts.length === 0 ? [] : [show('attention', `${parts.join(', ')}…`)];
}

function idleMenu(context: Context): MenuEntry {
  const { snapshot, words } = context;
  const hosts = hostsByIdleFirst(snapshot).flatMap((host) => {
    const summary = hostSummary(host, snapshot.settings.idleRule);
    return isUp(host.state) && summary.idle > 0 ? [{ host, summary }] : [];
  });
  const entries = hosts.map(({ host, summary }) =>
    submenu(`idle ${host.id}`, `${host.alias}   ${words.idleOf(summary.idle, summary.total)}`, [
      label(`gpu ${host.id}`, gpuLine(host, context)),
      copy(`ssh ${host.id}`, words.copySsh, sshCommand(snapshot.source, host)),
      show(`show ${host.id}`, words.showInWindow, { view: 'gpus', id: host.id }),
    ]),
  );
  return section({ id: 'idle', title: words.idleGpus, entries, empty: words.noIdleGpu, words });
}

function gpuLine(host: Host, { language, words }: Context): string {
  const [first] = host.gpus;
  if (first === undefined) return words.noGpu;
  const memory = first.memTotalMiB === null ? '' : `, ${formatsOf(language).gib(first.memTotalMiB)} GiB`;
  return `${host.gpus.length} × ${first.name}${memory}`;
}

function modelsMenu(context: Context): MenuEntry {
  const { snapshot, words } = context;
  const entries = modelRows(snapshot).flatMap((row) => {
    if (row.model === null) return [];
    const title = `${plainText(row.model.id, 60)} · ${row.host.alias}`;
    return [
      row.forward === null
        ? forwardAction(row, title, context)
        : forwardEntry(row.forward, title, { ...context, key: row.key }),
    ];
  });
  return section({ id: 'models', title: words.models, entries, empty: words.noModel, words });
}

function forwardAction(row: ModelRow, title: string, { snapshot, language, words }: Context): MenuEntry {
  const permission = canForward(snapshot, row.server);
  return submenu(`model ${row.key}`, title, [
    ...(permission.ok ? [] : [label(`why ${row.key}`, errorWords(permission.why, language).title)]),
    action(
      `forward ${row.key}`,
      words.forward,
      { name: 'forward.open', input: { hostId: row.server.hostId, remotePort: row.server.port } },
      permission.ok,
    ),
    show(`show ${row.key}`, words.showInWindow, { view: 'models', id: row.server.id }),
  ]);
}

interface KeyedContext extends Context {
  readonly key: string;
}

/** An open forward: its address to copy, its state if it is not simply listening, and stop. */
function forwardEntry(forward: Forward, title: string, context: KeyedContext): MenuEntry {
  const { key, snapshot, language, words } = context;
  const url = forwardUrl(forward);
  const address = forwardAddress(forward) ?? stateWords[language].forward.opening;
  return submenu(`forwarded ${key}`, `${title}   ${address}`, [
    label(`state ${key}`, describeForward(forward, context)),
    ...(url === null ? [] : [copy(`copy ${key}`, words.copy(`${url}/v1`), `${url}/v1`)]),
    ...(docsUrl(snapshot, forward) === null
      ? []
      : [action(`docs ${key}`, words.openDocs, { name: 'app.openDocs', input: { forwardId: forward.id } })]),
    ...(isAway(forward)
      ? [action(`retry ${key}`, words.retry, { name: 'forward.retry', input: { forwardId: forward.id } })]
      : []),
    action(`stop ${key}`, words.stop, { name: 'forward.close', input: { forwardId: forward.id } }),
    show(`show ${key}`, words.showInWindow, { view: 'forwards', id: forward.id }),
  ]);
}

function describeForward({ state, health, traffic }: Forward, { language, words }: Context): string {
  const states = stateWords[language];
  switch (state.kind) {
    case 'opening':
      return states.forward.opening;
    case 'listening':
      return [
        states.forward.listening,
        words.connections(traffic.openConnections),
        ...(health.kind === 'model-down' ? [states.health['model-down']] : []),
      ].join(', ');
    case 'retrying':
      return `${words.hostIsAway}: ${errorWords(state.failure.code, language).title}`;
    case 'failed':
      return `${states.forward.failed}: ${errorWords(state.failure.code, language).title}`;
  }
}

function forwardsMenu(context: Context): MenuEntry {
  const { snapshot, words } = context;
  const entries = snapshot.forwards.map((forward) =>
    forwardEntry(forward, `${forward.hostId}:${forward.remotePort}`, { ...context, key: forward.id }),
  );
  const after =
    entries.length > 1 ? [action('stop-all', words.stopAll, { name: 'forward.closeAll', input: {} })] : [];
  return section({ id: 'forwards', title: words.forwards, entries, empty: words.noForward, after, words });
}

/** Model servers that answer on this computer and are not forwards of this app. */
function localMenu({ snapshot, words }: Context): readonly MenuEntry[] {
  const entries = snapshot.localServers
    .filter(({ owner }) => owner.kind !== 'forward')
    .map((server) => copy(`local ${server.port}`, localTitle(server), `http://localhost:${server.port}/v1`));
  if (entries.length === 0) return [];
  return [section({ id: 'local', title: words.onThisComputer, entries, empty: '', words })];
}

function localTitle({ port, models }: LocalServer): string {
  return `localhost:${port}   ${models.map((model) => plainText(model, 60)).join(', ')}`;
}

function autoForwardEntry({ snapshot: { settings }, words }: Context): MenuEntry {
  const { autoForward } = settings;
  const change = { autoForward: { ...autoForward, enabled: !autoForward.enabled } };
  return {
    kind: 'check',
    id: 'auto-forward',
    label: words.autoForward,
    call: { name: 'settings.update', input: { change } },
    checked: autoForward.enabled,
  };
}

function scanEntry({ snapshot, words }: Context): MenuEntry {
  // Nobody is contacted before a person has seen who, and said yes.
  const { scan } = snapshot;
  if (scan.kind === 'never' && !mayContact(snapshot)) return show('begin', words.begin);
  if (scan.kind !== 'running') return action('scan', words.rescan, { name: 'scan.start', input: {} });
  const pct = scan.total === 0 ? 100 : Math.floor((100 * scan.done) / scan.total);
  return action('cancel', words.cancelScan(pct, scan.done, scan.total), { name: 'scan.cancel', input: {} });
}
