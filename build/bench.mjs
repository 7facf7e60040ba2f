/** `npm run bench [-- HOSTS]`: builds the bench and runs it; it needs root on Linux and the OpenSSH server. */

import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { bundleProgram } from './build.mjs';
import { ensureTools } from './tools.mjs';

const root = path.join(import.meta.dirname, '..');
const folder = path.join(root, 'dist', 'bench');

ensureTools(console.log);
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
