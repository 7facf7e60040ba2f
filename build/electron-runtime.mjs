/**
 * Electron's runtime in a checkout. The npm package comes without it and fetches it on first use, for as long as that takes
 * and with a progress bar; here it is looked for, and fetched within a time that a person waits.
 */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const fetchMs = 12_000;

/** Returns the path of the executable, or null. The same files that electron/install.js looks at say whether it is there. */
export function installedElectron() {
  const folder = packageFolder();
  if (folder === null) return null;
  try {
    const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const fetched = readFileSync(path.join(folder, 'dist', 'version'), 'utf8').replace(/^v/, '');
    const executable = readFileSync(path.join(folder, 'path.txt'), 'utf8');
    const file = path.join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? path.join(folder, 'dist'), executable);
    return fetched === version && existsSync(file) ? file : null;
  } catch {
    // Never fetched, or not to the end.
    return null;
  }
}

/** Fetches the runtime. Resolves with null when it is there, with a few words saying why otherwise, within 12 seconds. */
export async function fetchElectron() {
  const folder = packageFolder();
  if (folder === null) return 'the electron package is not installed';
  // What a fetch that was cut short leaves behind would be a hundred megabytes each time.
  const scratch = mkdtempSync(path.join(tmpdir(), 'vllm-tray-electron-'));
  try {
    const child = spawn(process.execPath, [path.join(folder, 'install.js')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ELECTRON_GET_NO_PROGRESS: '1', TMPDIR: scratch, TEMP: scratch, TMP: scratch },
      timeout: fetchMs,
      killSignal: 'SIGKILL',
    });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (more) => {
      text += more;
    });
    const signal = await new Promise((resolve) => child.on('close', (_code, by) => resolve(by)));
    if (installedElectron() !== null) return null;
    return signal === null ? cause(text) : `not done after ${fetchMs / 1000} seconds`;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The message in a stack trace that Node prints. */
function cause(text) {
  const line = /^(?:\w*Error: )(.+)$/m.exec(text)?.[1] ?? text.split('\n')[0];
  return line?.slice(0, 200) || 'no reason given';
}

function packageFolder() {
  try {
    return path.dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    // Installed with --omit=dev.
    return null;
  }
}
