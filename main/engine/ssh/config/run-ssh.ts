import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import pLimit from 'p-limit';
import { shellWord } from '#common/text.ts';
import { type RunResult, run } from '../io/child.ts';
import { unattended } from '../io/unattended.ts';

export interface SshRunnerDeps {
  /** How many programs run at once. */
  readonly limit: number;
  /** For one of them, which may run `Match exec`. */
  readonly timeoutMs: number;
  /** What takes longer waits for a program of the user's, and other hosts need not wait for that; default 1000. */
  readonly slowMs?: number;
  readonly env: NodeJS.ProcessEnv;
}

/** Runs `ssh -G` for one host after the other, and for many hosts with few starts of a program. */
export interface SshRunner {
  /** These arguments come soon, most likely in this order; what was expected before is not any more. */
  expect(coming: readonly (readonly string[])[]): void;
  /** What ssh does with these arguments. Errors: the reason of the signal. */
  run(args: readonly string[], signal: AbortSignal): Promise<RunResult>;
}

/** So many hosts have their answers by one start at most, and fewer where there are few: those can be asked side by side. */
const mostAtOnce = 8;

type Answers = ReadonlyMap<string, RunResult>;

/**
 * To start a program takes a process of 300 MB 7 ms in which it does nothing else, and the kernel as long again; a shell, which is
 * small, starts eight in a row for a tenth of that. Only what went well is taken from it: any other host is asked for alone.
 */
export function createSshRunner({ limit, timeoutMs, slowMs = 1000, env }: SshRunnerDeps): SshRunner {
  const slots = pLimit(limit);
  // Two starts in one turn of the event loop would hold everything up for twice as long.
  const turns = pLimit(1);
  let expected = new Map<string, readonly string[]>();
  let early = new Map<string, Promise<RunResult | undefined>>();
  const asked = new Set<string>();
  let usesShell = process.platform !== 'win32';

  const start = async (program: string, args: readonly string[], signal: AbortSignal): Promise<RunResult> => {
    await turns(() => nextTurn());
    return run(program, args, { env: unattended(env), timeoutMs, signal });
  };

  /** Those that are asked for together with one that is asked for now. */
  const companions = (): [string, readonly string[]][] => {
    const count = usesShell ? Math.min(mostAtOnce - 1, Math.floor(expected.size / (4 * limit))) : 0;
    const taken = [...expected].slice(0, count);
    for (const [key] of taken) expected.delete(key);
    return taken;
  };

  const runTogether = async (
    all: ReadonlyMap<string, readonly string[]>,
    signal: AbortSignal,
  ): Promise<Answers> => {
    const mark = randomUUID();
    const lines = [...all.values()].map(
      (args) => `command ssh ${args.map(shellWord).join(' ')} 2>/dev/null; echo "${mark} $?"`,
    );
    const startedAt = performance.now();
    const result = await start('sh', ['-c', lines.join('\n')], signal);
    if (result.kind !== 'ended' || performance.now() - startedAt > slowMs) usesShell = false;
    return result.kind === 'ended' ? answersIn(result.stdout, mark, [...all.keys()]) : new Map();
  };

  const runFirst = async (key: string, args: readonly string[], signal: AbortSignal): Promise<RunResult> => {
    const others = companions();
    if (others.length === 0) return start('ssh', args, signal);
    const answers = runTogether(new Map([[key, args], ...others]), signal);
    for (const [other] of others)
      early.set(
        other,
        answers.then(
          (found) => found.get(other),
          () => undefined,
        ),
      );
    return (await answers).get(key) ?? start('ssh', args, signal);
  };

  /** What a start for another host has brought; undefined where that is nothing. */
  const earlyAnswer = (key: string): Promise<RunResult | undefined> | undefined => {
    const answer = early.get(key);
    early.delete(key);
    return answer;
  };

  return {
    expect(coming) {
      const unasked = coming
        .map((args) => [JSON.stringify(args), args] as const)
        .filter(([key]) => !asked.has(key));
      expected = new Map(unasked);
      early = new Map();
    },
    async run(args, signal) {
      const key = JSON.stringify(args);
      asked.add(key);
      try {
        const answer = await slots(async () => {
          const found = earlyAnswer(key);
          if (found !== undefined) return found;
          expected.delete(key);
          return runFirst(key, args, signal);
        });
        signal.throwIfAborted();
        return answer ?? (await slots(() => start('ssh', args, signal)));
      } finally {
        asked.delete(key);
      }
    },
  };
}

/** What was printed before each mark, by key, where it ended well. */
function answersIn(printed: string, mark: string, keys: readonly string[]): Answers {
  const answers = new Map<string, RunResult>();
  let from = 0;
  for (const key of keys) {
    const at = printed.indexOf(`${mark} `, from);
    const end = printed.indexOf('\n', at);
    if (at < 0 || end < 0) break;
    const code = printed.slice(at + mark.length + 1, end);
    if (code === '0')
      answers.set(key, { kind: 'ended', code: 0, stdout: printed.slice(from, at), stderr: '' });
    from = end + 1;
  }
  return answers;
}
