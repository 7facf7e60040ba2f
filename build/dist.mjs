/** `npm run dist`: builds the app and packages it for this system into dist/packages. Publishes nothing. */

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fetchElectron, installedElectron } from './electron-runtime.mjs';

const root = path.join(import.meta.dirname, '..');

// electron-builder takes the runtime from the cache that fetching it fills, and without one fails after minutes and pages.
const failure = installedElectron() === null ? await fetchElectron() : null;
if (failure === null) {
  run('build/build.mjs', '--stale');
  run(
    'node_modules/electron-builder/cli.js',
    '--config=build/electron-builder.yml',
    '--publish=never',
    `--${process.arch}`,
  );
} else {
  console.error(`No package: Electron's runtime could not be fetched (${failure}).`);
  process.exitCode = 1;
}

function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [path.join(root, script), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
