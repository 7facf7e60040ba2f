/** The shape of an adapter: all that the app must know of one kind of model server is one such value. */

import type { EngineKind, ModelServer, ServerState } from '#common/servers.ts';
import type { Ask } from '../answers.ts';
import type { HttpAnswer } from '../http.ts';
import type { MetricTable } from '../metric-table.ts';
import type { ListedModel, ModelCard } from '../model-cards.ts';

/** What a server is found to be. */
export interface Identified {
  readonly state: ServerState;
  readonly engine: EngineKind;
  readonly version: string | null;
  readonly models: readonly ListedModel[];
}

/** A server that was found before. */
export interface Known extends ModelServer {
  readonly engine: EngineKind;
}

/** A port that gives no list where others do. */
export interface Unlisted {
  readonly answer: HttpAnswer;
  readonly port: number;
  /** Whether the process, or what was found there before, is this engine. */
  readonly isExpected: boolean;
}

/** What a server is that says nothing of itself beside OpenAI's list. */
export const unnamed: EngineKind = 'openai';

/** Where a server says whether it works: a status of 5xx, or no answer, says that it does not. */
export interface HealthPage {
  readonly path: string;
  /** The server generates a token to answer: it is asked only where its load looks as if it were stuck. */
  readonly generates?: true;
}

export interface Engine {
  readonly kind: EngineKind;
  /** The beginning of its server's process name, which `ss` cuts off after 15 characters. */
  readonly processes?: RegExp;
  /** Its inner processes, which may listen and serve no models. */
  readonly innerProcesses?: RegExp;
  /** What it writes into `owned_by` of its list. */
  readonly owners: readonly string[];
  /** Whether an entry with another owner shows all the same that it wrote it. */
  readonly wrote?: (card: ModelCard) => boolean;
  /** The `server` header of its answers, lower case. */
  readonly serverHeader?: string;
  /** Its port unless another one is asked for, where an empty list is its own. */
  readonly usualPort?: number;
  /** Whether a server that has not given its version is to be asked for it again. */
  readonly hasVersion: boolean;
  /** Whether other products serve it under a name of their own. */
  readonly isBuiltUpon?: boolean;
  /** The `server` header of what stands before it and passes on what an engine inside answers. */
  readonly proxyHeader?: RegExp;
  /** Whether it shares its models out among further servers, one each, on ports of the system's choice. */
  readonly isRouter?: boolean;

  /**
   * Looks at a server for the first time: it lists as this engine does, and of `found` the engine and the models are known.
   * The answer may name another engine.
   */
  readonly identify: (ask: Ask, found: Identified) => Promise<Identified>;
  /**
   * Takes a server over that was found to be an engine that others build upon, or none that says its name: where its version
   * is unknown, or behind the proxy of this engine. Null where it is not this engine's.
   */
  readonly adopt?: (ask: Ask, found: Identified) => Promise<Identified | null>;
  /** Looks at a server again that still lists the same, as far as more than the list is to be asked each time. */
  readonly refresh?: (ask: Ask, found: Identified, known: Known) => Promise<Identified>;
  /** Lists its models in a way of its own, in place of `/v1/models`, where it has been found before; null where it cannot. */
  readonly relist?: (ask: Ask) => Promise<readonly ListedModel[] | null>;
  /** Lists the models of a release without `/v1/models`; null where it is not this engine's. */
  readonly listOlder?: (
    ask: Ask,
    unlisted: Unlisted,
  ) => Promise<{ readonly engine: EngineKind; readonly models: readonly ListedModel[] } | null>;
  /** The version that it gives also to those without its API key; null where it gives none. */
  readonly versionWithoutKey?: (ask: Ask) => Promise<string | null>;
  /** Whether the body of a `503` is its own while it loads its model. */
  readonly saysLoading?: (body: string) => boolean;

  /** Null where it has none. */
  readonly health: HealthPage | null;
  /** How busy it is: null where it has no metrics. */
  readonly metrics: MetricTable | null;
}
