/** All that the command palette leads to: views, hosts, models, forwards, and what can be done with them. Pure. */

import { type ClientId, clientIds } from '#common/clients/clients.ts';
import type { CallRef } from '#common/contract.ts';
import type { ForwardId } from '#common/ids.ts';
import type { Language } from '#common/language.ts';
import { type Place, views } from '#common/place.ts';
import { canForward, forwardAddress, forwardUrl } from '#common/select/forwards.ts';
import { gatewayModels } from '#common/select/gateway.ts';
import { hasSsh, sshCommand } from '#common/select/hosts.ts';
import { type ModelRow, modelRows } from '#common/select/servers.ts';
import type { SettingsChange } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { chosenModel } from '../gateway/chosen-model.ts';
import { requestsPart } from '../gateway/place.ts';
import { gatewayWords } from '../gateway/words.ts';
import { hostLine } from '../lib/format.ts';
import { frameWords } from '../lib/frame-words.ts';
import { sections } from '../settings/sections.ts';
import { settingsWords } from '../settings/words.ts';
import { paletteWords } from './words.ts';

export type PaletteKind = 'view' | 'host' | 'model' | 'forward' | 'action';

export interface PaletteEntry {
  /** Unique among all. */
  readonly id: string;
  readonly kind: PaletteKind;
  readonly title: string;
  /** What tells it from others of that title; empty: nothing. */
  readonly detail: string;
  readonly does: Deed;
}

export type Deed =
  | { readonly kind: 'go'; readonly place: Place }
  | { readonly kind: 'call'; readonly call: CallRef }
  | { readonly kind: 'copy'; readonly text: string; readonly what: string }
  | { readonly kind: 'change'; readonly change: SettingsChange }
  | { readonly kind: 'switch-off'; readonly alias: string }
  | { readonly kind: 'close'; readonly forwardId: ForwardId }
  /** The text for that client of the gateway, which names the model. */
  | { readonly kind: 'copy-for-client'; readonly client: ClientId; readonly model: string }
  | { readonly kind: 'close-all' | 'keyboard' };

export interface PaletteOptions {
  readonly language: Language;
  /** The desktop face, which can start a terminal. */
  readonly isDesktop: boolean;
}

/** In the order in which they stand where nothing is typed: what is about no single thing first. */
export function paletteEntries(
  snapshot: Snapshot,
  { language, isDesktop }: PaletteOptions,
): readonly PaletteEntry[] {
  const rows = modelRows(snapshot);
  return [
    ...viewEntries(language),
    ...generalEntries(snapshot, language),
    ...gatewayEntries(snapshot, language),
    ...snapshot.hosts.map((host): PaletteEntry => {
      const { id, alias: title } = host;
      const detail = hostLine(host, language);
      return { id: `host ${id}`, kind: 'host', title, detail, does: go({ view: 'gpus', id }) };
    }),
    ...rows.flatMap(modelEntry),
    ...snapshot.forwards.map((forward): PaletteEntry => {
      const { id, label } = forward;
      const title = forwardAddress(forward) ?? id;
      const detail = label === null ? id : `${label}, ${id}`;
      return { id: `forward ${id}`, kind: 'forward', title, detail, does: go({ view: 'forwards', id }) };
    }),
    ...rows.flatMap((row) => modelActions(row, language)),
    ...hostActions(snapshot, { language, isDesktop }),
    ...clientEntries(snapshot, language),
  ];
}

const go = (place: Place): Deed => ({ kind: 'go', place });

const action = (id: string, title: string, does: Deed, detail = ''): PaletteEntry => ({
  id,
  kind: 'action',
  title,
  detail,
  does,
});

function viewEntries(language: Language): readonly PaletteEntry[] {
  const frame = frameWords[language];
  const words = paletteWords[language];
  const titles = settingsWords[language].sections;
  return [
    ...views.map(
      (view): PaletteEntry => ({
        id: `view ${view}`,
        kind: 'view',
        title: frame.views[view],
        detail: '',
        does: go({ view }),
      }),
    ),
    ...sections.map(
      (id): PaletteEntry => ({
        id: `section ${id}`,
        kind: 'view',
        title: words.setting(titles[id]),
        detail: '',
        does: go({ view: 'settings', id }),
      }),
    ),
  ];
}

function generalEntries({ scan, forwards }: Snapshot, language: Language): readonly PaletteEntry[] {
  const frame = frameWords[language];
  const words = paletteWords[language];
  const call = (ref: CallRef): Deed => ({ kind: 'call', call: ref });
  const themes = (['system', 'light', 'dark'] as const).map((theme) =>
    action(`theme ${theme}`, words.theme(frame.themes[theme]), { kind: 'change', change: { theme } }),
  );
  return [
    scan.kind === 'running'
      ? action('cancel', words.cancelScan, call({ name: 'scan.cancel', input: {} }))
      : action('rescan', frame.rescan, call({ name: 'scan.start', input: {} })),
    action('refresh', words.refresh, call({ name: 'localServers.refresh', input: {} })),
    ...(forwards.length === 0 ? [] : [action('close-all', words.stopAll, { kind: 'close-all' })]),
    action('keyboard', words.keyboard, { kind: 'keyboard' }),
    ...themes,
  ];
}

function gatewayEntries(
  { gateway: { state }, settings }: Snapshot,
  language: Language,
): readonly PaletteEntry[] {
  const words = paletteWords[language];
  const on = !settings.gateway.enabled;
  const toggle: CallRef = { name: 'gateway.switch', input: { on } };
  const log: Deed = { kind: 'go', place: { view: 'diagnostics', id: requestsPart } };
  return [
    action('gateway', on ? words.gatewayOn : words.gatewayOff, { kind: 'call', call: toggle }),
    ...(state.kind === 'listening'
      ? [
          action(
            'gateway-url',
            words.copyGatewayUrl,
            { kind: 'copy', text: state.url, what: words.baseUrl },
            state.url,
          ),
        ]
      : []),
    action('gateway-log', words.gatewayLog, log),
  ];
}

/** A text for each client of the gateway while it listens, with the model that its row names. */
function clientEntries(snapshot: Snapshot, language: Language): readonly PaletteEntry[] {
  const { gateway, settings } = snapshot;
  const model = gateway.state.kind === 'listening' ? chosenModel(gatewayModels(snapshot), settings) : null;
  if (model === null) return [];
  return clientIds.map((client) =>
    action(
      `gateway-client ${client}`,
      paletteWords[language].copyFor(gatewayWords[language].clients[client]),
      { kind: 'copy-for-client', client, model },
      model,
    ),
  );
}

function modelEntry({ key, server, model }: ModelRow): readonly PaletteEntry[] {
  if (model === null) return [];
  const does = go({ view: 'models', id: key });
  return [{ id: `model ${key}`, kind: 'model', title: model.id, detail: server.id, does }];
}

/** What its row has a button for. Adapters share the forward of their base. */
function modelActions(row: ModelRow, language: Language): readonly PaletteEntry[] {
  const { key, host, server, model, forward } = row;
  const words = paletteWords[language];
  if (model === null || model.parent !== null) return [];
  if (forward === null) {
    if (!canForward(host, server).ok) return [];
    const call: CallRef = {
      name: 'forward.open',
      input: { hostId: server.hostId, remotePort: server.port },
    };
    return [action(`open ${key}`, words.forward(model.id), { kind: 'call', call }, server.id)];
  }
  const url = forwardUrl(forward);
  const copy: Deed = { kind: 'copy', text: `${url}/v1`, what: words.baseUrl };
  const forwardId = forward.id;
  return [
    ...(url === null ? [] : [action(`url ${key}`, words.copyUrl(model.id), copy, url)]),
    action(`close ${key}`, words.stop(forwardId), { kind: 'close', forwardId }, model.id),
  ];
}

function hostActions(
  { hosts, source }: Snapshot,
  { language, isDesktop }: PaletteOptions,
): readonly PaletteEntry[] {
  const frame = frameWords[language];
  const words = paletteWords[language];
  return hosts.filter(hasSsh).flatMap((host) => {
    const { id, alias } = host;
    const ssh = sshCommand(source, host);
    const copy: Deed = { kind: 'copy', text: ssh, what: frame.sshCommand };
    const terminal: Deed = { kind: 'call', call: { name: 'app.openTerminal', input: { hostId: id } } };
    const rescan: CallRef = { name: 'scan.start', input: { hostIds: [id] } };
    return [
      action(`ssh ${id}`, words.copySsh(alias), copy),
      ...(isDesktop ? [action(`terminal ${id}`, words.terminal(alias), terminal, ssh)] : []),
      action(`rescan ${id}`, words.rescan(alias), { kind: 'call', call: rescan }),
      action(`off ${id}`, words.switchOff(alias), { kind: 'switch-off', alias }),
    ];
  });
}
