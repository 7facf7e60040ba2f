/** All launchers: a new one is a file beside this one and a line here. */

import type { LauncherChoice, LauncherKind } from '#common/launches.ts';
import { conda } from './conda.ts';
import { container } from './container.ts';
import type { HostFacts, Launcher, LaunchWork } from './launcher.ts';
import { plain } from './plain.ts';
import { uv } from './uv.ts';
import { venv } from './venv.ts';

export const launchers: { readonly [Kind in LauncherKind]: Launcher<Kind> } = {
  plain,
  conda,
  venv,
  uv,
  container,
};

export type KnownChoice = Exclude<LauncherChoice, { readonly kind: 'auto' }>;

const usualEnvironment = 'vllm_env';

/** What `auto` is on this host: vllmctl's environment where conda has it, else what the login shell finds. */
export function settledChoice(choice: LauncherChoice, { condaEnvironments }: HostFacts): KnownChoice {
  if (choice.kind !== 'auto') return choice;
  if (condaEnvironments.includes(usualEnvironment)) return { kind: 'conda', environment: usualEnvironment };
  return { kind: 'plain' };
}

/** The line to run and the one that ends what a KILL leaves. Errors: `launch-refused`. */
export function linesOf<Kind extends LauncherKind>(
  work: LaunchWork,
  choice: Extract<KnownChoice, { readonly kind: Kind }>,
  facts: HostFacts,
): { readonly line: string; readonly killLine: string | null } {
  const launcher: Launcher<Kind> = launchers[choice.kind as Kind];
  return { line: launcher.line(work, choice as never, facts), killLine: launcher.killLine(work, facts) };
}
