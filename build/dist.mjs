/** `npm run dist`: builds the app and packages it for this system into dist/packages. Publishes nothing. */

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fetchElectron, installedElectron } from './electron-runtime.mjs';
import { builderArguments } from './packaging.mjs';

const root = path.join(import.meta.dirname, '..');

// electron-builder takes the runtime from the cache that fetching it fills, and without one fails after minutes and pages.
const failure = installedElectron() === null ? await fetchElectron() : null;
if (failure !== null) fail(`Electron's runtime could not be fetched (${failure})`);
if (!run('build/build.mjs', '--stale')) fail('the app could not be built');
if (!run('node_modules/electron-builder/cli.js', ...builderArguments(process))) {
  fail('electron-builder says why above; it fetches tools of its own from GitHub when it first needs them');
}
console.log('The packages are in dist/packages.');

function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [path.join(root, script), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  return status === 0;
}

function fail(why) {
  console.error(`No package: ${why}.`);
  process.exit(1);
}
