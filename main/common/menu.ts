/** The tray menu as plain data, computed from the Snapshot. An entry names a contract call; the face only draws it. */

import { formatsOf } from './format.ts';
import { forwardId } from './forward-target.ts';
import type { Forward } from './forwards.ts';
import { freeDevices, shellOnDevices } from './free-gpus.ts';
import type { Host } from './hosts.ts';
import type { Language } from './language.ts';
import type { LocalServer } from './local-servers.ts';
import {
  action,
  atMost,
  type MenuContext as Context,
  copy,
  label,
  type MenuEntry,
  type MenuWords,
  remedyEntry,
  section,
  separator,
  show,
  submenu,
} from './menu-entry.ts';
import { gatewayEntries } from './menu-gateway.ts';
import { launchesMenu } from './menu-launches.ts';
import { attention, failedMenu } from './menu-waiting.ts';
import type { Place } from './place.ts';
import { failureOf } from './select/failures.ts';
import { canForward, docsUrl, forwardAddress, forwardUrl, isAway } from './select/forwards.ts';
import {
  groupNames,
  hasSsh,
  hostGroups,
  hostSummary,
  hostsByIdleFirst,
  isUp,
  mayContact,
  sshCommand,
} from './select/hosts.ts';
import { remedyOf } from './select/remedies.ts';
import { type ModelRow, modelRows } from './select/servers.ts';
import type { Snapshot } from './snapshot.ts';
import { plainText } from './text.ts';
import { menuWords } from './words/menu.ts';
import { remedyWords } from './words/remedies.ts';
import { errorWords, headline, stateWords } from './words/states.ts';

export function menu(snapshot: Snapshot, language: Language): readonly MenuEntry[] {
  const words = menuWords[language];
  const context: Context = { snapshot, language, words };
  return [
    ...(snapshot.source.kind === 'demo' ? [label('demo', stateWords[language].demo)] : []),
    label('headline', headline(snapshot, language)),
    ...attention(context),
    separator,
    idleMenu(context),
    ...failedMenu(context),
    modelsMenu(context),
    forwardsMenu(context),
    ...launchesMenu(context),
    ...localMenu(context),
    ...gatewayEntries(context),
    autoForwardEntry(context),
    separator,
    scanEntry(context),
    show('open', words.openWindow),
    show('settings', words.settings, { view: 'settings' }),
    separator,
    action('quit', words.quit, { name: 'app.quit', input: {} }),
  ];
}

function idleMenu(context: Context): MenuEntry {
  const { snapshot, words } = context;
  const rule = snapshot.settings.idleRule;
  const hosts = hostsByIdleFirst(snapshot).filter(
    (host) => isUp(host.state) && hostSummary(host, rule).idle > 0,
  );
  const names = groupNames(snapshot.hosts);
  if (names.length > 0 && hosts.length > 0) return idleByGroup(names, hosts.length, context);
  const entries = hosts.map((host) => idleHost(host, context));
  return section({ id: 'idle', title: words.idleGpus, entries, empty: words.noIdleGpu, words });
}

/** One submenu for each group that has an idle GPU, and a line for each that answers and has none. */
function idleByGroup(names: readonly string[], count: number, context: Context): MenuEntry {
  const { snapshot, words } = context;
  const rule = snapshot.settings.idleRule;
  const groups = hostGroups(hostsByIdleFirst(snapshot), { names, rule }).filter(({ total }) => total > 0);
  const entries = groups.map(({ name, hosts, idle, total }): MenuEntry => {
    const id = name === null ? 'ungrouped' : `group ${name}`;
    const title = words.groupOf(name ?? words.otherHosts, idle, total);
    if (idle === 0) return label(id, title);
    const members = hosts.filter((host) => isUp(host.state) && hostSummary(host, rule).idle > 0);
    const inside = members.map((host) => idleHost(host, context));
    return submenu(id, title, atMost(id, inside, words));
  });
  return submenu('idle', `${words.idleGpus} (${count})`, atMost('idle', entries, words));
}

function idleHost(host: Host, context: Context): MenuEntry {
  const { snapshot, words } = context;
  const { idle, total } = hostSummary(host, snapshot.settings.idleRule);
  return submenu(`idle ${host.id}`, `${host.alias}   ${words.idleOf(idle, total)}`, [
    label(`gpu ${host.id}`, gpuLine(host, context)),
    ...(hasSsh(host)
      ? [
          copy(`ssh ${host.id}`, words.copySsh, sshCommand(snapshot.source, host)),
          ...shellEntry(host, context),
        ]
      : []),
    show(`show ${host.id}`, words.showInWindow, { view: 'gpus', id: host.id }),
  ]);
}

function shellEntry(host: Host, { snapshot: { source, settings }, words }: Context): readonly MenuEntry[] {
  const free = freeDevices(host, settings.idleRule);
  if (free.length === 0) return [];
  return [copy(`shell ${host.id}`, words.copyShell(free.length), shellOnDevices(source, host, free))];
}

function gpuLine(host: Host, { language, words }: Context): string {
  const [first] = host.gpus;
  if (first === undefined) return words.noGpu;
  const memory = first.memTotalMiB === null ? '' : `, ${formatsOf(language).memory(first.memTotalMiB)}`;
  return `${host.gpus.length} × ${first.name}${memory}`;
}

function modelsMenu(context: Context): MenuEntry {
  const { snapshot, language, words } = context;
  const entries = modelRows(snapshot).flatMap((row) => {
    if (row.model === null) return [];
    const title = `${plainText(row.model.id, 60)} · ${row.host.alias}${notWell(row, language)}`;
    return [
      row.forward === null
        ? forwardAction(row, title, context)
        : forwardEntry(row.forward, title, { ...context, key: row.key }),
    ];
  });
  return section({ id: 'models', title: words.models, entries, empty: words.noModel, words });
}

/** What is wrong with the server of a model that looks well otherwise; empty where nothing is. */
function notWell({ server: { state } }: ModelRow, language: Language): string {
  const words = stateWords[language];
  if (state.kind === 'stuck') return ` (${words.server.stuck})`;
  return state.kind === 'lost' ? ` (${words.lost.host(null)})` : '';
}

function forwardAction(row: ModelRow, title: string, { language, words }: Context): MenuEntry {
  const permission = canForward(row.host, row.server);
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
  const failure = failureOf(forward.state);
  const remedy = failure && remedyOf(failure, forward.hostId);
  const row: Place = { view: 'forwards', id: forward.id };
  const address = forwardAddress(forward) ?? stateWords[language].forward[forward.state.kind];
  return submenu(`forwarded ${key}`, `${title}   ${address}`, [
    label(`state ${key}`, describeForward(forward, context)),
    ...(url === null ? [] : [copy(`copy ${key}`, words.copy(`${url}/v1`), `${url}/v1`)]),
    ...(docsUrl(snapshot, forward) === null
      ? []
      : [action(`docs ${key}`, words.openDocs, { name: 'app.openDocs', input: { forwardId: forward.id } })]),
    ...(remedy === null
      ? []
      : [remedyEntry(`remedy ${key}`, remedyWords[language][remedy.kind], remedy, row)]),
    ...(isAway(forward)
      ? [action(`retry ${key}`, words.retry, { name: 'forward.retry', input: { forwardId: forward.id } })]
      : []),
    action(`stop ${key}`, words.stop, { name: 'forward.close', input: { forwardId: forward.id } }),
    show(`show ${key}`, words.showInWindow, row),
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
    forwardEntry(
      forward,
      [forward.label, forwardId(forward.hostId, forward)].flatMap((part) => part ?? []).join(' · '),
      {
        ...context,
        key: forward.id,
      },
    ),
  );
  const after =
    entries.length > 1 ? [action('stop-all', words.stopAll, { name: 'forward.closeAll', input: {} })] : [];
  return section({ id: 'forwards', title: words.forwards, entries, empty: words.noForward, after, words });
}

/** Model servers that answer on this computer and are not forwards of this app. */
function localMenu({ snapshot, words, language }: Context): readonly MenuEntry[] {
  const entries = snapshot.localServers
    .filter(({ owner }) => owner.kind !== 'forward')
    .map((server) =>
      copy(`local ${server.port}`, localTitle(server, language, words), `http://localhost:${server.port}/v1`),
    );
  if (entries.length === 0) return [];
  return [section({ id: 'local', title: words.localServers, entries, empty: '', words })];
}

/** This computer is not checked while the window is hidden: then it says when it last was. */
function localTitle({ port, models, state }: LocalServer, language: Language, words: MenuWords): string {
  const title = `localhost:${port}   ${models.map((model) => plainText(model, 60)).join(', ')}`;
  if (state.kind !== 'lost' || state.since === null) return title;
  return `${title}   ${words.seenAt(formatsOf(language).time(state.since))}`;
}

/** Off asks what becomes of the forwards that the rules have opened: two entries, where there are any. */
function autoForwardEntry({ snapshot: { settings, forwards }, words }: Context): MenuEntry {
  const { autoForward } = settings;
  const opened = forwards.filter(({ origin }) => origin === 'auto').length;
  if (autoForward.enabled && opened > 0) {
    const off = (id: string, text: string, stop: boolean) =>
      action(`auto-forward ${id}`, text, { name: 'autoForward.off', input: { stop } });
    return submenu('auto-forward', words.autoForwardOn(opened), [
      off('keep', words.autoForwardKeep(opened), false),
      off('stop', words.autoForwardStop(opened), true),
    ]);
  }
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
  // No host is contacted before a person has seen the list and agreed.
  const { scan } = snapshot;
  if (scan.kind === 'never' && !mayContact(snapshot)) return show('begin', words.begin);
  if (scan.kind !== 'running') return action('scan', words.rescan, { name: 'scan.start', input: {} });
  const pct = scan.total === 0 ? 100 : Math.floor((100 * scan.done) / scan.total);
  return action('cancel', words.cancelScan(pct, scan.done, scan.total), { name: 'scan.cancel', input: {} });
}
