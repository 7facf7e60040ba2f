/**
 * What the app knows, as readonly data. Everything in it is plain JSON: it crosses IPC and a WebSocket unchanged. Times are
 * milliseconds since the epoch.
 */

import type { Problem } from './failure.ts';
import type { AutoForwardEntry, Forward } from './forwards.ts';
import type { Gateway } from './gateway.ts';
import type { Host } from './hosts.ts';
import type { Launch } from './launches.ts';
import type { LocalServer } from './local-servers.ts';
import type { Notice } from './notices.ts';
import type { OtherForwards } from './other-forwards.ts';
import type { PrometheusState } from './prometheus.ts';
import type { Prompt, UnknownHostKey } from './prompts.ts';
import type { ApiKeyUse, ModelServer, TestPrompt } from './servers.ts';
import type { Settings } from './settings.ts';

export interface Snapshot {
  /** Grows by one with every patch; a receiver that misses one asks for the whole Snapshot again. */
  readonly revision: number;
  readonly source: Source;
  /** In the order of the SSH configuration, then those that only Prometheus knows, by name. */
  readonly hosts: readonly Host[];
  /** Aliases of the configuration that the settings leave out, in its order: they are never contacted. */
  readonly excludedAliases: readonly string[];
  /** By host in configuration order, then by port. */
  readonly servers: readonly ModelServer[];
  /** In the order in which they were opened. */
  readonly forwards: readonly Forward[];
  /** The one local address that answers for every model. */
  readonly gateway: Gateway;
  /** Model servers that were started on hosts, by host and name, as far as they were looked for. */
  readonly launches: readonly Launch[];
  readonly scan: ScanState;
  readonly settings: Settings;
  /** What the auto-forward rules did with each model; empty while they are switched off. */
  readonly autoForwards: readonly AutoForwardEntry[];
  readonly otherForwards: OtherForwards;
  /** By port. */
  readonly localServers: readonly LocalServer[];
  /** The latest few, oldest first. */
  readonly testPrompts: readonly TestPrompt[];
  readonly apiKeys: ApiKeyUse;
  /** The sources of the settings, in their order. */
  readonly prometheus: readonly PrometheusState[];
  /** The latest ones, oldest first. */
  readonly notices: readonly Notice[];
  /** What is wrong with the configuration itself, one sentence each; never a reason to stop. */
  readonly problems: readonly Problem[];
  /** Questions of logins that wait for an answer, oldest first. */
  readonly prompts: readonly Prompt[];
  /** Host keys that are not accepted yet, in the order in which they were met. */
  readonly hostKeys: readonly UnknownHostKey[];
}

/** Where the hosts come from. The demo cluster is labelled as such in every face. */
export type Source = ({ readonly kind: 'ssh-config'; readonly path: string } | { readonly kind: 'demo' }) & {
  /** The configuration to name to `ssh -F`; absent where ssh reads it by default. */
  readonly configFile?: string;
};

export type ScanState =
  | { readonly kind: 'never' }
  | { readonly kind: 'running'; readonly done: number; readonly total: number; readonly startedAt: number }
  | ({ readonly kind: 'done' } & FinishedScan)
  | ({ readonly kind: 'cancelled' } & FinishedScan);

export interface FinishedScan {
  readonly done: number;
  readonly total: number;
  readonly startedAt: number;
  readonly finishedAt: number;
}
