/**
 * `npm run bench [-- HOSTS]`: builds the bench and runs it; it needs root on Linux and the OpenSSH server.
 * `npm run bench -- window [HOSTS] [MINUTES]`: the window with a large fleet; it needs Chromium.
 */

import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { buildStale, bundleProgram } from './build.mjs';
import { ensureTools } from './tools.mjs';

const root = path.join(import.meta.dirname, '..');
const folder = path.join(root, 'dist', 'bench');

ensureTools(console.log);
if (process.argv[2] === 'window') {
  await buildStale(['renderer']);
  await bundleProgram('test/bench/window.ts', 'bench/window.mjs');
  const ended = spawnSync(process.execPath, [path.join(folder, 'window.mjs'), ...process.argv.slice(3)], {
    stdio: 'inherit',
  });
  process.exit(ended.status ?? 1);
}
await bundleProgram('test/bench/main.ts', 'bench/main.mjs');
await bundleProgram('test/bench/fleet-process.ts', 'bench/fleet-process.mjs');
copyFileSync(
  path.join(root, 'test/lab/listen-in-namespace.mjs'),
  path.join(folder, 'listen-in-namespace.mjs'),
);
const { status } = spawnSync(process.execPath, [path.join(folder, 'main.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
