/** Which host of the SSH configuration a name in Prometheus means. Pure. */

export interface Candidate {
  readonly alias: string;
  /** HostName; null while it is not known. */
  readonly hostname: string | null;
}

export type Join =
  | { readonly kind: 'joined'; readonly alias: string }
  | { readonly kind: 'none' }
  /** Several could be meant, and the person has not said which. */
  | { readonly kind: 'ambiguous'; readonly aliases: readonly string[] };

/** Answers for a name; what the person has chosen (`chosen`, empty for none of them) stands above all. */
export type Joiner = (name: string, chosen: string | undefined) => Join;

/** By the alias, else by HostName, else by the part before the first dot of any of them; without regard to case. */
export function createJoiner(candidates: readonly Candidate[]): Joiner {
  const byAlias = createIndex();
  const byHostname = createIndex();
  const byShort = createIndex();
  const aliases = new Set(candidates.map(({ alias }) => alias));
  for (const { alias, hostname } of candidates) {
    byAlias.add(alias, alias);
    byShort.add(shortOf(alias), alias);
    if (hostname === null) continue;
    byHostname.add(hostname, alias);
    byShort.add(shortOf(hostname), alias);
  }
  return (name, chosen) => {
    if (chosen === '') return { kind: 'none' };
    if (chosen !== undefined && aliases.has(chosen)) return { kind: 'joined', alias: chosen };
    const found = [byAlias.get(name), byHostname.get(name), byShort.get(shortOf(name))].find(
      (some) => some.length > 0,
    );
    const [alias, ...others] = found ?? [];
    if (alias === undefined) return { kind: 'none' };
    return others.length === 0
      ? { kind: 'joined', alias }
      : { kind: 'ambiguous', aliases: [alias, ...others] };
  };
}

interface Index {
  add(name: string, alias: string): void;
  get(name: string): readonly string[];
}

function createIndex(): Index {
  const known = new Map<string, Set<string>>();
  return {
    add(name, alias) {
      const key = name.toLowerCase();
      const set = known.get(key) ?? new Set<string>();
      known.set(key, set.add(alias));
    },
    get: (name) => [...(known.get(name.toLowerCase()) ?? [])],
  };
}

/** Of an address nothing may be left out. */
function shortOf(name: string): string {
  return /^[\d.]+$|:/.test(name) ? name : name.replace(/\..*$/s, '');
}
