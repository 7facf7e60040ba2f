/**
 * All tests: installs or names what they need, builds, runs suite after suite, and says at the end what was skipped and
 * what failed, and why: five rounds are too much to search. The last line is `N passed, N failed, N skipped`.
 */

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { printSummary, runRound } from './suites.mjs';
import { ensureTools } from './tools.mjs';

const root = path.join(import.meta.dirname, '..');

// Those that mostly calculate beside those that mostly wait, also where there are few processors; those that make networks, and
// browsers, apart, because one disturbs the other.
const rounds = [
  { projects: ['unit', 'contract', 'electron', 'renderer', 'engine'], maxWorkers: 5 },
  { projects: ['this-computer'], maxWorkers: 1 },
  { projects: ['lab', 'electron-crypto'], maxWorkers: 3 },
  { projects: ['e2e'], maxWorkers: 3 },
  { projects: ['lab-browser', 'windows'], maxWorkers: 1 },
];

const missing = ensureTools(console.log);
// In a process of its own: vite's build sets NODE_ENV for everything after it.
const built = spawnSync(process.execPath, [path.join(root, 'build', 'build.mjs'), '--stale'], {
  stdio: 'inherit',
});
if (built.status !== 0) process.exit(1);

for (const round of rounds) await runRound(round);

process.exit(printSummary(missing) ? 0 : 1);
