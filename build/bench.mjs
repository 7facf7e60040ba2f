/**
 * `npm run bench [-- NAME [ARGUMENTS]]`: builds a bench and runs it; without a name those of the engine, one after the other.
 * All but `window` and `prometheus` need root on Linux and the OpenSSH server; `window` needs Chromium.
 *
 *   scan [HOSTS], watch [HOSTS], scale [HOSTS]   the engine, against one ssh process for each query
 *   forwards [ROUNDS]                            what a forward carries, against ssh -L
 *   gateway [ROUNDS]                             what the gateway carries, against a forward and ssh -L, and how it balances
 *   soak [MINUTES]                               forwards under load through every fault
 *   recovery [SHORTEST] [LONGEST]                after outages of so many seconds, beside autossh, which must be there
 *   prometheus [HOSTS]                           a fleet behind a real Prometheus, which must be there
 *   window [HOSTS] [MINUTES]                     the window with a large fleet
 */

import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { buildStale, bundleProgram } from './build.mjs';
import { ensureTools } from './tools.mjs';

const root = path.join(import.meta.dirname, '..');
const folder = path.join(root, 'dist', 'bench');

const engine = ['engine-benches', 'fleet-process', 'simulated-process', 'face-process', 'start-process'];
/** Of each bench its program, and after it the programs that it runs in processes of their own. */
const benches = {
  scan: engine,
  watch: engine,
  scale: engine,
  forwards: ['forwards', 'forward-process', 'source-process', 'delay-process'],
  gateway: ['gateway', 'gateway-process', 'gateway-model-process'],
  soak: ['soak', 'soak-hosts-process', 'soak-app-process', 'soak-load-process'],
  recovery: ['recovery'],
  window: ['window'],
  prometheus: ['prometheus', 'exporters-process'],
};

const [named, ...rest] = process.argv.slice(2);
if (named !== undefined && !Object.hasOwn(benches, named)) {
  console.error(`There is no bench ${named}; there are ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}
ensureTools(console.log);
const names = named === undefined ? ['scan', 'watch', 'scale'] : [named];
for (const file of new Set(names.flatMap((name) => benches[name])))
  await bundleProgram(`test/bench/${file}.ts`, `bench/${file}.mjs`);
if (named === 'window') await buildStale(['renderer']);
copyFileSync(
  path.join(root, 'test/lab/listen-in-namespace.mjs'),
  path.join(folder, 'listen-in-namespace.mjs'),
);
for (const name of names) {
  const [program] = benches[name];
  // Each in a process of its own, so that none finds the memory of another.
  const args = program === 'engine-benches' ? [name, ...rest] : rest;
  const { status } = spawnSync(process.execPath, [path.join(folder, `${program}.mjs`), ...args], {
    stdio: 'inherit',
  });
  process.exitCode ||= status ?? 1;
}
