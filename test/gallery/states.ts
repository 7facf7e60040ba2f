import type { Gateway } from '#common/gateway.ts';
import type { HistoryRange } from '#common/history.ts';
import type { Language } from '#common/language.ts';
import type { Place, View } from '#common/place.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { chartWords } from '../../renderer/charts/words.ts';
import { diagnosticsWords } from '../../renderer/diagnostics/words.ts';
import { filterWords } from '../../renderer/filter/words.ts';
import { forwardWords } from '../../renderer/forwards/words.ts';
import { requestsPart } from '../../renderer/gateway/place.ts';
import { gatewayWords } from '../../renderer/gateway/words.ts';
import { gpuWords } from '../../renderer/gpus/words.ts';
import { keyboardWords } from '../../renderer/keyboard/words.ts';
import { launchesWords } from '../../renderer/launches/words.ts';
import { modelWords } from '../../renderer/models/words.ts';
import { bellWords } from '../../renderer/notices/words.ts';
import { promptWords } from '../../renderer/prompts/words.ts';
import { ruleWords } from '../../renderer/settings/rule-words.ts';
import { sections } from '../../renderer/settings/sections.ts';
import { sourceWords } from '../../renderer/settings/source-words.ts';
import { tableWords } from '../../renderer/table/words.ts';
import { server, snapshot } from '../renderer/samples.ts';
import {
  answering,
  autoForwards,
  failed,
  forwards,
  grouped,
  hostKeys,
  inBetween,
  localServers,
  notices,
  otherForwards,
  prompts,
  servers,
  testPrompts,
} from './fleet.ts';
import { listening, portTaken } from './gateway.ts';
import { failedLaunches, launches } from './launches.ts';
import { fleet, silentFleet } from './past.ts';
import { sourcesIn, viaPrometheus } from './sources.ts';

/** One state of the window. */
export interface GalleryState {
  readonly snapshot: () => Snapshot;
  /** Default: the first view. */
  readonly place?: Place;
  /** Default: the window of the desktop face. */
  readonly face?: 'browser' | 'tray';
  /** The row to unfold. */
  readonly unfold?: string;
  /** The row whose menu is asked for. */
  readonly menuOf?: string;
  /** The command palette is open. */
  readonly palette?: true;
  /** The names of the buttons that lead to it, pressed in their order after that. */
  readonly press?: (language: Language) => readonly string[];
  /** The fields that are filled in after that, by their labels, and the buttons that are pressed then. */
  readonly fill?: (language: Language) => readonly (readonly [label: string, text: string])[];
  readonly thenPress?: (language: Language) => readonly string[];
  /** What has to be there then, as a selector: what the window loads late. */
  readonly until?: string;
}

const hosts = [...answering, ...inBetween];
const whole = (change: Partial<Snapshot> = {}): Snapshot =>
  snapshot({
    hosts,
    servers,
    forwards,
    notices,
    localServers,
    otherForwards: {
      tmux: 'available',
      processes: 'available',
      forwards: otherForwards,
      lookedAt: Date.now(),
    },
    scan: { kind: 'done', done: 12, total: 12, startedAt: Date.now() - 13_000, finishedAt: Date.now() },
    ...change,
  });

const at = (place: Place, change: Partial<Snapshot> = {}): GalleryState => ({
  place,
  snapshot: () => whole(change),
});
const row = (view: View, unfold: string, change: Partial<Snapshot> = {}): GalleryState => ({
  ...at({ view }, change),
  unfold,
});
const labelled = answering.map((one) => ({ ...one, labels: { cluster: 'north', rack: 'r1' } }));
const scanning = { kind: 'running', done: 5, total: 12, startedAt: Date.now() - 4000 } as const;
const { settings } = snapshot();
const gateway = (now: Gateway): Partial<Snapshot> => ({
  gateway: now,
  settings: { ...settings, gateway: { ...settings.gateway, enabled: true } },
});
const sources = sourcesIn(settings);
const source = (name: string): GalleryState => ({
  ...at({ view: 'settings', id: 'sources' }, sources.secrets),
  press: (language) => [sourceWords[language].edit(name)],
});
/** The charts of a host that Prometheus alone knows. */
const past = (range: HistoryRange, change: Partial<Snapshot> = fleet): GalleryState => ({
  ...row('gpus', 'prometheus/fleet-01', change),
  press: (language) => [chartWords[language].ranges[range]],
  until: 'figure:has(canvas) + figure canvas',
});
const welcome = { ...snapshot({ hosts }), settings: { ...settings, welcomed: false } };

/** Every state of the window, by name; the same in both languages and in every theme. */
export const states: Readonly<Record<string, GalleryState>> = {
  welcome: { snapshot: () => welcome },
  tray: { snapshot: () => whole(), face: 'tray' },
  'no-connection': { snapshot: () => whole(), face: 'browser' },

  gpus: at({ view: 'gpus' }),
  'gpus-open': row('gpus', 'gpu02'),
  'gpus-groups': at({ view: 'gpus' }, { hosts: grouped }),
  'gpus-mig': row('gpus', 'mig01'),
  'gpus-broken': row('gpus', 'broken01'),
  'gpus-failed': at({ view: 'gpus' }, { hosts: failed }),
  'gpus-lost': row('gpus', 'stale', { hosts: inBetween }),
  'past-day': past('day'),
  'past-week': past('week'),
  'past-failed': past('day', silentFleet),
  'gpus-none': at({ view: 'gpus' }, { hosts: [], servers: [] }),
  'gpus-all-off': at({ view: 'gpus' }, { hosts: [], servers: [], excludedAliases: ['gpu01', 'gpu02'] }),
  'gpus-scanning': at({ view: 'gpus' }, { scan: scanning }),
  'gpus-cancelled': at(
    { view: 'gpus' },
    { scan: { ...scanning, kind: 'cancelled', finishedAt: Date.now() } },
  ),
  'gpus-prometheus': row('gpus', 'fleet-01', { hosts: viaPrometheus }),
  'gpus-prometheus-beside': row('gpus', 'gpu-away', { hosts: viaPrometheus }),
  'gpus-demo': at({ view: 'gpus' }, { source: { kind: 'demo' } }),
  'find-free': { ...at({ view: 'gpus' }), press: (language) => [gpuWords[language].findFree] },
  'filter-help': { ...at({ view: 'gpus' }), press: (language) => [filterWords[language].help] },
  palette: { ...at({ view: 'gpus' }), palette: true },
  'gpus-menu': { ...at({ view: 'gpus' }), menuOf: 'gpu02' },
  'gpus-columns': { ...at({ view: 'gpus' }), press: (language) => [tableWords[language].columns] },
  problems: at(
    { view: 'gpus' },
    {
      problems: [
        { code: 'config-unreadable', detail: '/home/me/.ssh/config line 12: Bad configuration option: foo' },
        { code: 'settings-not-saved', detail: 'EROFS: read-only file system' },
      ],
    },
  ),

  models: at({ view: 'models' }),
  'models-open': row('models', 'gpu01:8000'),
  'models-queue': row('models', 'gpu02:8000'),
  'models-grouped': {
    ...at({ view: 'models' }),
    press: (language) => [modelWords[language].byModel],
  },
  'models-failed': row('models', 'gpu02:8103'),
  'models-stuck': row('models', 'gpu02:8106'),
  'models-locked': row('models', 'gpu02:8102'),
  'models-adapters': row('models', 'mig01:8001'),
  'models-menu': { ...at({ view: 'models' }), menuOf: 'gpu01:8000' },
  'models-key': {
    ...at({ view: 'models' }),
    press: (language) => [`${modelWords[language].enterKey} gpu02:8102`],
  },
  'models-none': at({ view: 'models' }, { servers: [] }),
  'models-looking': at({ view: 'models' }, { servers: [], scan: scanning }),
  'test-prompt': {
    ...row('models', 'gpu01:8000', {
      testPrompts,
      servers: [server('gpu01', 8000, ['Qwen/Qwen3-32B'])],
    }),
    press: (language) => [modelWords[language].sendTest],
  },

  launches: at({ view: 'models' }, { launches, servers: [] }),
  'launches-failed': at({ view: 'models' }, { launches: failedLaunches, servers: [] }),
  'launches-open': row('models', 'gpu01/vllmctl_server_8000', {
    launches: failedLaunches.slice(0, 1),
    servers: [],
  }),
  serve: { ...at({ view: 'models' }), press: (language) => [launchesWords[language].serve] },
  'serve-wrong': {
    ...at({ view: 'models' }),
    press: (language) => [launchesWords[language].serve, launchesWords[language].review],
  },
  'serve-plan': {
    ...at({ view: 'models' }),
    press: (language) => [launchesWords[language].serve],
    fill: (language) => [[launchesWords[language].modelField, 'Qwen/Qwen3-32B']],
    thenPress: (language) => [launchesWords[language].review],
  },
  'launch-stop': {
    ...at({ view: 'models' }, { launches, servers: [] }),
    press: (language) => [launchesWords[language].stopOf('vllmctl_server_8000')],
  },

  forwards: at({ view: 'forwards' }),
  'forwards-open': row('forwards', 'gpu01:8000'),
  'forwards-failed': row('forwards', 'gpu02:8103'),
  'forwards-model-down': row('forwards', 'gpu02:8100'),
  'forwards-menu': { ...at({ view: 'forwards' }), menuOf: 'gpu01:8000' },
  'forwards-name': {
    ...at({ view: 'forwards' }),
    menuOf: 'gpu01:8000',
    press: (language) => [forwardWords[language].giveLabel],
  },
  'forwards-none': at(
    { view: 'forwards' },
    {
      forwards: [],
      localServers: [],
      otherForwards: { tmux: 'missing', processes: 'available', forwards: [], lookedAt: null },
    },
  ),
  'forwards-auto': at(
    { view: 'forwards' },
    { autoForwards, settings: { ...settings, autoForward: { ...settings.autoForward, enabled: true } } },
  ),
  'stop-all': { ...at({ view: 'forwards' }), press: (language) => [forwardWords[language].stopAll] },

  'gateway-listening': at({ view: 'forwards' }, gateway(listening)),
  'gateway-failed': at({ view: 'forwards' }, gateway(portTaken)),
  'gateway-copy': {
    ...at({ view: 'forwards' }, gateway(listening)),
    press: (language) => [gatewayWords[language].copy],
  },
  'gateway-renew': {
    ...at({ view: 'forwards' }, gateway(listening)),
    press: (language) => [gatewayWords[language].renew],
  },
  'gateway-requests': at({ view: 'diagnostics', id: requestsPart }, gateway(listening)),
  'gateway-requests-none': at({ view: 'diagnostics', id: requestsPart }),

  ...Object.fromEntries(
    sections.map((id): [string, GalleryState] => [`settings-${id}`, at({ view: 'settings', id })]),
  ),

  'settings-rule': {
    ...at({ view: 'settings', id: 'notifications' }),
    press: (language) => [ruleWords[language].add, ruleWords[language].kinds['gpus-free']],
  },
  'settings-source': {
    ...at({ view: 'settings', id: 'sources' }),
    press: (language) => [sourceWords[language].add],
  },
  'sources-found': at({ view: 'settings', id: 'sources' }, sources.found),
  'sources-failed': at({ view: 'settings', id: 'sources' }, sources.failed),
  'sources-partial': at({ view: 'settings', id: 'sources' }, sources.partial),
  'sources-secrets': source('secret'),
  'sources-certificate': source('refused'),
  'sources-tested': {
    ...source('secret'),
    press: (language) => [sourceWords[language].edit('secret'), sourceWords[language].test],
  },
  'sources-test-failed': {
    ...source('refused'),
    press: (language) => [sourceWords[language].edit('refused'), sourceWords[language].test],
  },
  'settings-groups-label': at({ view: 'settings', id: 'groups' }, { ...sources.found, hosts: labelled }),

  diagnostics: at({ view: 'diagnostics' }, { hosts: [...hosts, ...failed] }),
  'diagnostics-fine': at({ view: 'diagnostics' }, { hosts: answering }),
  log: { ...at({ view: 'diagnostics' }), press: (language) => [diagnosticsWords[language].log] },
  report: { ...at({ view: 'diagnostics' }), press: (language) => [diagnosticsWords[language].report] },

  ...Object.fromEntries(
    Object.values(prompts).map((prompt): [string, GalleryState] => [
      `prompt-${prompt.kind}`,
      at({ view: 'gpus' }, { prompts: [prompt] }),
    ]),
  ),
  attention: at({ view: 'gpus' }, { hosts: [...hosts, ...failed], hostKeys }),
  'host-keys': {
    ...at({ view: 'gpus' }, { hosts: [...hosts, ...failed], hostKeys }),
    press: (language) => [promptWords[language].review],
  },
  notices: { ...at({ view: 'gpus' }), press: (language) => [bellWords[language].bell(0)] },
  keyboard: { ...at({ view: 'gpus' }), press: (language) => [keyboardWords[language].sheet] },
  'forwards-labelled': at(
    { view: 'forwards' },
    {
      forwards: forwards.map((one, index) => ({
        ...one,
        label: index === 0 ? 'chat' : 'summaries of the weekly reports, for the whole group',
      })),
    },
  ),
};
