/** The terminal face as a program. */

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { onEndSignal } from '#app/signals.ts';
import { openSettingsFile, settingsFolder } from '#app/stored-settings.ts';
import { openTerminals } from '#app/terminals.ts';
import { reuseMemory } from '#engine/history/memory-reuse.ts';
import { exitCodes } from './io.ts';
import { run } from './program.ts';

reuseMemory();
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const terminals = openTerminals();
const interruption = new AbortController();
/** Set where what is printed cannot be written. */
let unwritten: number | null = null;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (unwritten !== null) return;
  // A reader that has seen enough, such as `head`, is no failure.
  unwritten = error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failed;
  process.exitCode = unwritten;
  if (error.code !== 'EPIPE') process.stderr.write(`error: The output cannot be written: ${error.message}\n`);
  interruption.abort();
});
// Nothing is left to say it on.
process.stderr.on('error', () => undefined);
onEndSignal(() => interruption.abort());

const code = await run(
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
process.exitCode = unwritten ?? code;
terminals.end();
