import { execFile } from 'node:child_process';
import pLimit from 'p-limit';

/** What scripts do: one `ssh` process per question, three about the GPUs and one about the models. */
const questions = [
  'nvidia-smi --query-gpu=index,uuid,name,utilization.gpu --format=csv,noheader,nounits',
  'nvidia-smi --query-gpu=index,memory.used,memory.total --format=csv,noheader,nounits',
  'nvidia-smi --query-compute-apps=gpu_uuid,pid,process_name,used_memory --format=csv,noheader,nounits',
  'curl -sf -m 5 http://127.0.0.1:8000/v1/models',
];

const timeoutMs = 30_000;

/** Asks every host every question, 32 processes at a time; returns how many hosts answered all of them. */
export async function askByProcesses(sshConfigPath: string, aliases: readonly string[]): Promise<number> {
  const limit = pLimit(32);
  const answered = await Promise.all(
    aliases.map(async (alias) => {
      const answers = await Promise.all(
        questions.map((question) =>
          limit(() => ask(['-F', sshConfigPath, '-o', 'BatchMode=yes', alias, question])),
        ),
      );
      return answers.every((ok) => ok);
    }),
  );
  return answered.filter((ok) => ok).length;
}

function ask(args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('ssh', args, { timeout: timeoutMs }, (error) => resolve(error === null));
  });
}
