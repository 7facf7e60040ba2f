/**
 * `npm run dev [-- OPTIONS]`: the window from its sources, by Vite's server, over a browser face of its own. An edit of a component
 * or a style reaches the open page at once, without a reload; an edit below main/ needs another start. The browser face gets the
 * options, as with `npm start -- --web`; without any it shows the demo cluster. `/#gallery` shows every state of the window.
 */

import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { buildStale } from './build.mjs';

const root = path.join(import.meta.dirname, '..');
/** What a page is made of, the gallery included. */
const sources = ['renderer', 'main/common', 'test'];
const given = process.argv.slice(2);

/** The page begins with the gallery's program, which leads to the window wherever the address names no state of it. */
const gallery = {
  name: 'gallery',
  transformIndexHtml: {
    order: 'pre',
    handler: (html) =>
      html.replace('./main.tsx', `/@fs${realpathSync(path.join(root, 'test/gallery/main.ts'))}`),
  },
};

const face = await startFace(given.length > 0 ? given : ['--demo']);
const server = await startVite(face.url);
const { port } = server.httpServer.address();
console.log(`Open http://127.0.0.1:${port}/${face.url.search}`);
console.log(`Every state of the window: http://127.0.0.1:${port}/#gallery`);
process.exitCode = (await face.ended) ?? 1;
await server.close();

/** Starts the built browser face. Resolves with its address, token included; ends the program where the face does not start. */
async function startFace(options) {
  await buildStale(['web', 'renderer']);
  const child = spawn(process.execPath, [path.join(root, 'dist/web/main.mjs'), '--no-open', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const ended = new Promise((resolve) => child.on('close', resolve));
  let printed = '';
  const url = new Promise((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      printed += text;
      const address = /^Open (http:\S+).*\n/m.exec(printed)?.[1];
      if (address !== undefined) resolve(new URL(address));
    });
  });
  const first = await Promise.race([url, ended]);
  if (first instanceof URL) return { url: first, ended };
  process.stdout.write(printed);
  process.exit(first ?? 1);
}

/** Vite's server on loopback, for the page alone: who may have the key and the socket is still decided by the browser face. */
async function startVite(faceUrl) {
  // The build before leaves it at production, in which nothing is replaced in an open page.
  process.env.NODE_ENV = 'development';
  const { createServer } = await import('vite');
  const server = await createServer({
    configFile: path.join(root, 'build', 'vite.config.ts'),
    logLevel: 'warn',
    plugins: [keyOf(faceUrl), gallery],
    server: {
      host: '127.0.0.1',
      cors: false,
      fs: { allow: [...sources, 'node_modules'].map((name) => realpathSync(path.join(root, name))) },
      // Host and Origin go through unchanged: the face judges them as it does those of its own page.
      proxy: { '/socket': { target: faceUrl.origin, ws: true } },
    },
  });
  await server.listen();
  return server;
}

/** Asks the browser face for the key to its socket with the token that the page was opened with, and gives it to the page. */
function keyOf(faceUrl) {
  return {
    name: 'key-of-the-browser-face',
    transformIndexHtml: async (html, { originalUrl }) => {
      const { search } = new URL(originalUrl ?? '/', faceUrl);
      if (search === '') return html;
      const page = await (await fetch(new URL(search, faceUrl))).text();
      const [key = ''] = /<meta name="vllm-tray-key"[^>]*>/.exec(page) ?? [];
      return html.replace('<head>', `<head>${key}`);
    },
  };
}
