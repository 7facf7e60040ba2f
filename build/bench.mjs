/**
 * `npm run bench [-- HOSTS]`: builds the bench and runs it; it needs root on Linux and the OpenSSH server.
 * `npm run bench -- forwards [ROUNDS]` and `npm run bench -- soak [MINUTES]` need Linux and the OpenSSH server.
 */

import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { bundleProgram } from './build.mjs';
import { ensureTools } from './tools.mjs';

const root = path.join(import.meta.dirname, '..');
const folder = path.join(root, 'dist', 'bench');

/** Benches that stand apart, and the programs that run in processes of their own. */
const apart = {
  forwards: ['forwards', 'forward-process', 'source-process', 'delay-process'],
  soak: ['soak', 'soak-hosts-process', 'soak-app-process', 'soak-load-process'],
};
const [name = '', ...rest] = process.argv.slice(2);

ensureTools(console.log);
if (Object.hasOwn(apart, name)) {
  for (const program of apart[name]) await bundleProgram(`test/bench/${program}.ts`, `bench/${program}.mjs`);
  copyHelper();
  process.exit(run(name, rest));
}
await bundleProgram('test/bench/main.ts', 'bench/main.mjs');
await bundleProgram('test/bench/fleet-process.ts', 'bench/fleet-process.mjs');
copyHelper();
process.exit(run('main', process.argv.slice(2)));

function copyHelper() {
  const name = 'listen-in-namespace.mjs';
  copyFileSync(path.join(root, 'test/lab', name), path.join(folder, name));
}

function run(program, args) {
  const file = path.join(folder, `${program}.mjs`);
  return spawnSync(process.execPath, [file, ...args], { stdio: 'inherit' }).status ?? 1;
}
