/** What a file of settings says, whatever it contains, and what is written into one. Pure. */

import * as z from 'zod/mini';
import type { Problem } from './failure.ts';
import { defaultSettings, fields, type Settings } from './settings.ts';
import { plainText } from './text.ts';

/** Of the file's form: higher ones are read as far as they are understood. */
export const settingsVersion = 1;

/** So many parts of one value are named. */
const mostNamed = 5;
/** What zod/mini says where no rule has words of its own. */
const unsaid = 'Invalid input';

export interface SettingsReading {
  readonly settings: Settings;
  /** One per value that was not usable and fell back to its default. */
  readonly problems: readonly Problem[];
}

/**
 * Reads stored settings value by value: a broken one is reported and costs only itself, for which the one of `latest` stands
 * in; an unknown one is left to the file (see {@link toStore}). Never throws.
 */
export function readSettings(stored: unknown, latest: Settings = defaultSettings): SettingsReading {
  if (stored === undefined || stored === null) return { settings: defaultSettings, problems: [] };
  if (!isRecord(stored))
    return { settings: defaultSettings, problems: [problem('the file is not an object')] };
  const settings: Record<string, unknown> = { ...defaultSettings };
  const problems: Problem[] = [];
  const broken = new Set<string>();
  const { version } = stored;
  if (typeof version === 'number' && version > settingsVersion)
    problems.push(problem(`the file is of version ${version}, newer than this app's ${settingsVersion}`));
  for (const [key, field] of Object.entries(fields)) {
    if (!Object.hasOwn(stored, key)) continue;
    const read = readField(key, field, { stored: stored[key], fallback: latest[key as keyof Settings] });
    settings[key] = read.value;
    problems.push(...read.problems);
    if (read.problems.length > 0) broken.add(key);
  }
  const read = settings as Settings;
  return { settings: latest === defaultSettings ? withoutDoubt(read, broken) : read, problems };
}

/** What was to be kept from being contacted or forwarded is not known where the list of it is broken: a person says it anew. */
function withoutDoubt(settings: Settings, broken: ReadonlySet<string>): Settings {
  const welcomed = settings.welcomed && !broken.has('excludedHosts') && !broken.has('hostPattern');
  const enabled = settings.autoForward.enabled && !broken.has('autoForward');
  return { ...settings, welcomed, autoForward: { ...settings.autoForward, enabled } };
}

/** What a file holds after a change: the settings, its version, and whatever else was in it and is not ours to drop. */
export function toStore(settings: Settings, before: unknown): Readonly<Record<string, unknown>> {
  const kept = isRecord(before) ? before : {};
  const version =
    typeof kept.version === 'number' ? Math.max(kept.version, settingsVersion) : settingsVersion;
  const groups = Object.entries(settings).map(([key, value]) => {
    const old = kept[key];
    return [key, isGroup(key) && isRecord(old) ? { ...old, ...(value as object) } : value];
  });
  return { ...kept, ...Object.fromEntries(groups), version };
}

type Field = (typeof fields)[keyof typeof fields];

function readField(
  key: string,
  field: Field,
  { stored, fallback }: { readonly stored: unknown; readonly fallback: unknown },
): { value: unknown; problems: Problem[] } {
  if (!isGroup(key)) return readValue(key, field, { stored, fallback });
  if (!isRecord(stored)) return { value: fallback, problems: [problem(`${key}: not an object`)] };
  const value: Record<string, unknown> = { ...(defaultSettings[key as keyof Settings] as object) };
  const problems: Problem[] = [];
  for (const [name, part] of Object.entries(shapeOf(field))) {
    if (!Object.hasOwn(stored, name)) continue;
    const former = (fallback as Readonly<Record<string, unknown>>)[name];
    const read = readValue(`${key}.${name}`, part, { stored: stored[name], fallback: former });
    value[name] = read.value;
    problems.push(...read.problems);
  }
  // Values that are fine alone and not together (an empty range).
  const together = readValue(key, field, { stored: value, fallback });
  return { value: together.value, problems: [...problems, ...together.problems] };
}

function readValue(
  name: string,
  part: z.ZodMiniType,
  { stored, fallback }: { readonly stored: unknown; readonly fallback: unknown },
): { value: unknown; problems: Problem[] } {
  const parsed = z.safeParse(part, stored);
  if (parsed.success) return { value: parsed.data, problems: [] };
  return { value: fallback, problems: [problem(brokenParts(name, parsed.error).join(', '))] };
}

/** Which parts of a value are not usable, by their names in the file, and why where a rule of ours says it: `localPorts.from`. */
function brokenParts(name: string, { issues }: z.core.$ZodError): readonly string[] {
  const parts = issues.map(({ path, message }) => {
    const part = [name, ...path.map(String)].join('.');
    return message === unsaid ? part : `${part}: ${message}`;
  });
  return [...new Set(parts)].slice(0, mostNamed).map((part) => plainText(part, 100));
}

const isGroup = (key: string): boolean => Object.keys(shapeOf(fields[key as keyof typeof fields])).length > 0;

function shapeOf(field: Field): Readonly<Record<string, z.ZodMiniType>> {
  return 'shape' in field ? field.shape : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problem(detail: string): Problem {
  return { code: 'settings-broken', detail };
}
