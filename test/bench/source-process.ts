// The far end of the forwards' bench in a process of its own: HTTP that answers at once, sends and takes bytes.
import { createServer } from 'node:http';

const block = Buffer.alloc(256 * 1024, 'vllm');

const server = createServer((request, response) => {
  const bytes = Number(/^\/down\/(\d+)$/.exec(request.url ?? '')?.[1] ?? 0);
  if (request.method === 'POST') {
    request.resume().once('end', () => response.end());
    return;
  }
  if (bytes === 0) {
    response.setHeader('content-type', 'application/json');
    response.end('{"object":"list","data":[{"id":"m"}]}');
    return;
  }
  response.setHeader('content-length', bytes);
  let left = bytes;
  const send = (): void => {
    while (left > 0) {
      const chunk = left < block.length ? block.subarray(0, left) : block;
      left -= chunk.length;
      if (!response.write(chunk)) {
        response.once('drain', send);
        return;
      }
    }
    response.end();
  };
  send();
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : null);
});
process.once('disconnect', () => process.exit());
