/** The settings of the app: their schema and their defaults. Pure. */

import * as z from 'zod/mini';
import { settingsBounds } from './bounds.ts';
import { readPattern } from './host-pattern.ts';
import { launchProfile } from './launch-profiles.ts';
import { labelName, mostPrometheusSources, prometheusSource } from './prometheus.ts';

const whole = (from: number, to: number) => z.int().check(z.gte(from), z.lte(to));
const percent = z.number().check(z.gte(0), z.lte(100));
const transport = z.enum(['auto', 'built-in', 'system']);
/** A TCP port; 0 is none. */
export const port = whole(1, 65_535);
/** `*` and `?` as in a shell; compared without regard to case. */
const glob = z.string().check(z.minLength(1), z.maxLength(settingsBounds.globLength));
const globs = z.array(glob).check(z.maxLength(settingsBounds.globCount));
const name = z.string().check(z.maxLength(settingsBounds.nameLength));
const names = z.array(name).check(z.maxLength(settingsBounds.nameCount));
const regex = z.string().check(
  z.maxLength(settingsBounds.patternLength),
  z.refine((text) => readPattern(text) !== null, { error: 'not a regular expression' }),
);

const ruleBase = {
  id: z.string().check(z.minLength(1), z.maxLength(60)),
  enabled: z.boolean(),
  /** Only of these hosts; none named: all. */
  hosts: globs,
};

/** What a person wants to be notified of. */
export const rule = z.discriminatedUnion('kind', [
  z.strictObject({
    ...ruleBase,
    kind: z.literal('gpus-free'),
    atLeast: whole(1, 10_000),
    /** Whether one host must have them all, or the hosts of the rule have them in total. A rule from before means one host. */
    counted: z._default(z.enum(['one-host', 'in-total']), 'one-host'),
    /** A part of the GPU's name; empty: any. */
    gpu: z.string().check(z.maxLength(settingsBounds.gpuLength)),
    /** Only GPUs with at least so much memory. */
    memGiB: whole(0, 10_000),
    /** Switches itself off after its first notification. */
    once: z.boolean(),
  }),
  z.strictObject({ ...ruleBase, kind: z.literal('model-up'), models: globs }),
  z.strictObject({ ...ruleBase, kind: z.literal('model-gone'), models: globs }),
  /** A model server answers, and does no work. */
  z.strictObject({ ...ruleBase, kind: z.literal('model-stuck'), models: globs }),
  z.strictObject({
    ...ruleBase,
    kind: z.literal('queue-long'),
    models: globs,
    over: whole(1, 1_000_000),
    forMs: whole(0, 86_400_000),
  }),
  /** A forward is lost, and comes back. */
  z.strictObject({ ...ruleBase, kind: z.literal('forward') }),
  /** A host stops answering, and comes back. */
  z.strictObject({ ...ruleBase, kind: z.literal('host') }),
  /** A launch is ready, or has failed. */
  z.strictObject({ ...ruleBase, kind: z.literal('launch') }),
]);

export type NotificationRule = z.infer<typeof rule>;

/** The settings by name, each with its schema. */
export const fields = {
  language: z.enum(['system', 'en', 'ru']),
  theme: z.enum(['system', 'light', 'dark']),
  contrast: z.enum(['system', 'more']),
  idleRule: z.strictObject({
    maxUtilPct: percent,
    maxMemPct: percent,
    maxMemMiB: whole(0, 1_000_000),
    samples: whole(1, 100),
  }),
  /** How many of each kind of work run at once. */
  limits: z.strictObject({
    hosts: whole(1, 200),
    handshakes: whole(1, 100),
    handshakesPerServer: whole(1, 100),
    httpRequests: whole(1, 200),
    configReads: whole(1, 50),
    localPorts: whole(1, 100),
  }),
  /** Time between two measurements of a host (shown, hidden, on battery), and between two looks at its ports. */
  cadence: z.strictObject({
    gpusMs: whole(1000, 600_000),
    hiddenMs: whole(1000, 3_600_000),
    batteryMs: whole(1000, 3_600_000),
    portsMs: whole(1000, 3_600_000),
  }),
  timeouts: z.strictObject({
    connectMs: whole(500, 300_000),
    probeMs: whole(500, 300_000),
    /** For the GPU tool's first answer: a driver without persistence mode takes up to half a minute to start. */
    firstProbeMs: whole(500, 300_000),
    httpMs: whole(200, 60_000),
  }),
  /** Ports to ask for models beside those that look like a model server, and ports never to ask. */
  modelPorts: z.strictObject({ extra: z.array(port), skip: z.array(port) }),
  /** Local ports that forwards take, both ends included. */
  localPorts: z.strictObject({ from: port, to: port }).check(z.refine((range) => range.from <= range.to)),
  excludedHosts: names,
  /**
   * Hosts in groups, in this order: by patterns, the first that matches; by a comment of the SSH configuration; by this label
   * of Prometheus; and by the files that the configuration includes.
   */
  groups: z.strictObject({
    byFile: z.boolean(),
    label: labelName,
    patterns: z
      .array(
        z.strictObject({
          name: z.string().check(z.minLength(1), z.maxLength(settingsBounds.groupLength)),
          hosts: globs,
        }),
      )
      .check(z.maxLength(settingsBounds.groupCount)),
  }),
  /** They stand on top: hosts by alias, models by id. */
  favourites: z.strictObject({ hosts: names, models: names }),
  /** The columns of tables that do not show: `gpus/users`. */
  hiddenColumns: names,
  /** Only hosts whose alias matches this regular expression; empty: all. */
  hostPattern: regex,
  autoForward: z.strictObject({
    enabled: z.boolean(),
    /** A forward whose model is gone stays. */
    keepGone: z.boolean(),
    /** So long a model may be gone before its forward is closed. */
    graceMs: whole(0, 86_400_000),
    /** None named: all. A name that is denied is denied whatever else allows it. */
    allowHosts: globs,
    denyHosts: globs,
    allowModels: globs,
    denyModels: globs,
    /** Open them as tmux sessions, which outlive the app. */
    tmux: z.boolean(),
  }),
  /** One local address that answers for every model. */
  gateway: z.strictObject({
    enabled: z.boolean(),
    /** At which it listens, on 127.0.0.1 and ::1. */
    port,
    /** What keeps requests at one replica, so that its prefix cache hits: `x-session-id`, or how their bodies begin. */
    stickiness: z.enum(['off', 'session', 'prefix']),
  }),
  launchProfiles: z.array(launchProfile).check(z.maxLength(settingsBounds.profileCount)),
  /** Forwards that a person opened, and that had no connection for so long. */
  unusedForwards: z.strictObject({ close: z.boolean(), afterMs: whole(60_000, 2_592_000_000) }),
  notifications: z.strictObject({
    enabled: z.boolean(),
    rules: z.array(rule).check(z.maxLength(settingsBounds.ruleCount)),
    mutedHosts: names,
  }),
  /** Prometheus servers that are read beside SSH. */
  prometheus: z.array(prometheusSource).check(z.maxLength(mostPrometheusSources)),
  history: z.strictObject({ keepFile: z.boolean() }),
  /** The SSH client to use, for all hosts and by alias. */
  ssh: z.strictObject({ transport, hosts: z.record(z.string(), transport) }),
  startAtLogin: z.boolean(),
  closeToTray: z.boolean(),
  /** Ask before quitting while forwards are open. */
  confirmQuit: z.boolean(),
  /** The person has seen what will be contacted and said yes. */
  welcomed: z.boolean(),
};

const schema = z.strictObject(fields);

/** Part of a change: each group whole. */
export const settingsChange = z.partial(schema);

export type Settings = { readonly [Key in keyof typeof fields]: z.infer<(typeof fields)[Key]> };
export type SettingsChange = z.infer<typeof settingsChange>;

export const defaultSettings: Settings = {
  language: 'system',
  theme: 'system',
  contrast: 'system',
  idleRule: { maxUtilPct: 5, maxMemPct: 2, maxMemMiB: 600, samples: 2 },
  limits: {
    hosts: 16,
    handshakes: 16,
    handshakesPerServer: 6,
    httpRequests: 32,
    configReads: 8,
    localPorts: 20,
  },
  cadence: { gpusMs: 5000, hiddenMs: 30_000, batteryMs: 15_000, portsMs: 15_000 },
  timeouts: { connectMs: 10_000, probeMs: 10_000, firstProbeMs: 30_000, httpMs: 3000 },
  modelPorts: { extra: [], skip: [] },
  localPorts: { from: 16_100, to: 16_199 },
  excludedHosts: [],
  groups: { byFile: true, label: '', patterns: [] },
  favourites: { hosts: [], models: [] },
  hiddenColumns: [],
  hostPattern: '',
  autoForward: {
    enabled: false,
    keepGone: false,
    graceMs: 60_000,
    allowHosts: [],
    denyHosts: [],
    allowModels: [],
    denyModels: [],
    tmux: false,
  },
  gateway: { enabled: false, port: 16_000, stickiness: 'session' },
  launchProfiles: [],
  unusedForwards: { close: false, afterMs: 8 * 3_600_000 },
  notifications: {
    enabled: true,
    rules: [
      { id: 'forwards', kind: 'forward', enabled: true, hosts: [] },
      { id: 'launches', kind: 'launch', enabled: true, hosts: [] },
    ],
    mutedHosts: [],
  },
  prometheus: [],
  history: { keepFile: false },
  ssh: { transport: 'auto', hosts: {} },
  startAtLogin: false,
  closeToTray: true,
  confirmQuit: true,
  welcomed: false,
};
