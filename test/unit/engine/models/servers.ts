import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

async function listen(server: Server, host: string): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A real HTTP server on a free port, gone after the test. */
export function httpServer(handler: RequestListener, host = '127.0.0.1'): Promise<number> {
  return listen(createHttpServer(handler), host);
}

/** A real TCP server that speaks whatever the listener writes. */
export function tcpServer(listener: (socket: Socket) => void): Promise<number> {
  return listen(
    createTcpServer((socket) => {
      socket.on('error', () => undefined);
      listener(socket);
    }),
    '127.0.0.1',
  );
}

/** Answers like vLLM: the list and the version, 404 for all else. */
export function vllm(id: string, version = '0.8.4'): RequestListener {
  const answers: Readonly<Record<string, unknown>> = {
    '/v1/models': { object: 'list', data: [{ id, object: 'model', owned_by: 'vllm', max_model_len: 8192 }] },
    '/version': { version },
  };
  return (request, response) => {
    const answer = answers[request.url ?? ''];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { detail: 'Not Found' }));
  };
}

/** Answers every path with this. */
export function always(
  status: number,
  body: string,
  contentType = 'text/html; charset=utf-8',
): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': contentType });
    response.end(body);
  };
}
