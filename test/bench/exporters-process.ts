// The exporters of the bench of Prometheus in a process of their own: `/m/7` is that of host 7, with 8 GPUs of which four numbers move.
import { createServer } from 'node:http';
import { dcgmText } from '../support/prometheus.ts';

const gpusOfHost = 8;

const server = createServer((request, response) => {
  const host = Number(/^\/m\/(\d+)$/.exec(request.url ?? '')?.[1] ?? 0);
  const hostname = `gpu-${String(host).padStart(4, '0')}`;
  const gpus = Array.from({ length: gpusOfHost }, () => ({
    util: Math.floor(Math.random() * 101),
    usedMiB: Math.floor(Math.random() * 80_000),
    hostname,
    host: String(host),
  }));
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
  response.end(dcgmText('old', gpus));
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : null);
});
process.once('disconnect', () => process.exit());
