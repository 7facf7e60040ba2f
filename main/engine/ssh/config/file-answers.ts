import { join } from 'node:path';
import type { Problem } from '#common/failure.ts';
import type { Endpoint } from '#common/hosts.ts';
import type { ReadConfig } from './answer-basis.ts';
import { type ConfigItem, configProblem, maxProblems, walkConfig } from './config-walk.ts';
import { namedHomes } from './expand.ts';
import { installedSsh } from './installed-ssh.ts';
import { interpret, type OptionValues, type Surroundings } from './interpret.ts';
import { localUserName } from './local-user.ts';
import type { JumpHop } from './resolved.ts';
import { systemFolder } from './standard-paths.ts';
import { computeSubset } from './subset.ts';

export interface FileAnswersDeps {
  readonly sshConfigPath: string;
  /** Whether ssh reads the configuration for all users of this computer as well. */
  readonly isStandard: boolean;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onProblem?: ((problem: Problem) => void) | undefined;
}

export interface Interpreted {
  readonly options: OptionValues;
  readonly surroundings: Surroundings;
}

/** What the files of the configuration say of a host, for where ssh itself does not say it. */
export interface FileAnswers {
  /** The files as they were last read. Once for all hosts: with many in the files, to read them for each would take hours. */
  config(): Promise<ReadConfig>;
  /** Reports each line that subset.ts cannot decide. */
  answer(hop: JumpHop): Promise<Interpreted>;
  /** Where they say the host is, without any program being run: what a `Match exec` decides is left out. */
  read(alias: string): Promise<Endpoint>;
  /** What values are expanded with, as far as these texts need it. */
  surroundingsOf(texts: readonly string[]): Promise<Surroundings>;
  /** Reports a problem, once until `forget`. */
  report(problem: Problem): void;
  /** Reads the files anew when they are needed, and reports problems again. */
  forget(): void;
}

/** More users than that have no keys for one. */
const maxHomes = 50;

export function createFileAnswers(deps: FileAnswersDeps): FileAnswers {
  const { sshConfigPath, isStandard, home, env, now, onProblem } = deps;
  const localUser = localUserName(env);
  const reported = new Set<string>();
  let walked: Promise<ReadConfig> | null = null;

  const walk = async (): Promise<ReadConfig> => {
    const atMs = now();
    const walks = [await walkConfig(sshConfigPath, { home, env })];
    const folder = systemFolder(env);
    if (isStandard) walks.push(await walkConfig(join(folder, 'ssh_config'), { home, env, folder }));
    return { walks, atMs };
  };

  const config = (): Promise<ReadConfig> => {
    walked ??= walk();
    return walked;
  };

  const report = (problem: Problem): void => {
    if (reported.has(problem.detail) || reported.size >= maxProblems) return;
    reported.add(problem.detail);
    onProblem?.(problem);
  };

  const surroundingsOf = async (texts: readonly string[]): Promise<Surroundings> => {
    const text = texts.join('\n');
    const ssh = installedSsh(env);
    const users = [...new Set(namedHomes(text))].slice(0, maxHomes);
    const homes = await Promise.all(users.map(async (user) => [user, await ssh.homeOf(user)] as const));
    const jumpRules = /%[Cj]/.test(text) ? await ssh.jumpRules() : undefined;
    return { home, env, localUser, homes: new Map(homes), jumpRules };
  };

  return {
    config,
    async answer(hop) {
      const files = itemsOf(await config());
      const texts = files.flat().flatMap((item) => (item.kind === 'directive' ? [item.rest] : []));
      const surroundings = await surroundingsOf(texts);
      const { values, undecided } = computeSubset(hop, files, surroundings);
      for (const { file, line, what } of undecided) report(configProblem(`${file}:${line}`, what));
      return { options: values, surroundings };
    },
    async read(alias) {
      const files = itemsOf(await config());
      const surroundings: Surroundings = { home, env, localUser, homes: new Map(), jumpRules: undefined };
      const { values } = computeSubset({ host: alias, user: null, port: null }, files, surroundings);
      const { hostname, port, user } = interpret(alias, values, surroundings);
      return { hostname, port, user };
    },
    surroundingsOf,
    report,
    forget() {
      walked = null;
      reported.clear();
    },
  };
}

const itemsOf = ({ walks }: ReadConfig): (readonly ConfigItem[])[] => walks.map(({ items }) => items);
