import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** The questions that the engine answers, as scripts ask them: one `ssh` process for each. */
const questions = {
  gpus: 'nvidia-smi --query-gpu=index,uuid,name,utilization.gpu,memory.used,memory.total --format=csv,noheader,nounits',
  host: 'cat /proc/loadavg /proc/meminfo',
  metrics: 'curl -sf --max-time 5 http://127.0.0.1:8000/metrics',
  processes:
    'nvidia-smi --query-compute-apps=gpu_uuid,pid,process_name,used_memory --format=csv,noheader,nounits',
  ports: 'ss -ltnp',
  models: 'curl -sf --max-time 5 http://127.0.0.1:8000/v1/models',
} as const;

export type Question = keyof typeof questions;

/** What a refresh answers, with and without model servers, and what a full scan does. */
export const refreshQuestions: readonly Question[] = ['gpus', 'host', 'metrics'];
export const gpuQuestions: readonly Question[] = ['gpus', 'host'];
export const scanQuestions = Object.keys(questions) as readonly Question[];

/** After this long the usual tool of this kind kills an `ssh`, and does without its answer. */
export const timeoutMs = 5000;

export interface Pool {
  readonly sshConfigPath: string;
  readonly aliases: readonly string[];
  /** How many `ssh` run at once. */
  readonly workers: number;
}

/**
 * Asks every host these questions from a pool as a tool with threads has it; returns how many hosts answered all of them.
 * xargs starts the processes: this program could not start so many so fast, and would be late with its timers.
 */
export async function askByProcesses(
  { sshConfigPath, aliases, workers }: Pool,
  asked: readonly Question[],
): Promise<number> {
  const ssh = `timeout -s KILL ${timeoutMs / 1000} ssh -F ${sshConfigPath} -o BatchMode=yes`;
  const ask = `${ssh} "$1" "$2" >/dev/null 2>&1 || echo "$1"`;
  const pool = spawn('xargs', ['-0', '-n', '2', '-P', String(workers), 'sh', '-c', ask, 'ask'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const queue = aliases.flatMap((alias) => asked.map((question) => `${alias}\0${questions[question]}\0`));
  pool.stdin.end(queue.join(''));
  const [lost] = await Promise.all([text(pool.stdout), once(pool, 'close')]);
  return aliases.length - new Set(lost.split('\n').filter((alias) => alias !== '')).size;
}
