/** The shape of what an engine's metrics are called and mean. */

/** The numbers of a model; units are those of ModelMetrics. */
export type NumberKey =
  | 'running'
  | 'waiting'
  | 'kvCacheRatio'
  | 'preemptions'
  | 'promptTokens'
  | 'generationTokens'
  | 'cacheQueries'
  | 'cacheHits'
  | 'cacheHitRatio'
  | 'livePromptTokens'
  | 'liveGenerationTokens'
  | 'promptRate'
  | 'generationRate'
  | 'generationSeconds'
  | 'requestRate';

/** Numbers of a server with one model; one that is missing is unknown. */
export type Numbers = Readonly<Partial<Record<NumberKey, number | null>>>;

/** Histograms in seconds. */
export type HistogramKey = 'ttft' | 'interToken' | 'endToEnd';

/** What the values of a label are to each other; those of a label without a role are parts. */
export type LabelRole =
  /** Names the model. */
  | 'model'
  /** Each value has its share: shares are added, ratios averaged. */
  | 'part'
  /** As a part, but where the empty value stands beside others it is their total. */
  | 'part-or-total'
  /** Each value says the same again: the lowest is taken. */
  | 'copy';

/** A metric by its name, or only those of its samples whose labels have one of these values; `''` is a label that is absent. */
export type Series =
  | string
  | { readonly name: string; readonly where: Readonly<Record<string, readonly string[]>> };

export interface MetricTable {
  /** Where the Prometheus text stands: at the first of these that has it. */
  readonly paths: readonly string[];
  /** Numbers as JSON, asked for where the text is missing or does not say what runs; null where the body is something else. */
  readonly statistics?: { readonly path: string; readonly read: (body: string) => Numbers | null };
  /** Every label that its own numbers and histograms carry, from the source. */
  readonly labels: Readonly<Record<string, LabelRole>>;
  /** Of these the first that is there counts: some releases print the old name beside the new one. */
  readonly numbers: Readonly<Partial<Record<NumberKey, readonly Series[]>>>;
  /** Without `_bucket`. */
  readonly histograms: Readonly<Partial<Record<HistogramKey, readonly string[]>>>;
  /** Finished requests, by `finished_reason`. */
  readonly finished?: readonly string[];
  /** When the counters of tokens move: a request's tokens one by one, or all at once when it has ended. */
  readonly tokensCount: 'as-they-come' | 'at-the-end';
  /** One sample per state, 1 for the one it is in; `awake` among the values of that label. */
  readonly sleep?: { readonly name: string; readonly label: string };
  /** To be asked before the metrics where those would keep a model in memory that is put away. */
  readonly sleepCheck?: {
    readonly path: string;
    /** Null in releases that put no model away. */
    readonly isAsleep: (body: string) => boolean | null;
  };
}

export function nameOf(series: Series): string {
  return typeof series === 'string' ? series : series.name;
}
