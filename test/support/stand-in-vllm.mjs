/**
 * Plays `vllm serve MODEL --port N ...`: the log of each stage, failures in the words of the programs that print them, and a real
 * server with a real /v1/models. The model's name says which part it plays.
 */

import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [, , , model = '', ...args] = process.argv;
const port = Number(args[args.indexOf('--port') + 1]);
const part = model.split('/')[1];
const home = process.env.HOME;

const stages = {
  environment: 'INFO [api_server.py:1043] vLLM API server version 0.8.4',
  download: 'model.safetensors:  45%|####      | 2.24G/4.98G [00:21<00:25, 108MB/s]',
  load: 'Loading safetensors checkpoint shards:  50% Completed | 2/4 [00:01<00:01,  1.86it/s]',
  compile: 'Capturing CUDA graph shapes:  31%|###       | 11/35 [00:04<00:09,  2.5it/s]',
};
const failures = {
  memory: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.',
  gated: 'huggingface_hub.errors.GatedRepoError: 401 Client Error.',
  disk: 'OSError: [Errno 28] No space left on device',
  heads: 'ValueError: Total number of attention heads (40) must be divisible by tensor parallel size (3).',
  driver: 'RuntimeError: The NVIDIA driver on your system is too old (found version 11040).',
};

writeFileSync(
  join(home, `seen-${port}.json`),
  JSON.stringify({ args, cuda: process.env.CUDA_VISIBLE_DEVICES ?? null }),
);

const until = (file) =>
  new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!existsSync(join(home, file))) return;
      clearInterval(timer);
      resolve();
    }, 20);
  });

for (const [stage, line] of Object.entries(stages)) {
  if (part === 'steps') await until(`go-${stage}`);
  console.log(line);
}
if (part in failures) {
  console.error(`Traceback (most recent call last):\n${failures[part]}`);
  process.exit(1);
}
if (part === 'killed') process.kill(process.pid, 'SIGKILL');
if (part === 'stubborn') {
  process.on('SIGTERM', () => console.log('SIGTERM is ignored'));
  const child = spawn('/bin/sh', ['-c', 'trap "" TERM; while :; do sleep 1; done'], { stdio: 'ignore' });
  writeFileSync(join(home, 'stubborn.json'), JSON.stringify([process.pid, child.pid]));
}
if (part === 'steps') await until('go-ready');
if (part === 'loud') for (let at = 0; at < 180; at += 1) console.log(`${'x'.repeat(99)}\n`.repeat(1000));
if (part === 'late') await until('go-late');

const body = JSON.stringify({ object: 'list', data: [{ id: model, object: 'model', owned_by: 'vllm' }] });
createServer((request, response) => {
  response.writeHead(request.url === '/v1/models' ? 200 : 404, { 'content-type': 'application/json' });
  response.end(request.url === '/v1/models' ? body : '{}');
})
  .on('error', () => {
    console.error('OSError: [Errno 98] Address already in use');
    process.exit(1);
  })
  .listen(port, '127.0.0.1', () => console.log('INFO:     Application startup complete.'));
