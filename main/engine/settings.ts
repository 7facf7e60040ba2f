/** The settings of the app: their schema, their defaults and a reading that survives whatever a file contains. */

import * as z from 'zod/mini';
import type { Problem } from '#common/model.ts';
import { plainText } from '#common/text.ts';

const whole = (from: number, to: number) => z.int().check(z.gte(from), z.lte(to));
const percent = z.number().check(z.gte(0), z.lte(100));
const transport = z.enum(['auto', 'built-in', 'system']);
const port = whole(1, 65_535);

const fields = {
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
  }),
  /** Time between two measurements of a host, and between two looks at its ports. */
  cadence: z.strictObject({
    gpusMs: whole(1000, 600_000),
    hiddenMs: whole(1000, 3_600_000),
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
  excludedHosts: z.array(z.string()),
  /** The SSH client to use, for all hosts and by alias. */
  ssh: z.strictObject({ transport, hosts: z.record(z.string(), transport) }),
  theme: z.enum(['system', 'light', 'dark']),
  closeToTray: z.boolean(),
};

export type Settings = { readonly [Key in keyof typeof fields]: z.infer<(typeof fields)[Key]> };

export const defaultSettings: Settings = {
  idleRule: { maxUtilPct: 5, maxMemPct: 2, maxMemMiB: 600, samples: 2 },
  limits: { hosts: 16, handshakes: 16, handshakesPerServer: 6, httpRequests: 32, configReads: 8 },
  cadence: { gpusMs: 5000, hiddenMs: 30_000, portsMs: 15_000 },
  timeouts: { connectMs: 10_000, probeMs: 10_000, firstProbeMs: 30_000, httpMs: 3000 },
  modelPorts: { extra: [], skip: [] },
  localPorts: { from: 16_100, to: 16_199 },
  excludedHosts: [],
  ssh: { transport: 'auto', hosts: {} },
  theme: 'system',
  closeToTray: true,
};

export interface SettingsReading {
  readonly settings: Settings;
  /** One per field that was not usable and fell back to its default. */
  readonly problems: readonly Problem[];
}

/** Reads stored settings field by field: a broken or unknown field is reported and costs only itself. Never throws. */
export function readSettings(stored: unknown): SettingsReading {
  if (stored === undefined || stored === null) return { settings: defaultSettings, problems: [] };
  if (typeof stored !== 'object')
    return { settings: defaultSettings, problems: [problem('the file is not an object')] };
  const source = stored as Record<string, unknown>;
  const settings: Record<string, unknown> = { ...defaultSettings };
  const problems: Problem[] = [];
  for (const [key, schema] of Object.entries(fields)) {
    if (!Object.hasOwn(source, key)) continue;
    const parsed = z.safeParse(schema, source[key]);
    if (parsed.success) settings[key] = parsed.data;
    else problems.push(problem(`${key}: ${plainText(z.prettifyError(parsed.error), 200)}`));
  }
  return { settings: settings as Settings, problems };
}

function problem(detail: string): Problem {
  return { code: 'settings-broken', detail };
}
