/**
 * Starts a packed app on the demo cluster, and starts it again until that second start has handed over to the first and
 * ended: then the app is up, its window can be had, and only one runs. Takes a picture of the screen, and ends the app.
 *
 *   node .ci/packed-app.mjs PROGRAM [--screenshot FILE] [-- ARGUMENT ...]
 *
 * Exits with 0 when all that happened within its time; else with 1 and what the app printed.
 */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

/** The first start is to have the lock before another one asks for it. */
const settleMs = 2000;
const upMs = 60_000;
const handOverMs = 10_000;
const endMs = 15_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { screenshot: { type: 'string' } },
});
const [program, ...rest] = positionals;
if (program === undefined) {
  console.error('Usage: node .ci/packed-app.mjs PROGRAM [--screenshot FILE] [-- ARGUMENT ...]');
  process.exit(2);
}

const home = mkdtempSync(path.join(tmpdir(), 'vllm-tray-packed-app-'));
const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: path.join(home, 'config'), APPDATA: home };
const first = start();
const printed = [];
for (const stream of [first.stdout, first.stderr]) stream.on('data', (text) => printed.push(text));
const ended = once(first, 'exit');
try {
  await answersAgain();
  if (values.screenshot !== undefined) takeScreenshot(values.screenshot);
  await end();
  console.log(`${path.basename(program)} started, answered its second start and ended.`);
} catch (error) {
  console.error(`${program}: ${error.message}\n${Buffer.concat(printed)}`);
  process.exitCode = 1;
} finally {
  if (isRunning(first)) first.kill('SIGKILL');
  if (first.pid !== undefined) await ended;
  rmSync(home, { recursive: true, force: true });
}

function start(...more) {
  const child = spawn(program, ['--demo', ...rest, ...more], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  // A program that cannot be started has its reason in this event, and no exit.
  child.on('error', (error) => printed.push(Buffer.from(String(error))));
  return child;
}

function isRunning(child) {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** The lock is taken before anything else, but a second start is answered by an app that runs. */
async function answersAgain() {
  const deadline = Date.now() + upMs;
  while (Date.now() < deadline) {
    if (!isRunning(first))
      throw new Error(`ended with ${first.signalCode ?? first.exitCode} while it started`);
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const second = start('--show', 'models');
    const code = await Promise.race([
      once(second, 'exit').then(([status]) => status),
      new Promise((resolve) => setTimeout(resolve, handOverMs, 'late')),
    ]);
    if (code === 0 && isRunning(first)) return;
    if (isRunning(second)) second.kill('SIGKILL');
  }
  throw new Error(`did not answer its second start within ${upMs / 1000} s`);
}

function takeScreenshot(file) {
  const [name, ...args] = {
    linux: ['import', '-window', 'root', file],
    darwin: ['screencapture', '-x', file],
    win32: [
      'powershell',
      '-NoProfile',
      '-Command',
      `Add-Type -AssemblyName System.Windows.Forms,System.Drawing; $b=[Windows.Forms.Screen]::PrimaryScreen.Bounds; $i=New-Object Drawing.Bitmap $b.Width,$b.Height; [Drawing.Graphics]::FromImage($i).CopyFromScreen($b.Location,[Drawing.Point]::Empty,$b.Size); $i.Save('${file}')`,
    ],
  }[process.platform];
  const { status } = spawnSync(name, args, { stdio: 'inherit' });
  // A picture is for people to look at; without one the app is still right.
  if (status !== 0) console.log(`No picture could be taken with ${name}.`);
}

async function end() {
  // Windows knows no SIGTERM; there taskkill asks the window to close, which the app hides. It is ended at last.
  if (process.platform === 'win32') return;
  first.kill('SIGTERM');
  const code = await Promise.race([
    ended.then(([status]) => status),
    new Promise((resolve) => setTimeout(resolve, endMs, 'late')),
  ]);
  if (code !== 0) throw new Error(`ended with ${code} when it was asked to`);
}
