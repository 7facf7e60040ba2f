/** The window's own origin: the built renderer under `app://vllm-tray/`, read once, and nothing else. */

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Protocol, protocol } from 'electron';

const scheme = 'app';
const host = 'vllm-tray';

export const ownOrigin = `${scheme}://${host}`;
export const startUrl = `${ownOrigin}/index.html`;

// Whatever a host or a model server sends, a slip in the renderer cannot run it, load it or send it anywhere.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const mimeTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** Must run before the app is ready: Chromium learns its schemes only once. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: false, stream: false } },
  ]);
}

/** Whether a URL lies in the window's own origin. Node knows no origin of a scheme of our own, so it is spelt out. */
export function isOwnUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const parsed = new URL(url);
  return parsed.protocol === `${scheme}:` && parsed.host === host;
}

/**
 * Serves the files of a built renderer. What a request names is only looked up among the files read here and never
 * reaches the file system. Rejects when there is no `index.html`.
 */
export async function serveRenderer(directory: string, on: Pick<Protocol, 'handle'>): Promise<void> {
  const files = await readFiles(directory, '');
  if (!files.has('/index.html')) throw new Error(`there is no index.html in ${directory}`);
  on.handle(scheme, (request) => respond(files, request));
}

function respond(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>, request: Request): Response {
  const file = isOwnUrl(request.url) ? files.get(new URL(request.url).pathname) : undefined;
  const type = file && mimeTypes[path.extname(new URL(request.url).pathname)];
  if (request.method !== 'GET' || type === undefined) {
    return new Response(null, {
      status: request.method === 'GET' ? 404 : 405,
      headers: headersFor('text/plain'),
    });
  }
  return new Response(file, { headers: headersFor(type) });
}

function headersFor(type: string): Record<string, string> {
  return {
    'Content-Type': type,
    'Content-Security-Policy': contentSecurityPolicy,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  };
}

/** The files below a directory by URL path. Its own walk: inside an asar archive only the plain `readdir` is sure. */
async function readFiles(directory: string, prefix: string): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    const url = `${prefix}/${encodeURIComponent(entry.name)}`;
    if (entry.isDirectory()) for (const found of await readFiles(file, url)) files.set(...found);
    else if (path.extname(entry.name) in mimeTypes) files.set(url, new Uint8Array(await readFile(file)));
  }
  return files;
}
