// Three model servers in a process of their own: one that streams as fast as it can, and two of unequal speed that work on four
// requests at once. Says at which ports.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const event = Buffer.from(`data: ${JSON.stringify({ x: 'y'.repeat(16_000) })}\n\n`);
const slots = 4;

function start(model: string, serviceMs: number): Promise<number> {
  let free = slots;
  const queue: (() => void)[] = [];
  const work = async (): Promise<void> => {
    if (serviceMs === 0) return;
    if (free === 0) await new Promise<void>((resolve) => queue.push(resolve));
    else free -= 1;
    await new Promise((resolve) => setTimeout(resolve, serviceMs));
    const next = queue.shift();
    if (next === undefined) free += 1;
    else next();
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === '/v1/models') {
      response.end(
        JSON.stringify({ object: 'list', data: [{ id: model, object: 'model', owned_by: 'vllm' }] }),
      );
      return;
    }
    if (request.method !== 'POST') return void response.writeHead(404).end();
    let text = '';
    for await (const chunk of request) text += chunk;
    const { bytes = 0 } = JSON.parse(text) as { bytes?: number };
    await work();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let left = bytes;
    const more = (): void => {
      while (left > 0) {
        const chunk = left >= event.length ? event : event.subarray(0, Math.max(1, left));
        left -= chunk.length;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  };
  const server = createServer((request, response) => void answer(request, response));
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

// The slower one does 0.8 of the work of the quicker one.
process.send?.([await start('m', 0), await start('pair', 20), await start('pair', 25)]);
process.once('disconnect', () => process.exit());
