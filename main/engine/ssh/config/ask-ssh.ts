import { AppError, type Problem } from '#common/failure.ts';
import { shellWord } from '#common/text.ts';
import type { RunResult } from '../io/child.ts';
import { basisOf } from './answer-basis.ts';
import { createFileAnswers, type FileAnswers, type Interpreted } from './file-answers.ts';
import { interpret, type OptionValues, refusedValue } from './interpret.ts';
import { createKeptAnswers } from './kept-answers.ts';
import type { JumpHop, ResolvedHost } from './resolved.ts';
import { createSshRunner } from './run-ssh.ts';
import { parseOutput, rawTexts, refusalOf, refusesConfiguration } from './ssh-output.ts';
import { standardConfigPath } from './standard-paths.ts';

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
export interface SshAsker extends Pick<FileAnswers, 'read' | 'forget'> {
  /** These hosts are asked for soon, most likely in this order: many are then asked for together. */
  expect(aliases: readonly string[]): Promise<void>;
  /** Errors: `resolve-failed`, `open-files`, the reason of the signal. */
  ask(hop: JumpHop, signal: AbortSignal): Promise<ResolvedHost>;
  /** Resolves when what is kept is written. */
  dispose(): Promise<void>;
}

export function createSshAsker(deps: SshAskerDeps): SshAsker {
  const { sshConfigPath, limit, timeoutMs = 5000, home, env, keep, onProblem } = deps;
  const ssh = createSshRunner({ limit, timeoutMs, env });
  // With -F ssh leaves /etc/ssh/ssh_config out, which a person's own `ssh alias` does not.
  const isStandard = sshConfigPath === standardConfigPath();
  const configArgs = isStandard ? [] : ['-F', sshConfigPath];
  const place = { sshConfigPath, isStandard, home, env };
  const files = createFileAnswers({ ...place, now: keep?.now ?? Date.now, onProblem });

  const keptAnswers =
    keep === undefined
      ? null
      : createKeptAnswers({
          path: keep.path,
          basis: async () => basisOf({ appVersion: keep.appVersion, ...place }, await files.config()),
        });

  const argsFor = (host: string, overrides: readonly string[] = []): readonly string[] => [
    '-T',
    ...configArgs,
    '-G',
    ...overrides,
    '--',
    host,
  ];

  const ask = async ({ host, user, port }: JumpHop, signal: AbortSignal): Promise<ResolvedHost> => {
    const overrides = [
      ...(user === null ? [] : ['-l', user]),
      ...(port === null ? [] : ['-p', String(port)]),
    ];
    const command = ['ssh', ...configArgs, ...overrides, host].map(shellWord).join(' ');
    const args = argsFor(host, overrides);
    const { printed, result } = await answerOf(args, signal);
    const { options, surroundings } =
      printed === null
        ? await fallBack({ host, user, port }, result, command)
        : { options: printed, surroundings: await files.surroundingsOf(rawTexts(printed)) };
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
    const result = await ssh.run(args, signal);
    if (result.kind === 'ended' && result.outOfFiles !== undefined) throw result.outOfFiles;
    const printed = parseOutput(result);
    if (printed !== null && result.kind === 'ended') kept?.keep(result.stdout);
    return { printed, result };
  };

  const fallBack = async (hop: JumpHop, result: RunResult, command: string): Promise<Interpreted> => {
    const refusal = refusalOf(result);
    if (refusal !== null && !refusesConfiguration(refusal))
      throw new AppError('resolve-failed', { step: 'resolve', detail: refusal, command: `${command} -G` });
    if (refusal !== null) files.report({ code: 'config-unreadable', detail: refusal });
    return files.answer(hop);
  };

  return {
    async expect(aliases) {
      const unknown = await Promise.all(
        aliases.map(async (alias) => {
          const args = argsFor(alias);
          const kept = await keptAnswers?.get(JSON.stringify(args));
          return kept === undefined || kept.text === null ? [args] : [];
        }),
      );
      ssh.expect(unknown.flat());
    },
    ask,
    read: files.read,
    forget() {
      ssh.expect([]);
      files.forget();
      keptAnswers?.forget();
    },
    dispose: async () => keptAnswers?.dispose(),
  };
}

const ended = (stdout: string): RunResult => ({ kind: 'ended', code: 0, stdout, stderr: '' });
