/** The tray menu as plain data, computed from the Snapshot. An entry names a contract call; the face only draws it. */

import type { CallRef } from './contract.ts';
import { errors } from './errors.ts';
import { count, formatGiB } from './format.ts';
import type { Forward } from './forwards.ts';
import type { Host, Snapshot } from './model.ts';
import {
  canForward,
  canLogIn,
  forwardUrl,
  headline,
  hostSummary,
  hostsByIdleFirst,
  isUp,
  type ModelRow,
  modelRows,
  sshCommand,
  waitingKeys,
} from './select.ts';
import { plainText } from './text.ts';

export type MenuEntry =
  | { readonly kind: 'label'; readonly id: string; readonly label: string }
  | { readonly kind: 'separator' }
  | {
      readonly kind: 'action';
      readonly id: string;
      readonly label: string;
      readonly call: CallRef;
      readonly enabled: boolean;
    }
  | {
      readonly kind: 'submenu';
      readonly id: string;
      readonly label: string;
      readonly entries: readonly MenuEntry[];
    };

/** More than about fifteen entries on a level cannot be read at a glance; the window has the rest. */
const maxPerLevel = 15;

export function menu(snapshot: Snapshot): readonly MenuEntry[] {
  return [
    ...(snapshot.source.kind === 'demo' ? [label('demo', 'Demo cluster')] : []),
    label('headline', headline(snapshot)),
    ...attention(snapshot),
    { kind: 'separator' },
    idleMenu(snapshot),
    modelsMenu(snapshot),
    forwardsMenu(snapshot),
    { kind: 'separator' },
    scanEntry(snapshot),
    action('open', 'Open window', { name: 'app.showWindow', input: {} }),
    { kind: 'separator' },
    action('quit', 'Quit', { name: 'app.quit', input: {} }),
  ];
}

/** What only a person can go on with; the window asks. */
function attention(snapshot: Snapshot): readonly MenuEntry[] {
  const keys = waitingKeys(snapshot).length;
  const logins = snapshot.hosts.filter(canLogIn).length;
  const words = [
    ...(snapshot.prompts.length > 0 ? [`${count(snapshot.prompts.length, 'question')} waiting`] : []),
    ...(keys > 0 ? [`${count(keys, 'new host key')}`] : []),
    ...(logins > 0 ? [`${count(logins, 'host')} to log in to`] : []),
  ];
  return words.length === 0
    ? []
    : [action('attention', `${words.join(', ')}…`, { name: 'app.showWindow', input: {} })];
}

function idleMenu(snapshot: Snapshot): MenuEntry {
  const hosts = hostsByIdleFirst(snapshot).flatMap((host) => {
    const summary = hostSummary(host, snapshot.settings.idleRule);
    return isUp(host.state) && summary.idle > 0 ? [{ host, summary }] : [];
  });
  const entries = hosts.map(({ host, summary }) =>
    submenu(`idle ${host.id}`, `${host.alias}   ${summary.idle} of ${summary.total} idle`, [
      label(`gpu ${host.id}`, gpuLine(host)),
      copy(`ssh ${host.id}`, 'Copy ssh command', sshCommand(snapshot.source, host)),
      action(`show ${host.id}`, 'Open window', { name: 'app.showWindow', input: {} }),
    ]),
  );
  return section('idle', 'Idle GPUs', entries, 'No idle GPU');
}

function gpuLine(host: Host): string {
  const [first] = host.gpus;
  if (first === undefined) return 'No GPU';
  const memory = first.memTotalMiB === null ? '' : `, ${formatGiB(first.memTotalMiB)} GiB`;
  return `${host.gpus.length} × ${first.name}${memory}`;
}

function modelsMenu(snapshot: Snapshot): MenuEntry {
  const entries = modelRows(snapshot).flatMap((row) => {
    if (row.model === null) return [];
    const title = `${plainText(row.model.id, 60)} · ${row.host.alias}`;
    return [
      row.forward === null ? forwardAction(snapshot, row, title) : forwardEntry(row.forward, title, row.key),
    ];
  });
  return section('models', 'Models', entries, 'No model found');
}

function forwardAction(snapshot: Snapshot, row: ModelRow, title: string): MenuEntry {
  const permission = canForward(snapshot, row.server);
  return submenu(`model ${row.key}`, title, [
    ...(permission.ok ? [] : [label(`why ${row.key}`, errors[permission.why].title)]),
    action(
      `forward ${row.key}`,
      'Forward',
      { name: 'forward.open', input: { hostId: row.server.hostId, remotePort: row.server.port } },
      permission.ok,
    ),
  ]);
}

/** An open forward: its address to copy, its state if it is not simply listening, and stop. */
function forwardEntry(forward: Forward, title: string, key: string): MenuEntry {
  const url = forwardUrl(forward);
  return submenu(`forwarded ${key}`, `${title}   ${url?.replace('http://', '') ?? 'opening'}`, [
    label(`state ${key}`, describeForward(forward)),
    ...(url === null ? [] : [copy(`copy ${key}`, `Copy ${url}/v1`, `${url}/v1`)]),
    action(`stop ${key}`, 'Stop', { name: 'forward.close', input: { forwardId: forward.id } }),
  ]);
}

function describeForward({ state, traffic }: Forward): string {
  switch (state.kind) {
    case 'opening':
      return 'Opening';
    case 'listening':
      return `Listening, ${count(traffic.openConnections, 'connection')}`;
    case 'retrying':
      return `Host is away, retrying: ${errors[state.failure.code].title}`;
    case 'failed':
      return `Failed: ${errors[state.failure.code].title}`;
  }
}

function forwardsMenu(snapshot: Snapshot): MenuEntry {
  const entries = snapshot.forwards.map((forward) =>
    forwardEntry(forward, `${forward.hostId}:${forward.remotePort}`, forward.id),
  );
  return section('forwards', 'Forwards', entries, 'No forward');
}

function scanEntry({ scan }: Snapshot): MenuEntry {
  if (scan.kind !== 'running') return action('scan', 'Rescan', { name: 'scan.start', input: {} });
  const pct = scan.total === 0 ? 100 : Math.floor((100 * scan.done) / scan.total);
  return action('cancel', `Cancel scan (${pct} %, ${scan.done} of ${scan.total})`, {
    name: 'scan.cancel',
    input: {},
  });
}

function section(id: string, title: string, entries: readonly MenuEntry[], empty: string): MenuEntry {
  if (entries.length === 0) return label(id, empty);
  const hidden = entries.length - maxPerLevel;
  const shown = hidden > 1 ? entries.slice(0, maxPerLevel) : entries;
  return submenu(id, `${title} (${entries.length})`, [
    ...shown,
    ...(hidden > 1
      ? [action(`more ${id}`, `${hidden} more in the window`, { name: 'app.showWindow', input: {} })]
      : []),
  ]);
}

function label(id: string, text: string): MenuEntry {
  return { kind: 'label', id, label: text };
}

function action(id: string, text: string, call: CallRef, enabled = true): MenuEntry {
  return { kind: 'action', id, label: text, call, enabled };
}

function copy(id: string, text: string, content: string): MenuEntry {
  return action(id, text, { name: 'app.copyText', input: { text: content } });
}

function submenu(id: string, text: string, entries: readonly MenuEntry[]): MenuEntry {
  return { kind: 'submenu', id, label: text, entries };
}
