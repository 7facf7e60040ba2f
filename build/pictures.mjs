/**
 * `npm run pictures [-- --update]`: compares what the states of the gallery look like with the stored pictures, or renews those.
 * They are of Debian's Chromium with its usual fonts; with another one nothing is compared.
 */

import { printSummary, runRound } from './suites.mjs';

if (process.argv.includes('--update')) process.env.PICTURES = 'update';
await runRound({ projects: ['e2e'], maxWorkers: 1, files: ['test/e2e/gallery.test.ts'] });
process.exit(printSummary() ? 0 : 1);
