#!/usr/bin/env node
/** The terminal face in a checkout: builds it if its sources changed, then becomes it. stdout belongs to the command. */

import { buildStale } from './build.mjs';

try {
  await buildStale(['cli']);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await import('../dist/cli/main.mjs');
