/** The browser face as a program: `npm start` where there is no Electron, and `npm start -- --web`. */

import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { OptionError } from '#app/options.ts';
import { onEndSignal } from '#app/signals.ts';
import { openSettingsFile, settingsFolder } from '#app/stored-settings.ts';
import { openTerminals } from '#app/terminals.ts';
import { knownError, messageOf } from '#common/failure.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import type { Log } from '#engine/diagnostics/log.ts';
import { reuseMemory } from '#engine/history/memory-reuse.ts';
import { readTokenFile } from '#engine/loopback/token-file.ts';
import { startBrowserFace } from './face.ts';
import { openBrowser } from './open-browser.ts';
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
  for (const { code, detail } of settingsFile.problems) console.error(`${errorsEn[code].title}: ${detail}`);
  const quit = createQuit();
  try {
    const token = options.tokenFile === null ? undefined : readTokenFile(options.tokenFile);
    const face = await startBrowserFace(options, {
      settings: settingsFile.settings,
      settingsProblems: settingsFile.problems,
      settingsFile: settingsFile.path,
      saveSettings: settingsFile.save,
      followSettings: settingsFile.follow,
      dataFolder,
      home: homedir(),
      env: process.env,
      rendererDir: fileURLToPath(new URL('../renderer/', import.meta.url)),
      log: consoleLog(options.debug === true),
      token,
      onQuit: quit.now,
      onProblem: ({ code }) => console.error(`${errorsEn[code].title}. ${errorsEn[code].hint}`),
    });
    if (face.source.kind === 'demo') console.log(demoLine(options));
    console.log(`Open ${addressLine(face.url, options)}`);
    const closePage = options.open ? await openBrowser(face.ticket) : null;
    await quit.wanted;
    await closePage?.();
    await face.stop();
    await settingsFile.settle();
    return 0;
  } catch (error) {
    if (error instanceof OptionError) {
      console.error(error.message);
      return badUsage;
    }
    const known = knownError(error);
    if (known === null) throw error;
    console.error(`${known.message}. ${errorsEn[known.code].hint}`);
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

/** The address; where the token has a file, output that others may read does not have it as well. */
function addressLine(url: string, { tokenFile }: WebOptions): string {
  if (tokenFile === null) return url;
  return `${url.slice(0, url.indexOf('=') + 1)}TOKEN with the token that is in ${tokenFile}`;
}

function demoLine({ demo, sshConfig }: WebOptions): string {
  const why = demo ? '' : ` (there is no host in ${sshConfig ?? '~/.ssh/config'})`;
  return `Demo cluster${why}: simulated hosts on this computer, nothing else is contacted.`;
}

/** Resolves `wanted` at the first signal or call. */
function createQuit(): { readonly wanted: Promise<void>; now(): void } {
  let resolve = (): void => undefined;
  const wanted = new Promise<void>((done) => {
    resolve = done;
  });
  onEndSignal(() => resolve());
  return { wanted, now: () => resolve() };
}

function consoleLog(debug: boolean): Log {
  return (level, message) => {
    if (debug || level === 'error') console.error(`${level}: ${message}`);
  };
}

const terminals = openTerminals();
reuseMemory();
process.exitCode = await main(process.argv.slice(2));
terminals.end();
