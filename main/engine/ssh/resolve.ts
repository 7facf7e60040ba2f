import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { AppError } from '#common/errors.ts';
import type { Problem } from '#common/model.ts';
import { plainText, shellWord } from '#common/text.ts';
import { type RunResult, run } from './child.ts';
import { configProblem, maxProblems, walkConfig } from './config-walk.ts';
import { interpret, type OptionValues } from './interpret.ts';
import type { JumpHop, ResolvedHost } from './resolved.ts';
import { type Shared, share } from './share.ts';
import { computeSubset } from './subset.ts';

export interface ResolverDeps {
  readonly sshConfigPath: string;
  /** How many `ssh -G` run at once. */
  readonly limit: number;
  /** For one `ssh -G`, which may run `Match exec`; default 5000. */
  readonly timeoutMs?: number;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Told once, until `forget`, why ssh refuses the configuration, and each line that subset.ts cannot decide instead. */
  readonly onProblem?: (problem: Problem) => void;
}

/** What the configuration says of a host, remembered until `forget`. Errors: `resolve-failed`, `cancelled`. */
export interface Resolver {
  resolve(alias: string, signal?: AbortSignal): Promise<ResolvedHost>;
  /** The same for a jump host, whose user and port come before those of the configuration. */
  resolveHop(hop: JumpHop, signal?: AbortSignal): Promise<ResolvedHost>;
  /** To be called when the configuration may have changed. */
  forget(): void;
}

/**
 * Asks `ssh -G` (7-11 ms each). Where there is no ssh program, and where ssh refuses the whole configuration for a bad
 * line, the values are computed from the files as far as subset.ts goes.
 */
export function createResolver(deps: ResolverDeps): Resolver {
  const { sshConfigPath, limit, timeoutMs = 5000, home, env, onProblem } = deps;
  const slots = pLimit(limit);
  const known = new Map<string, Shared<ResolvedHost>>();
  const reported = new Set<string>();
  const localUser = localUserName(env);
  // With -F ssh leaves /etc/ssh/ssh_config out, which a person's own `ssh alias` does not.
  const isStandard = sshConfigPath === standardConfigPath();
  const configArgs = isStandard ? [] : ['-F', sshConfigPath];

  const report = (problem: Problem): void => {
    if (reported.has(problem.detail) || reported.size >= maxProblems) return;
    reported.add(problem.detail);
    onProblem?.(problem);
  };

  const ask = async ({ host, user, port }: JumpHop, signal: AbortSignal): Promise<ResolvedHost> => {
    const overrides = [
      ...(user === null ? [] : ['-l', user]),
      ...(port === null ? [] : ['-p', String(port)]),
    ];
    const command = ['ssh', ...configArgs, ...overrides, host].map(shellWord).join(' ');
    const args = ['-T', ...configArgs, '-G', ...overrides, '--', host];
    const result = await slots(() => run('ssh', args, { env, timeoutMs, signal }));
    const options = parseOutput(result) ?? (await fallBack({ host, user, port }, result, command));
    const sshArgs = [...configArgs, ...overrides, '--', host];
    return { command, args: sshArgs, ...interpret(host, options, { home, env, localUser }) };
  };

  const fallBack = async (hop: JumpHop, result: RunResult, command: string): Promise<OptionValues> => {
    const refusal = failure(result);
    if (refusal !== null && !refusesConfiguration(refusal))
      throw new AppError('resolve-failed', { step: 'resolve', detail: refusal, command: `${command} -G` });
    if (refusal !== null) report({ code: 'config-unreadable', detail: refusal });
    const walks = [await walkConfig(sshConfigPath, { home, env })];
    if (isStandard)
      walks.push(
        await walkConfig(join(systemFolder(env), 'ssh_config'), { home, env, folder: systemFolder(env) }),
      );
    const files = walks.map(({ items }) => items);
    const { values, undecided } = computeSubset(hop, files, { env, localUser });
    for (const { file, line, what } of undecided) report(configProblem(`${file}:${line}`, what));
    return values;
  };

  const resolveHop = (hop: JumpHop, signal?: AbortSignal): Promise<ResolvedHost> => {
    const key = JSON.stringify([hop.host, hop.user, hop.port]);
    const found = known.get(key);
    if (found !== undefined) return found.join(signal);
    const forgetThis = (): void => {
      if (known.get(key) === asked) known.delete(key);
    };
    const asked = share(async (attempt) => {
      try {
        return await ask(hop, attempt);
      } catch (error) {
        // Only answers are remembered: what is wrong now may be mended when it is asked again.
        forgetThis();
        throw error;
      }
    }, forgetThis);
    known.set(key, asked);
    return asked.join(signal);
  };

  return {
    resolve: (alias, signal) => resolveHop({ host: alias, user: null, port: null }, signal),
    resolveHop,
    forget: () => {
      known.clear();
      reported.clear();
    },
  };
}

/** Reads what `ssh -G` printed, lines of `keyword value`; null when ssh did not print any. */
export function parseOutput(result: RunResult): OptionValues | null {
  if (result.kind !== 'ended' || result.code !== 0 || !/^hostname /m.test(result.stdout)) return null;
  const options = new Map<string, string[]>();
  for (const line of result.stdout.split(/\r?\n/)) {
    const blank = line.indexOf(' ');
    if (blank < 1) continue;
    const keyword = line.slice(0, blank).toLowerCase();
    const value = line.slice(blank + 1);
    const values = keyword.endsWith('knownhostsfile') ? splitPaths(value) : [value];
    options.set(keyword, [...(options.get(keyword) ?? []), ...values]);
  }
  return options;
}

/** ssh joins the paths with blanks and quotes nothing; as it also makes them absolute, each begins at a root or `~`. */
function splitPaths(value: string): string[] {
  return value.split(/ +(?=[/~\\%$]|[A-Za-z]:[\\/]|none$)/);
}

function failure(result: RunResult): string | null {
  if (result.kind === 'missing') return null;
  if (result.kind === 'timed-out') return 'ssh -G did not end in time; a Match exec may hang';
  return plainText(result.stderr, 300) || `ssh -G ended with code ${result.code}`;
}

/** A bad line anywhere makes ssh refuse every host; a writable file is refused for good reason and stays refused. */
function refusesConfiguration(stderr: string): boolean {
  return /bad configuration option|: line \d+|line \d+:|Can't open user config file|Too many recursive/i.test(
    stderr,
  );
}

function standardConfigPath(): string {
  try {
    // Not $HOME: ssh takes the home directory from the password database.
    return join(userInfo().homedir, '.ssh', 'config');
  } catch {
    // A user id without an entry, as in some containers: ssh itself refuses to run then.
    return join(homedir(), '.ssh', 'config');
  }
}

/** Where the configuration for everybody on this computer is. */
function systemFolder(env: NodeJS.ProcessEnv): string {
  return process.platform === 'win32' ? join(env.ProgramData ?? 'C:\\ProgramData', 'ssh') : '/etc/ssh';
}

/** Of the person at this computer, as ssh puts it in place of `%u`. */
export function localUserName(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    // As above; the environment is the next best witness.
    return env.USER ?? env.USERNAME ?? 'root';
  }
}
