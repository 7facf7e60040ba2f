/** What the metrics of a model server say, by model. What they are called is in engines/. Pure. */

import { cutLoose, plainText } from '#common/text.ts';
import { distinctSamples, isOf } from './distinct.ts';
import { allEngines } from './engines/registry.ts';
import {
  type HistogramKey,
  type MetricTable,
  type NumberKey,
  type Numbers,
  nameOf,
  type Series,
} from './metric-table.ts';
import { isOtherText, metricNameOf, parsePrometheus, type Sample } from './prometheus.ts';
import { isNone } from './python.ts';
import { sharedBounds } from './shared-bounds.ts';

/** Cumulative counts by upper bound, ascending; the last bound is infinite. */
export interface Histogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** One model, summed over its engines; unknown is null. Counters count since the server began. */
export interface ModelMetrics {
  readonly running: number | null;
  readonly waiting: number | null;
  /** 0-1, the mean over the engines. */
  readonly kvCacheRatio: number | null;
  readonly preemptions: number | null;
  readonly promptTokens: number | null;
  readonly generationTokens: number | null;
  readonly cacheQueries: number | null;
  readonly cacheHits: number | null;
  /** 0-1, where the server says only the ratio. */
  readonly cacheHitRatio: number | null;
  /** Counted as they come, where the counters above move only when a request has ended. */
  readonly livePromptTokens: number | null;
  readonly liveGenerationTokens: number | null;
  /** Tokens per second of the whole server, where it says them itself. */
  readonly promptRate: number | null;
  readonly generationRate: number | null;
  /** How long the requests took, each for itself, that generated the tokens counted above. */
  readonly generationSeconds: number | null;
  /** Tokens per second of one request, the mean of those that have ended lately; 0 where none has. */
  readonly requestRate: number | null;
  readonly tokensCount: MetricTable['tokensCount'];
  /** In seconds. */
  readonly ttft: Histogram | null;
  readonly interToken: Histogram | null;
  readonly endToEnd: Histogram | null;
  readonly finished: Readonly<Record<string, number>>;
}

export interface ServerMetrics {
  /** Seconds since the epoch (`process_start_time_seconds`); null where unknown. */
  readonly startedAtS: number | null;
  /** The model is put away until it is woken. */
  readonly asleep: boolean;
  /** By the model's name in the metrics; null where they name none. */
  readonly models: ReadonlyMap<string | null, ModelMetrics>;
}

/** How the samples of one number become one: a ratio is the mean, and at most 1. */
const combines: Readonly<Record<NumberKey, 'sum' | 'mean' | 'ratio'>> = {
  running: 'sum',
  waiting: 'sum',
  kvCacheRatio: 'ratio',
  preemptions: 'sum',
  promptTokens: 'sum',
  generationTokens: 'sum',
  cacheQueries: 'sum',
  cacheHits: 'sum',
  cacheHitRatio: 'ratio',
  livePromptTokens: 'sum',
  liveGenerationTokens: 'sum',
  promptRate: 'sum',
  generationRate: 'sum',
  generationSeconds: 'sum',
  requestRate: 'mean',
};

// A server may give metrics by the names of another engine, as what stands before one does: names tell more than kinds.
const tables = allEngines.flatMap(({ metrics }) => metrics ?? []);

interface Source {
  readonly table: MetricTable;
  readonly series: Series;
  readonly name: string;
}

const sourceOf = (table: MetricTable, series: Series): Source => ({ table, series, name: nameOf(series) });

const numberSources = mapValues(combines, (key): readonly Source[] =>
  tables.flatMap((table) => (table.numbers[key] ?? []).map((series) => sourceOf(table, series))),
);
const bucketSources = mapValues({ ttft: 0, interToken: 0, endToEnd: 0 }, (key): readonly Source[] =>
  tables.flatMap((table) => (table.histograms[key] ?? []).map((name) => sourceOf(table, `${name}_bucket`))),
);
const finishedSources: readonly Source[] = tables.flatMap((table) =>
  (table.finished ?? []).map((series) => sourceOf(table, series)),
);
const sleepLabels = new Map(
  tables.flatMap(({ sleep }) => (sleep === undefined ? [] : [[sleep.name, sleep.label]])),
);
const startName = 'process_start_time_seconds';

/** The labels that name the model, by the name of the metric. */
const modelLabels: ReadonlyMap<string, readonly string[]> = new Map(
  [...Object.values(numberSources), ...Object.values(bucketSources), finishedSources]
    .flat()
    .map(({ table: { labels }, name }) => [
      name,
      Object.keys(labels).filter((label) => labels[label] === 'model'),
    ]),
);

const wantedNames: ReadonlySet<string> = new Set([startName, ...sleepLabels.keys(), ...modelLabels.keys()]);

/** Tells most names apart without a look at all of their letters. */
const markOf = (name: string): number => name.length * 128 + (name.charCodeAt(name.length >> 1) % 128);
const wantedMarks: ReadonlySet<number> = new Set([...wantedNames].map(markOf));

function isWanted(name: string): boolean {
  return wantedMarks.has(markOf(name)) && wantedNames.has(name);
}

/** Whether anything is read of this line of metrics: of a large server's, one of a hundred. */
export function isMetricLine(line: string): boolean {
  const name = metricNameOf(line);
  return name !== null && isWanted(name);
}

function mapValues<Key extends string, Value>(
  record: Readonly<Record<Key, unknown>>,
  valueFor: (key: Key) => Value,
): Readonly<Record<Key, Value>> {
  const keys = Object.keys(record) as Key[];
  return Object.fromEntries(keys.map((key) => [key, valueFor(key)])) as Record<Key, Value>;
}

const mostModels = 200;

/** Reads the body of a `200` to `GET /metrics`; null when it is no metrics, or none of a model server. Never throws. */
export function readMetrics(text: string, contentType = ''): ServerMetrics | null {
  if (isOtherText(text, contentType)) return null;
  const byModel = new Map<string | null, Map<string, Sample[]>>();
  let startedAtS: number | null = null;
  let asleep = false;
  for (const sample of parsePrometheus(text, isWanted)) {
    const sleepLabel = sleepLabels.get(sample.name);
    if (sample.name === startName) startedAtS = sample.value;
    else if (sleepLabel !== undefined) asleep ||= saysAsleep(sample, sleepLabel);
    else sort(byModel, sample);
  }
  if (byModel.size === 0) return null;
  const models = [...byModel].map(([model, samples]) => [model, readModel(samples)] as const);
  return { startedAtS: finiteOrNull(startedAtS), asleep, models: new Map(models) };
}

/** One sample per state, 1 for the one it is in. */
function saysAsleep({ labels, value }: Sample, label: string): boolean {
  return value === 1 && labels.get(label) !== 'awake';
}

function sort(byModel: Map<string | null, Map<string, Sample[]>>, sample: Sample): void {
  const model = modelNameOf(sample);
  let samples = byModel.get(model);
  if (samples === undefined) {
    if (byModel.size >= mostModels) return;
    samples = new Map();
    byModel.set(model === null ? null : cutLoose(model), samples);
  }
  const same = samples.get(sample.name);
  if (same === undefined) samples.set(sample.name, [sample]);
  else same.push(sample);
}

function modelNameOf({ name, labels }: Sample): string | null {
  for (const label of modelLabels.get(name) ?? []) {
    const model = labels.get(label);
    if (model !== undefined) return isNone(model) ? null : plainText(model, 300);
  }
  return null;
}

/** The metrics with these numbers where they do not say them themselves; what is no number is left out. */
export function withNumbers(
  metrics: ServerMetrics | null,
  numbers: Numbers,
  { tokensCount }: MetricTable,
): ServerMetrics {
  const known = Object.entries(numbers).filter(([, value]) => finiteOrNull(value) !== null);
  const before: ServerMetrics = metrics ?? { startedAtS: null, asleep: false, models: new Map() };
  if (known.length === 0) return before;
  const [[name, model] = [null, { ...readModel(new Map()), tokensCount }] as const] = before.models;
  const added = known.filter(([key]) => model[key as NumberKey] === null);
  const models = new Map([...before.models, [name, { ...model, ...Object.fromEntries(added) }]]);
  return { ...before, models };
}

/** Whether they say how many requests each model answers. */
export function sayWhatRuns({ models }: ServerMetrics): boolean {
  return [...models.values()].every(({ running }) => running !== null);
}

type Samples = ReadonlyMap<string, readonly Sample[]>;

function readModel(samples: Samples): ModelMetrics {
  const single = (key: NumberKey): number | null => readNumber(samples, key);
  const histogram = (key: HistogramKey): Histogram | null => readHistogram(samples, bucketSources[key]);
  return {
    running: single('running'),
    waiting: single('waiting'),
    kvCacheRatio: single('kvCacheRatio'),
    preemptions: single('preemptions'),
    promptTokens: single('promptTokens'),
    generationTokens: single('generationTokens'),
    cacheQueries: single('cacheQueries'),
    cacheHits: single('cacheHits'),
    cacheHitRatio: single('cacheHitRatio'),
    livePromptTokens: single('livePromptTokens'),
    liveGenerationTokens: single('liveGenerationTokens'),
    promptRate: single('promptRate'),
    generationRate: single('generationRate'),
    generationSeconds: single('generationSeconds'),
    requestRate: single('requestRate'),
    tokensCount: tokensCountOf(samples),
    ttft: histogram('ttft'),
    interToken: histogram('interToken'),
    endToEnd: histogram('endToEnd'),
    finished: readFinished(samples),
  };
}

function finiteOrNull(value: number | null): number | null {
  // A gauge that the server has not filled says NaN or -1.
  return value === null || !Number.isFinite(value) || value < 0 ? null : value;
}

/** Of the first series that is there, the samples that count. */
function firstOf(samples: Samples, sources: readonly Source[]): readonly Sample[] {
  for (const { table, series, name } of sources) {
    const named = samples.get(name);
    if (named === undefined) continue;
    const found = typeof series === 'string' ? named : named.filter((sample) => isOf(series, sample));
    if (found.length > 0) return distinctSamples(found, table.labels);
  }
  return [];
}

function tokensCountOf(samples: Samples): MetricTable['tokensCount'] {
  const sources = [...numberSources.generationTokens, ...numberSources.promptTokens];
  const found = sources.find(({ name }) => samples.has(name));
  return found?.table.tokensCount ?? 'as-they-come';
}

function readNumber(samples: Samples, key: NumberKey): number | null {
  const combine = combines[key];
  let total = 0;
  let count = 0;
  for (const sample of firstOf(samples, numberSources[key])) {
    const value = finiteOrNull(sample.value);
    // What is above 1 is no ratio: some releases print a percentage by the same name.
    if (value === null || (combine === 'ratio' && value > 1)) continue;
    total += value;
    count += 1;
  }
  if (count === 0) return null;
  return combine === 'sum' ? total : total / count;
}

function readHistogram(samples: Samples, sources: readonly Source[]): Histogram | null {
  const counts = new Map<number, number>();
  for (const { labels, value } of firstOf(samples, sources)) {
    const bound = parseBound(labels.get('le'));
    const count = finiteOrNull(value);
    if (bound !== null && count !== null) counts.set(bound, (counts.get(bound) ?? 0) + count);
  }
  const bounds = sharedBounds([...counts.keys()].sort((a, b) => a - b));
  // Without the last bucket nothing says how many there were.
  if (bounds.at(-1) !== Infinity) return null;
  return { bounds, counts: bounds.map((bound) => counts.get(bound) ?? 0) };
}

function parseBound(le: string | undefined): number | null {
  if (le === undefined) return null;
  if (/^\+?inf$/i.test(le)) return Infinity;
  const bound = Number(le);
  return le.trim() !== '' && Number.isFinite(bound) ? bound : null;
}

const mostReasons = 20;

function readFinished(samples: Samples): Readonly<Record<string, number>> {
  const finished = new Map<string, number>();
  for (const { labels, value } of firstOf(samples, finishedSources)) {
    const reason = plainText(labels.get('finished_reason') ?? 'unknown', 40);
    const count = finiteOrNull(value);
    if (count !== null && (finished.has(reason) || finished.size < mostReasons))
      finished.set(reason, (finished.get(reason) ?? 0) + count);
  }
  return Object.fromEntries(finished);
}
