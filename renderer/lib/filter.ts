import type { Gpu, IdleRule } from '#common/hosts.ts';
import { assertNever } from '#common/never.ts';
import { isIdle, memoryGiB, usersOf } from '#common/select/gpus.ts';
import { isUp } from '#common/select/hosts.ts';
import { compares, type LoadKey, parseQuery, type Term, type TextKey } from './query.ts';
import type { Subject } from './subjects.ts';

export interface Filter {
  readonly terms: readonly Term[];
  /** Whether every usable term holds. Without any, all match. */
  matches(subject: Subject): boolean;
}

/** See query.ts for what can be asked. What a text contains is remembered, for the same few stand in thousands of rows. */
export function createFilter(query: string, rule: IdleRule): Filter {
  const terms = parseQuery(query);
  const tests = [
    ...terms.filter((term) => isAboutText(term)).map(textTest),
    // What is asked of GPUs is asked of the same ones; what must not be, of each term separately.
    gpuTest(
      terms.filter((term) => !term.excludes),
      rule,
    ),
    ...terms.filter((term) => term.excludes).map((term) => not(gpuTest([term], rule), term)),
    loadTest(terms.filter((term) => !term.excludes)),
    ...terms.filter((term) => term.excludes).map((term) => not(loadTest([term]), term)),
  ].filter((test) => test !== null);
  return {
    terms,
    matches(subject) {
      let texts: readonly (string | null)[] | undefined;
      const once = () => {
        texts ??= subject.texts();
        return texts;
      };
      const asked = { ...subject, texts: once };
      return tests.every((test) => test(asked));
    },
  };
}

type Test = (subject: Subject) => boolean;
type TextTerm = Extract<Term, { kind: 'word' | TextKey }>;

function isAboutText(term: Term): term is TextTerm {
  return 'text' in term && term.kind !== 'kind';
}

function textTest(term: TextTerm): Test {
  const contains = createContains(term.text);
  return (subject) => textsOf(term.kind, subject).some(contains) !== term.excludes;
}

function textsOf(
  kind: TextTerm['kind'],
  { texts, host, models, states }: Subject,
): readonly (string | null)[] {
  switch (kind) {
    case 'word':
      return texts();
    case 'model':
      return models;
    case 'state':
      return states;
    case 'host':
      return [host?.alias ?? null, host?.endpoint?.hostname ?? null];
    case 'group':
      return [host?.group ?? null];
    case 'user':
      return host?.gpus.flatMap(usersOf) ?? [];
    case 'kind':
      return host?.gpus.map(({ name }) => name) ?? [];
    default:
      return assertNever(kind);
  }
}

/** Null: none of the terms is about GPUs. */
function gpuTest(terms: readonly Term[], rule: IdleRule): Test | null {
  const traits = terms.flatMap((term) => traitOf(term) ?? []);
  const counts = terms.flatMap((term) => countTest(term) ?? []);
  if (traits.length + counts.length === 0) return null;
  return ({ host }) => {
    if (host === null) return false;
    const fitting =
      traits.length === 0 ? host.gpus : host.gpus.filter((gpu) => traits.every((has) => has(gpu)));
    if (counts.length === 0) return fitting.length > 0;
    const free = isUp(host.state) ? fitting.filter((gpu) => isIdle(gpu, rule)).length : 0;
    return counts.every((holds) => holds(free));
  };
}

function traitOf(term: Term): ((gpu: Gpu) => boolean) | null {
  if (term.kind === 'kind') {
    const contains = createContains(term.text);
    return ({ name }) => contains(name);
  }
  if (term.kind !== 'mem') return null;
  return (gpu) => {
    const gib = memoryGiB(gpu);
    return gib !== null && compares(gib, term.comparison, term.value);
  };
}

function countTest(term: Term): ((free: number) => boolean) | null {
  if (term.kind === 'idle') return (free) => free > 0;
  return term.kind === 'free' ? (free) => compares(free, term.comparison, term.value) : null;
}

/** Null: none of the terms is about the load of a model. */
function loadTest(terms: readonly Term[]): Test | null {
  const asked = terms.filter(isAboutLoad);
  if (asked.length === 0) return null;
  return ({ loads }) =>
    loads.some((load) =>
      asked.every(({ kind, comparison, value }) => {
        const known = kind === 'kv' ? load.kvCachePct : load.waiting;
        return known !== null && compares(known, comparison, value);
      }),
    );
}

/** Whether the load of models decides what matches it. */
export function isAboutLoad(term: Term): term is Extract<Term, { kind: LoadKey }> {
  return term.kind === 'waiting' || term.kind === 'kv';
}

function not(test: Test | null, { excludes }: Term): Test | null {
  return test === null || !excludes ? test : (subject) => !test(subject);
}

const mostRemembered = 10_000;

function createContains(wanted: string): (text: string | null) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    if (text === null) return false;
    let contains = known.get(text);
    if (contains === undefined) {
      contains = text.toLowerCase().includes(wanted);
      if (known.size >= mostRemembered) known.clear();
      known.set(text, contains);
    }
    return contains;
  };
}

/** For lists without the filter language: whether every word occurs in a text, whatever its case. No word: all match. */
export function createWordMatcher(query: string): (text: string) => boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return (text) => {
    const lower = text.toLowerCase();
    return words.every((word) => lower.includes(word));
  };
}
