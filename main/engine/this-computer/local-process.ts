/** A process of the user on this computer. */
export interface LocalProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** Milliseconds since the epoch; null where ps does not say. */
  readonly startedAt: number | null;
  /** The command line, its words joined by blanks. */
  readonly args: string;
}
