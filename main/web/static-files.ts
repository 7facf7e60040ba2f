import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { browserSocket } from '#common/browser-socket.ts';

export interface StaticFile {
  readonly content: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/**
 * Reads a built renderer into memory and returns its files by URL path (`/`, `/assets/index-1a2b3c.js`). What a request
 * names is only ever looked up here and never reaches the file system. Rejects as `readdir` and `readFile` do.
 */
export async function readStaticFiles(directory: string): Promise<ReadonlyMap<string, StaticFile>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const byPath = new Map<string, StaticFile>();
  // One after the other: where few files can be opened, the app starts all the same.
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = path.join(entry.parentPath, entry.name);
    const relative = path.relative(directory, file).split(path.sep).map(encodeURIComponent).join('/');
    byPath.set(`/${relative}`, describe(relative, await readFile(file)));
  }
  const index = byPath.get('/index.html');
  if (index !== undefined) byPath.set('/', index);
  return byPath;
}

function describe(relative: string, content: Buffer): StaticFile {
  // Vite puts a hash of the content into the names below assets/ and nowhere else.
  const hashed = relative.startsWith('assets/');
  return {
    content,
    headers: {
      'Content-Type': types[path.extname(relative)] ?? 'application/octet-stream',
      'Cache-Control': hashed ? 'private, max-age=31536000, immutable' : 'no-store',
    },
  };
}

/** The page with the key to the socket in it: in its text, because an address would stay in the browser's history. */
export function withKey(page: Buffer, key: string): string {
  const meta = `<meta name="${browserSocket.keyName}" content="${key}">`;
  return page.toString().replace(/<head>|$/, (head) => `${head}${meta}`);
}
