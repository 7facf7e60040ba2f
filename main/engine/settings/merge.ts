/** To store a change of the settings on top of what other copies of the app have stored meanwhile. Pure. */

import { isDeepStrictEqual } from 'node:util';
import { fields, type Settings } from '#common/settings.ts';
import { readSettings, settingsVersion, toStore } from '#common/settings-reading.ts';

type Stored = Readonly<Record<string, unknown>>;

/**
 * What a file holds after this copy has changed its settings from `before` to `after`: only what differs is written, down to
 * the entry of a list, so that what others have changed stays. Null for `stored` is a file that is not there any more: all
 * is written, since nothing of it may be lost.
 */
export function mergeSettings(stored: Stored | null, before: Settings, after: Settings): Stored {
  if (stored === null) return toStore(after, null);
  const merged: Record<string, unknown> = { ...stored };
  for (const key of Object.keys(fields)) {
    const [was, is] = [before[key as keyof Settings], after[key as keyof Settings]];
    if (isDeepStrictEqual(was, is)) continue;
    const both = mergeValue(stored[key], was, is);
    // Two changes that are fine alone and not together: the latest one holds.
    merged[key] = readSettings({ [key]: both }).problems.length === 0 ? both : is;
  }
  const { version } = stored;
  merged.version = typeof version === 'number' ? Math.max(version, settingsVersion) : settingsVersion;
  return merged;
}

function mergeValue(stored: unknown, before: unknown, after: unknown): unknown {
  if (isDeepStrictEqual(stored, before)) return after;
  if (Array.isArray(before) && Array.isArray(after))
    return Array.isArray(stored) ? mergeList(stored, before, after) : after;
  if (isRecord(before) && isRecord(after))
    return mergeRecord(isRecord(stored) ? stored : before, before, after);
  return after;
}

function mergeRecord(stored: Stored, before: Stored, after: Stored): Stored {
  const merged: Record<string, unknown> = { ...stored };
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (isDeepStrictEqual(before[key], after[key])) continue;
    if (Object.hasOwn(after, key)) merged[key] = mergeValue(stored[key], before[key], after[key]);
    else delete merged[key];
  }
  return merged;
}

/** Entries that came or went do so; those of others stay, in the order of the file. */
function mergeList(
  stored: readonly unknown[],
  before: readonly unknown[],
  after: readonly unknown[],
): unknown[] {
  const [was, is] = [byName(before), byName(after)];
  const kept = stored.flatMap((entry) => {
    const name = nameOf(entry);
    if (!was.has(name)) return [is.has(name) ? is.get(name) : entry];
    if (!is.has(name)) return [];
    return [isDeepStrictEqual(was.get(name), is.get(name)) ? entry : is.get(name)];
  });
  const there = byName(stored);
  return [...kept, ...after.filter((entry) => !there.has(nameOf(entry)) && !was.has(nameOf(entry)))];
}

function byName(entries: readonly unknown[]): ReadonlyMap<string, unknown> {
  return new Map(entries.map((entry) => [nameOf(entry), entry]));
}

/** The rules have ids; everything else in a list is its own name. */
function nameOf(entry: unknown): string {
  return isRecord(entry) && typeof entry.id === 'string' ? `id ${entry.id}` : JSON.stringify(entry);
}

function isRecord(value: unknown): value is Stored {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
