import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { vllmMetrics } from '../../main/demo/engines/vllm.ts';
import { createRandom } from '../../main/demo/random.ts';
import { createServerLoad } from '../../main/demo/server-load.ts';
import type { ModelServerSpec } from '../../main/demo/specs.ts';

export interface BenchModelServer {
  readonly port: number;
  accept(connection: Duplex): void;
  /** How many requests it has answered. */
  answered(): number;
}

/** A vLLM server as small as it can be: the same answers in the same sizes. It works on the connections it is handed. */
export function createModelServer(model: string, seed: number): BenchModelServer {
  const load = createServerLoad({ ...spec, model }, createRandom(seed));
  let answered = 0;
  let advancedAt = performance.now();
  const metrics = (): string => {
    const now = performance.now();
    load.advance((now - advancedAt) / 1000);
    advancedAt = now;
    return vllmMetrics(load.figures(), model) + otherSeries;
  };
  const card = {
    id: model,
    object: 'model',
    created: 1,
    owned_by: 'vllm',
    root: model,
    max_model_len: 32_768,
  };
  const server = createServer((request, response) => {
    answered += 1;
    response.setHeader('server', 'uvicorn');
    if (request.url === '/metrics') {
      // prometheus_client does as it is asked to, and packs as tight as it can.
      const packs = request.headers['accept-encoding']?.includes('gzip') === true;
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      if (packs) response.setHeader('content-encoding', 'gzip');
      response.end(packs ? gzipSync(metrics(), { level: 9 }) : metrics());
    } else if (request.url === '/v1/models') response.end(JSON.stringify({ object: 'list', data: [card] }));
    else if (request.url === '/version') response.end('{"version":"0.11.0"}');
    else response.writeHead(404).end();
  });
  // As uvicorn, which serves vLLM: what waits longer for its next request is closed.
  server.keepAliveTimeout = 5000;
  return {
    port: spec.port,
    accept: (connection) => server.emit('connection', connection),
    answered: () => answered,
  };
}

const spec: ModelServerSpec = {
  kind: 'vllm',
  bind: '127.0.0.1',
  port: 8000,
  user: 'root',
  gpus: [],
  model: '',
  version: '0.11.0',
  maxModelLen: 32_768,
  adapters: [],
  apiKey: null,
  life: { kind: 'serves' },
  tide: 0,
  demand: 0.6,
  maxRunning: 16,
  tokensPerSecond: 100,
};

/** What vLLM prints beside what is read: a dozen more histograms, Python's own and FastAPI's figures, 32 KB. */
const otherSeries = Array.from({ length: 300 }, (_, n) => {
  const name = `vllm:request_other_figure_${n % 12}_seconds_bucket`;
  return `${name}{engine="0",le="${n}.0",model_name="org/a-model-of-70b"} ${n * 1000}.0\n`;
}).join('');
