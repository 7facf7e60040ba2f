/** The browser face as a program: `npm start` where there is no Electron, and `npm start -- --web`. */

import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { AppError, errors, messageOf } from '#common/errors.ts';
import type { Log } from '#engine/log.ts';
import { reuseMemory } from '#engine/memory-reuse.ts';
import { openSettingsFile, settingsFolder } from '#engine/stored-settings.ts';
import { startBrowserFace } from './face.ts';
import { browserCommand, runDetached } from './open-browser.ts';
import { parseOptions, usage, type WebOptions } from './options.ts';

const badUsage = 2;

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === null) return badUsage;
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const dataFolder = settingsFolder();
  const settingsFile = openSettingsFile(dataFolder);
  for (const { code, detail } of settingsFile.problems) console.error(`${errors[code].title}: ${detail}`);
  const quit = createQuit();
  try {
    const face = await startBrowserFace(options, {
      settings: settingsFile.settings,
      settingsProblems: settingsFile.problems,
      settingsFile: settingsFile.path,
      saveSettings: settingsFile.save,
      dataFolder,
      home: homedir(),
      env: process.env,
      rendererDir: fileURLToPath(new URL('../renderer/', import.meta.url)),
      log: consoleLog(options.debug),
      onQuit: quit.now,
    });
    if (face.source.kind === 'demo') console.log(demoLine(options));
    console.log(`Open ${face.url}`);
    const command = options.open ? browserCommand(face.ticketUrl(), process.platform, process.env) : null;
    if (command !== null) runDetached(command);
    await quit.wanted;
    await face.stop();
    return 0;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    console.error(`${error.message}. ${errors[error.code].hint}`);
    return 1;
  }
}

function readOptions(args: readonly string[]): WebOptions | null {
  try {
    return parseOptions(args);
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${usage}`);
    return null;
  }
}

function demoLine({ demo, sshConfig }: WebOptions): string {
  const why = demo ? '' : ` (there is no host in ${sshConfig ?? '~/.ssh/config'})`;
  return `Demo cluster${why}: simulated hosts on this computer, nothing else is contacted.`;
}

/** Resolves `wanted` at the first signal or call; a second signal ends the process at once. */
function createQuit(): { readonly wanted: Promise<void>; now(): void } {
  let resolve = (): void => undefined;
  const wanted = new Promise<void>((done) => {
    resolve = done;
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  return { wanted, now: () => resolve() };
}

function consoleLog(debug: boolean): Log {
  return (level, message) => {
    if (debug || level === 'error') console.error(`${level}: ${message}`);
  };
}

reuseMemory();
process.exitCode = await main(process.argv.slice(2));
