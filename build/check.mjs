/**
 * The fast check: lint and format, types, unit tests. Stops at the first that fails; the end says what failed and why.
 * With names of files, of the unit tests only those.
 */

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { printSummary, runRound } from './suites.mjs';

const root = path.join(import.meta.dirname, '..');

const steps = [
  ['lint', () => runProgram('biome', ['ci', '--config-path=build/lint.json', '--reporter=default'])],
  ['types', () => runProgram('tsc', ['-b'])],
  ['unit', runUnitTests],
];

for (const [name, run] of steps) {
  const startedAt = performance.now();
  if (!(await run())) {
    console.error(`${name} failed`);
    process.exit(1);
  }
  console.log(`${name} ok (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
}
process.exit(0);

function runProgram(program, args) {
  const { status } = spawnSync(path.join('node_modules', '.bin', program), args, {
    cwd: root,
    stdio: 'inherit',
    // On Windows these are .cmd files.
    shell: process.platform === 'win32',
  });
  return status === 0;
}

async function runUnitTests() {
  await runRound({ projects: ['unit'], files: process.argv.slice(2) });
  return printSummary();
}
