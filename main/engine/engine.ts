import type { EngineHandlers } from '#common/contract.ts';
import type { Snapshot, Source } from '#common/model.ts';
import type { Patch } from '#common/reduce.ts';
import type { Log } from './log.ts';
import type { Settings } from './settings.ts';

export interface EngineDeps {
  readonly source: Source;
  /** Absolute path of the SSH configuration to read; it need not exist. */
  readonly sshConfigPath: string;
  readonly settings: Settings;
  readonly log: Log;
  /** Only hosts whose alias matches. */
  readonly hostRegex?: RegExp;
  /** Ask exactly these ports for models, whether or not something is seen to listen there. Default: discover. */
  readonly remotePorts?: readonly number[];
}

/** The engine: owns the truth about all hosts. Every face runs one and shows its Snapshot. */
export interface Engine {
  readonly handlers: EngineHandlers;
  /** The latest published Snapshot; patches given to subscribers afterwards continue from exactly this one. */
  snapshot(): Snapshot;
  /** Calls the listener with every patch, at most 10 times a second and never without a change. */
  subscribe(listener: (patch: Patch) => void): () => void;
  /** Reads the SSH configuration and lists its hosts in the Snapshot; contacts nobody. */
  loadHosts(): Promise<void>;
  /** Scans the hosts (default all) once; resolves when the scan is done or cancelled, and never rejects for a host. */
  scan(hostIds?: readonly string[]): Promise<void>;
  /** Keeps measuring at the cadence of the settings, until `dispose`. Slower while not shown. */
  watch(): void;
  setShown(shown: boolean): void;
  /** Closes forwards, connections and timers; resolves when nothing is left open. Safe to call twice. */
  dispose(): Promise<void>;
}
