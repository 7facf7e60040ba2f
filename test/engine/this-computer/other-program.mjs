/**
 * A program that serves HTTP on this computer: `node other-program.mjs NAME FROM`. It calls itself NAME, listens on the
 * first free port from FROM on (0: any), prints that port, and then of each request
 * the port that it came from and its path. `llama-server` answers as
 * llama.cpp does, `vllm` as vLLM does with load, `vllm-stuck` as that one but for its metrics, which never come, `silent` never answers, any other name answers with a page.
 */

import { createServer } from 'node:http';

const [name, from] = process.argv.slice(2);
process.title = name;
const answers = {
  '/v1/models': { object: 'list', data: [{ id: 'org/local', object: 'model', owned_by: 'llamacpp' }] },
  '/props': { build_info: 'b6000', default_generation_settings: { n_ctx: 4096 } },
};
let generated = 0;
const vllm = {
  '/v1/models': () => ({ object: 'list', data: [{ id: 'org/busy', object: 'model', owned_by: 'vllm' }] }),
  '/version': () => ({ version: '0.11.0' }),
  '/metrics': () => {
    generated += 500;
    return [
      'vllm:num_requests_running{model_name="org/busy"} 3',
      'vllm:num_requests_waiting{model_name="org/busy"} 2',
      'vllm:kv_cache_usage_perc{model_name="org/busy"} 0.25',
      `vllm:generation_tokens_total{model_name="org/busy"} ${generated}`,
      '',
    ].join('\n');
  },
};

function answerTo(url) {
  if (name.startsWith('vllm')) return vllm[url]?.();
  return name === 'llama-server' ? answers[url] : undefined;
}

function listen(port) {
  const server = createServer((request, response) => {
    console.log(`${request.socket.remotePort} ${request.url}`);
    if (name === 'silent') return;
    if (name === 'vllm-stuck' && request.url === '/metrics') return;
    const answer = answerTo(request.url);
    if (answer === undefined) response.writeHead(404, { 'content-type': 'text/html' }).end('<p>not here</p>');
    else if (typeof answer === 'string') response.setHeader('content-type', 'text/plain').end(answer);
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  server.once('error', () => listen(port + 1));
  server.listen(port, '127.0.0.1', () => console.log(server.address().port));
}

listen(Number(from));
