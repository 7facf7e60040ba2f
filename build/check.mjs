/** The fast check: lint and format, types, unit tests. Stops at the first that fails. */

import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

const steps = [
  ['lint', 'biome', ['ci', '--config-path=build/lint.json', '--reporter=default']],
  ['types', 'tsc', ['-b']],
  ['unit', 'vitest', ['run', '--config', 'build/vitest.config.ts', '--project', 'unit', '--passWithNoTests']],
];

for (const [name, program, args] of steps) {
  const startedAt = performance.now();
  const { status } = spawnSync(path.join('node_modules', '.bin', program), args, {
    cwd: root,
    stdio: 'inherit',
    // On Windows these are .cmd files.
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error(`${name} failed`);
    process.exit(1);
  }
  console.log(`${name} ok (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
}
