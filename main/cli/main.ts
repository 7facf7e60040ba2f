/** The terminal face as a program. */

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { openSettingsFile, settingsFolder } from '#app/stored-settings.ts';
import { reuseMemory } from '#engine/history/memory-reuse.ts';
import { run } from './program.ts';

reuseMemory();
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // The first one closes everything in order; a second one ends the process at once.
  process.once(signal, () => interruption.abort());
}

process.exitCode = await run(
  process.argv.slice(2),
  {
    out: process.stdout,
    err: process.stderr,
    keyboard: process.stdin,
    env: process.env,
    home: homedir(),
    storedSettings() {
      const folder = settingsFolder();
      return { ...openSettingsFile(folder), folder };
    },
    interrupted: interruption.signal,
  },
  String(version),
);
