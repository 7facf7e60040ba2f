import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { serveOnLoopback, type WebServer } from '../../main/demo/model-server.ts';

const chunkBytes = 1_000_000;

/** The n-th megabyte of every blob: different for each n, the same each time. */
function megabyte(n: number): Buffer {
  const seed = createHash('sha256').update(String(n)).digest();
  return Buffer.alloc(chunkBytes, seed);
}

/** SHA-256 of `/blob/<bytes>` for whole megabytes, in hex. */
export function blobHash(bytes: number): string {
  const hash = createHash('sha256');
  for (let n = 0; n < bytes / chunkBytes; n += 1) hash.update(megabyte(n));
  return hash.digest('hex');
}

/** Serves `/blob/<bytes>` for whole megabytes, and `page` as HTML for every other path. */
export async function startBlobServer(page: string): Promise<WebServer> {
  return serveOnLoopback(async (request, response) => {
    const bytes = Number(/^\/blob\/(\d+)$/.exec(request.url ?? '')?.[1] ?? 0);
    response.writeHead(200, { 'content-type': bytes > 0 ? 'application/octet-stream' : 'text/html' });
    const closed = once(response, 'close');
    for (let n = 0; n < bytes / chunkBytes && !response.destroyed; n += 1) {
      if (!response.write(megabyte(n))) await Promise.race([once(response, 'drain'), closed]);
    }
    response.end(bytes > 0 ? undefined : page);
  });
}
