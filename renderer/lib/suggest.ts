/** What the filter box offers to complete: keys, and after a key the values that there are. Pure. */

import { memoryGiB, usersOf } from '#common/select/gpus.ts';
import { groupNames } from '#common/select/hosts.ts';
import { fullKvPct, isBusy, longQueue } from '#common/select/load.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { pieceBefore, quoted, type TextKey, textKeys } from './query.ts';

export interface Suggestion {
  /** What takes the place of the term that is typed. */
  readonly text: string;
  /** Whether the term is whole with it; a key still wants its value. */
  readonly whole: boolean;
}

export interface Completion {
  readonly suggestions: readonly Suggestion[];
  /** The part of the filter that a suggestion replaces. */
  readonly from: number;
  readonly to: number;
}

const keys = ['idle', 'free>=', 'mem>=', 'waiting>', 'kv>', ...textKeys.map((key) => `${key}:`)];
const mostSuggestions = 8;

/**
 * The completions of the term in which the caret stands.
 *
 * @param all Also where nothing is typed yet: every key
 */
export function complete(
  filter: string,
  caret: number,
  { snapshot, all }: { readonly snapshot: Snapshot; readonly all: boolean },
): Completion {
  const before = filter.slice(pieceBefore(filter, caret), caret);
  const after = /^[^\s"]*/.exec(filter.slice(caret))?.[0] ?? '';
  const minus = before.startsWith('-') ? 1 : 0;
  const place = { from: caret - before.length + minus, to: caret + after.length };
  const typed = before.slice(minus).toLowerCase();
  return { ...place, suggestions: typed === '' && !all ? [] : suggestionsFor(typed, snapshot) };
}

function suggestionsFor(typed: string, snapshot: Snapshot): readonly Suggestion[] {
  const [, key = '', sign = '', rest = ''] = /^([a-z]+)([:=<>≥≤]+)(.*)$/s.exec(typed) ?? [];
  if (sign === '') {
    const offered = groupNames(snapshot.hosts).length > 0 ? keys : keys.filter((one) => one !== 'group:');
    const begun = offered.filter((one) => one.startsWith(typed) && one !== typed);
    return begun.map((text) => ({ text, whole: text === 'idle' }));
  }
  const wanted = rest.replaceAll('"', '');
  const values = valuesOf(key, snapshot)
    .filter((value) => value.toLowerCase().includes(wanted) && value.toLowerCase() !== wanted)
    .map((value) => ({ text: `${key}${sign}${quoted(value)}`, whole: true }));
  return values.slice(0, mostSuggestions);
}

function valuesOf(key: string, snapshot: Snapshot): readonly string[] {
  const textKey = textKeys.find((one) => one === key);
  if (textKey !== undefined) return textValues(textKey, snapshot);
  const gpus = snapshot.hosts.flatMap((host) => host.gpus);
  if (key === 'mem') {
    const sizes = new Set(gpus.flatMap((gpu) => memoryGiB(gpu) ?? []));
    return [...sizes].sort((a, b) => a - b).map((gib) => `${gib}GiB`);
  }
  return numbers[key] ?? [];
}

const numbers: Readonly<Record<string, readonly string[]>> = {
  free: ['1', '2', '4', '8'],
  waiting: ['0', String(longQueue)],
  kv: ['50', '80', String(fullKvPct)],
};

function textValues(key: TextKey, { hosts, servers, forwards }: Snapshot): readonly string[] {
  switch (key) {
    case 'kind':
      return distinct(hosts.flatMap(({ gpus }) => gpus.map(({ name }) => name)));
    case 'user':
      return distinct(hosts.flatMap((host) => host.gpus.flatMap(usersOf)));
    case 'model':
      return distinct(servers.flatMap(({ models }) => models.map(({ id }) => id)));
    case 'host':
      return hosts.map(({ alias }) => alias);
    case 'group':
      return groupNames(hosts);
    case 'state':
      return distinct([
        ...[...hosts, ...servers, ...forwards].map(({ state }) => state.kind),
        ...servers.flatMap(({ state, loads }) => (loads.some((load) => isBusy(state, load)) ? 'busy' : [])),
      ]);
  }
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort((a, b) => a.localeCompare(b));
}
