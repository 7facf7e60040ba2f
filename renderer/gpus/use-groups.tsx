import { useEffect, useMemo, useState } from 'react';
import type { Host } from '#common/hosts.ts';
import { groupNames, hostGroups } from '#common/select/hosts.ts';
import { keep, readKept } from '../lib/kept.ts';
import { useSameList } from '../lib/same-list.ts';
import type { Reveal } from '../list/reveal.ts';
import { useWords } from '../state/language.ts';
import type { RowGroups } from '../table/foldable-rows.ts';
import type { HostRow } from './columns.tsx';
import css from './GpusView.module.css';
import { gpuWords } from './words.ts';

/** Of the hosts without a group; no group is called so, for a name is one line. */
const ungrouped = '\n';
const mostKept = 200;

interface Folds {
  /** The filter that they are for: with another one all is unfolded, so that what it finds is seen. */
  readonly filter: string;
  readonly keys: ReadonlySet<string>;
}

interface GroupsOptions {
  /** All that are known. */
  readonly hosts: readonly Host[];
  readonly filter: string;
  readonly reveal: Reveal | null;
}

/** The rows by group, and which groups the reader has folded; undefined where no host has a group. */
export function useGroups(
  rows: readonly HostRow[],
  { hosts, filter, reveal }: GroupsOptions,
): RowGroups<HostRow> | undefined {
  const words = useWords(gpuWords);
  const names = useSameList(useMemo(() => groupNames(hosts), [hosts]));
  const [kept, setKept] = useState(readFolded);
  const [folds, setFolds] = useState<Folds>({ filter: '', keys: new Set() });
  const filtered = folds.filter === filter ? folds.keys : none;
  const folded = filter.trim() === '' ? kept : filtered;
  useRevealed(reveal, hosts, (key) => {
    setKept((keys) => without(keys, key));
    setFolds((before) => ({ ...before, keys: without(before.keys, key) }));
  });

  return useMemo(() => {
    const rule = rows[0]?.rule;
    if (names.length === 0 || rule === undefined) return undefined;
    const byId = new Map(rows.map((row) => [row.host.id, row]));
    const groups = hostGroups(
      rows.map(({ host }) => host),
      { names, rule },
    );
    const toggle = (key: string) => {
      const next = folded.has(key) ? without(folded, key) : new Set([...folded, key]);
      if (filter.trim() !== '') return setFolds({ filter, keys: next });
      keep('gpus-folded', [...next].slice(-mostKept));
      setKept(next);
    };
    return {
      list: groups.map(({ name, hosts: members, idle, total }) => ({
        key: name ?? ungrouped,
        title: name ?? words.otherHosts,
        headline: <span className={idle > 0 ? css.free : css.notFree}>{words.groupFree(idle, total)}</span>,
        note: words.groupHosts(members.length),
        rows: members.flatMap(({ id }) => byId.get(id) ?? []),
        isFolded: folded.has(name ?? ungrouped),
      })),
      onToggle: toggle,
    };
  }, [rows, names, folded, filter, words]);
}

const none: ReadonlySet<string> = new Set();

function without(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  return keys.has(key) ? new Set([...keys].filter((one) => one !== key)) : keys;
}

/** A host that the address asks for is not left in a folded group. */
function useRevealed(reveal: Reveal | null, hosts: readonly Host[], onGroup: (key: string) => void): void {
  const host = reveal === null ? undefined : hosts.find(({ id }) => id === reveal.id);
  const key = host === undefined ? null : (host.group ?? ungrouped);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each request, and again when the host comes
  useEffect(() => {
    if (key !== null) onGroup(key);
  }, [reveal, key]);
}

function readFolded(): ReadonlySet<string> {
  const kept: unknown = readKept('gpus-folded');
  const keys: readonly unknown[] = Array.isArray(kept) ? kept : [];
  return new Set(keys.filter((key) => typeof key === 'string').slice(0, mostKept));
}
