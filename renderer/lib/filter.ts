import type { ForeignForward, Forward } from '#common/forwards.ts';
import type { Language } from '#common/language.ts';
import { assertNever, type Gpu, type Host, type IdleRule, type ModelServer } from '#common/model.ts';
import { failureOf, forwardAddress, isIdle, isUp, memoryGiB } from '#common/select.ts';
import type { LocalRow } from '#common/this-computer.ts';
import { hostLine } from './format.ts';
import { compares, parseQuery, type Term, type TextKey } from './query.ts';

/** What a row offers to the terms of a filter. */
export interface Subject {
  /** Where plain words are looked for; made when there are some. */
  readonly texts: () => readonly (string | null)[];
  /** The host that it is on; null where that is not known any more. */
  readonly host: Host | null;
  readonly models: readonly string[];
  /** The kind of its own state: of a host, a server or a forward. */
  readonly state: string;
}

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
    // What is asked of GPUs is asked of the same ones; what must not be, of each term by itself.
    gpuTest(
      terms.filter((term) => !term.excludes),
      rule,
    ),
    ...terms.filter((term) => term.excludes).map((term) => not(gpuTest([term], rule), term)),
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
  { texts, host, models, state }: Subject,
): readonly (string | null)[] {
  switch (kind) {
    case 'word':
      return texts();
    case 'model':
      return models;
    case 'state':
      return [state];
    case 'host':
      return [host?.alias ?? null, host?.endpoint?.hostname ?? null];
    case 'user':
      return host?.gpus.flatMap(({ processes }) => processes.map(({ user }) => user)) ?? [];
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

/** What a host is found by: its names, state, GPUs, the people on it, and the models it serves. */
export function hostSubject(host: Host, models: readonly string[], language: Language): Subject {
  return {
    host,
    models,
    state: host.state.kind,
    texts: () => [
      host.alias,
      host.endpoint && `${host.endpoint.user}@${host.endpoint.hostname}`,
      host.state.kind,
      // Of a host that is up it only counts the GPUs.
      host.state.kind === 'up' ? null : hostLine(host, language),
      failureOf(host.state)?.detail ?? null,
      ...host.gpus.map((gpu) => gpu.name),
      ...host.gpus.flatMap((gpu) => gpu.processes.flatMap((process) => [process.user, process.command])),
      ...models,
    ],
  };
}

export function serverSubject(host: Host, server: ModelServer, modelId: string | null): Subject {
  return {
    host,
    models: modelId === null ? [] : [modelId],
    state: server.state.kind,
    texts: () => [server.id, server.engine, server.version, server.state.kind, modelId],
  };
}

export function forwardSubject(forward: Forward, host: Host | null, models: readonly string[]): Subject {
  return {
    host,
    models,
    state: forward.state.kind,
    texts: () => [forward.id, forwardAddress(forward), forward.state.kind, ...models],
  };
}

export function foreignSubject(foreign: ForeignForward, host: Host | null): Subject {
  const { owner, destination, localPort, remotePort, models, state } = foreign;
  return {
    host,
    models,
    state: state.kind,
    texts: () => [
      `${destination}:${remotePort}`,
      `localhost:${localPort}`,
      owner.kind === 'tmux' ? owner.session : `ssh ${owner.pid}`,
      owner.kind === 'tmux' ? 'tmux' : owner.command,
      state.kind,
      ...models,
    ],
  };
}

export function localSubject({ server, model, session, origin }: LocalRow, host: Host | null): Subject {
  const { port, engine, version, owner, state } = server;
  return {
    host,
    models: model === null ? [] : [model],
    state: state.kind,
    texts: () => [
      `localhost:${port}`,
      engine,
      version,
      session,
      origin,
      owner.kind === 'process' ? owner.command : null,
      state.kind,
      host?.alias ?? null,
      model,
    ],
  };
}
