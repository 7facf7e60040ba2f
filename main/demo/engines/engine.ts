/** The shape of an engine that the demo plays: all that is peculiar to it is one such value. */

import type { Pages } from '../engine-pages.ts';
import type { ServerLoad } from '../server-load.ts';
import type { ModelServerSpec } from '../specs.ts';

export interface Commands {
  /** The process that listens. */
  readonly listens: { readonly program: string; readonly args: string };
  /** The name of what holds the GPU of that rank. */
  readonly works: (rank: number) => string;
}

export interface PlayedEngine {
  /** The `server` header of its answers; null: none. */
  readonly header: string | null;
  /** What it answers beside completions. `permissionId` gives an id of 32 digits, as vLLM makes a new one each time. */
  readonly pages: (load: ServerLoad, permissionId: () => string) => Pages;
  readonly commands: (spec: ModelServerSpec) => Commands;
}
