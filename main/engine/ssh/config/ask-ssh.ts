import { join } from 'node:path';
import pLimit from 'p-limit';
import { AppError, type Problem } from '#common/failure.ts';
import type { Endpoint } from '#common/hosts.ts';
import { shellWord } from '#common/text.ts';
import { type RunResult, run } from '../io/child.ts';
import { unattended } from '../io/unattended.ts';
import { basisOf, type ReadConfig } from './answer-basis.ts';
import { type ConfigItem, configProblem, maxProblems, walkConfig } from './config-walk.ts';
import { namedHomes } from './expand.ts';
import { installedSsh } from './installed-ssh.ts';
import { interpret, type OptionValues, refusedValue, type Surroundings } from './interpret.ts';
import { createKeptAnswers } from './kept-answers.ts';
import { localUserName } from './local-user.ts';
import type { JumpHop, ResolvedHost } from './resolved.ts';
import { parseOutput, rawTexts, refusalOf, refusesConfiguration } from './ssh-output.ts';
import { standardConfigPath, systemFolder } from './standard-paths.ts';
import { computeSubset } from './subset.ts';

export interface SshAskerDeps {
  readonly sshConfigPath: string;
  /** How many `ssh -G` run at once. */
  readonly limit: number;
  /** For one `ssh -G`, which may run `Match exec`; default 5000. */
  readonly timeoutMs?: number;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where answers are kept for the next start; absent: nowhere. */
  readonly keep?: KeepDeps | undefined;
  /** Called once, until `forget`, with why ssh refuses the configuration, and each line that subset.ts cannot decide instead. */
  readonly onProblem?: (problem: Problem) => void;
}

export interface KeepDeps {
  /** A file of the app's own folder. */
  readonly path: string;
  readonly appVersion: string;
  /** Default: the computer's clock. */
  readonly now?: () => number;
}

/** What `ssh -G` says of a host, or the files where ssh says nothing. */
export interface SshAsker {
  /** Errors: `resolve-failed`, `open-files`, the reason of the signal. */
  ask(hop: JumpHop, signal: AbortSignal): Promise<ResolvedHost>;
  /** Where the files alone say the host is, without any program being run: what a `Match exec` decides is left out. */
  read(alias: string): Promise<Endpoint>;
  /** Reads the files anew when they are needed, and reports problems again. */
  forget(): void;
  /** Resolves when what is kept is written. */
  dispose(): Promise<void>;
}

interface Interpreted {
  readonly options: OptionValues;
  readonly surroundings: Surroundings;
}

/** More users than that have no keys for one. */
const maxHomes = 50;

export function createSshAsker(deps: SshAskerDeps): SshAsker {
  const { sshConfigPath, limit, timeoutMs = 5000, home, env, keep, onProblem } = deps;
  const slots = pLimit(limit);
  const reported = new Set<string>();
  let walked: Promise<ReadConfig> | null = null;
  const localUser = localUserName(env);
  // With -F ssh leaves /etc/ssh/ssh_config out, which a person's own `ssh alias` does not.
  const isStandard = sshConfigPath === standardConfigPath();
  const configArgs = isStandard ? [] : ['-F', sshConfigPath];

  const keptAnswers =
    keep === undefined
      ? null
      : createKeptAnswers({
          path: keep.path,
          async basis() {
            walked ??= readFiles();
            return basisOf(
              { appVersion: keep.appVersion, sshConfigPath, isStandard, home, env },
              await walked,
            );
          },
        });

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
    const { printed, result } = await answerOf(args, signal);
    const { options, surroundings } =
      printed === null
        ? await fallBack({ host, user, port }, result, command)
        : { options: printed, surroundings: await surroundingsOf(rawTexts(printed)) };
    const refused = printed === null ? null : refusedValue(host, options, surroundings);
    if (refused !== null) throw new AppError('resolve-failed', { step: 'resolve', detail: refused, command });
    const sshArgs = [...configArgs, ...overrides, '--', host];
    return { command, args: sshArgs, ...interpret(host, options, surroundings) };
  };

  /** What ssh prints, now or at an earlier start, and how it came to it; null where it prints nothing of the host. */
  const answerOf = async (
    args: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly printed: OptionValues | null; readonly result: RunResult }> => {
    const kept = await keptAnswers?.get(JSON.stringify(args));
    if (kept !== undefined && kept.text !== null) {
      const result = ended(kept.text);
      const printed = parseOutput(result);
      if (printed !== null) return { printed, result };
    }
    signal.throwIfAborted();
    // A Match exec may run an ssh of its own.
    const result = await slots(() => run('ssh', args, { env: unattended(env), timeoutMs, signal }));
    if (result.kind === 'ended' && result.outOfFiles !== undefined) throw result.outOfFiles;
    const printed = parseOutput(result);
    if (printed !== null && result.kind === 'ended') kept?.keep(result.stdout);
    return { printed, result };
  };

  /** What values are expanded with, as far as these texts need it. */
  const surroundingsOf = async (texts: readonly string[]): Promise<Surroundings> => {
    const text = texts.join('\n');
    const ssh = installedSsh(env);
    const users = [...new Set(namedHomes(text))].slice(0, maxHomes);
    const homes = await Promise.all(users.map(async (user) => [user, await ssh.homeOf(user)] as const));
    const jumpRules = /%[Cj]/.test(text) ? await ssh.jumpRules() : undefined;
    return { home, env, localUser, homes: new Map(homes), jumpRules };
  };

  /** Once for all hosts: with many in the files, to read them for each would take hours. */
  const readFiles = async (): Promise<ReadConfig> => {
    const atMs = (keep?.now ?? Date.now)();
    const walks = [await walkConfig(sshConfigPath, { home, env })];
    const folder = systemFolder(env);
    if (isStandard) walks.push(await walkConfig(join(folder, 'ssh_config'), { home, env, folder }));
    return { walks, atMs };
  };

  const fallBack = async (hop: JumpHop, result: RunResult, command: string): Promise<Interpreted> => {
    const refusal = refusalOf(result);
    if (refusal !== null && !refusesConfiguration(refusal))
      throw new AppError('resolve-failed', { step: 'resolve', detail: refusal, command: `${command} -G` });
    if (refusal !== null) report({ code: 'config-unreadable', detail: refusal });
    walked ??= readFiles();
    const files = itemsOf(await walked);
    const texts = files.flat().flatMap((item) => (item.kind === 'directive' ? [item.rest] : []));
    const surroundings = await surroundingsOf(texts);
    const { values, undecided } = computeSubset(hop, files, surroundings);
    for (const { file, line, what } of undecided) report(configProblem(`${file}:${line}`, what));
    return { options: values, surroundings };
  };

  const read = async (alias: string): Promise<Endpoint> => {
    walked ??= readFiles();
    const surroundings: Surroundings = { home, env, localUser, homes: new Map(), jumpRules: undefined };
    const { values } = computeSubset(
      { host: alias, user: null, port: null },
      itemsOf(await walked),
      surroundings,
    );
    const { hostname, port, user } = interpret(alias, values, surroundings);
    return { hostname, port, user };
  };

  return {
    ask,
    read,
    forget() {
      walked = null;
      keptAnswers?.forget();
      reported.clear();
    },
    dispose: async () => keptAnswers?.dispose(),
  };
}

const itemsOf = ({ walks }: ReadConfig): (readonly ConfigItem[])[] => walks.map(({ items }) => items);

const ended = (stdout: string): RunResult => ({ kind: 'ended', code: 0, stdout, stderr: '' });
