/** `npm run bench [-- NAMES]`: builds the benches and runs those, or all; they need root on Linux and the OpenSSH server. */

import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { bundleProgram } from './build.mjs';
import { ensureTools } from './tools.mjs';

const root = path.join(import.meta.dirname, '..');
const folder = path.join(root, 'dist', 'bench');

ensureTools(console.log);
for (const program of ['main', 'fleet-process', 'simulated-process', 'face-process'])
  await bundleProgram(`test/bench/${program}.ts`, `bench/${program}.mjs`);
copyFileSync(
  path.join(root, 'test/lab/listen-in-namespace.mjs'),
  path.join(folder, 'listen-in-namespace.mjs'),
);
const { status } = spawnSync(process.execPath, [path.join(folder, 'main.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
