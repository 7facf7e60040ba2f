/**
 * `npm start`: builds what is stale and opens the app. In Electron where that can be; otherwise, after one line saying why,
 * in the browser. Options are passed on to the face that opens.
 */

import { spawn } from 'node:child_process';
import path from 'node:path';
import { buildStale } from './build.mjs';
import { fetchElectron, installedElectron } from './electron-runtime.mjs';

const root = path.join(import.meta.dirname, '..');
const args = process.argv.slice(2);

/** An Electron that ends with a failure this early could not start; later it is a failure of its own. */
const startMs = 5000;
const badUsage = 2;

try {
  const electron = args.includes('--web') || args.includes('--help') ? null : await obtainElectron();
  const outcome = electron === null ? 'not started' : await runDesktop(electron);
  if (outcome === 'not started') await runBrowserFace();
  else process.exitCode = outcome;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** The path of Electron's executable, or null after saying why there is none to use. */
async function obtainElectron() {
  const obstacle = desktopObstacle();
  if (obstacle !== null) return goOn(obstacle);
  const installed = installedElectron();
  if (installed !== null) return installed;
  const failure = await fetchElectron();
  if (failure === null) return installedElectron();
  return goOn(
    `Electron could not be fetched (${failure}; "npx install-electron" does it without a time limit)`,
  );
}

function desktopObstacle() {
  if (process.platform !== 'linux') return null;
  if (process.getuid() === 0) return 'Electron would run as root without its sandbox';
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display';
  return null;
}

function goOn(why) {
  console.log(`No desktop window: ${why}. Going on in the browser.`);
  return null;
}

/** Runs the desktop face to its end and resolves with its exit code, or with 'not started' after saying why. */
async function runDesktop(electron) {
  await buildStale(['electron', 'preload', 'renderer']);
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
  // Before the child is there, so that no signal falls between.
  const stopHandingOn = handSignalsOn((signal) => child.kill(signal));
  const child = spawn(electron, [root, ...args], { stdio: ['inherit', 'inherit', 'pipe'], env });
  // Held back at first: a failure to start is reported in one line instead.
  const complaint = [];
  child.stderr.on('data', (text) => complaint.push(text));
  const release = () => {
    clearTimeout(timer);
    child.stderr.removeAllListeners('data');
    process.stderr.write(Buffer.concat(complaint));
    child.stderr.pipe(process.stderr);
  };
  const startedAt = performance.now();
  const timer = setTimeout(release, startMs);
  const { code, signal, error } = await new Promise((resolve) => {
    child.on('error', (failure) => resolve({ code: 1, signal: null, error: failure }));
    child.on('close', (status, by) => resolve({ code: status, signal: by }));
  });
  const wanted = stopHandingOn();
  const early = performance.now() - startedAt < startMs;
  if (early && !wanted && code !== 0 && code !== badUsage) {
    clearTimeout(timer);
    const text = error?.message ?? firstCause(Buffer.concat(complaint).toString());
    goOn(`Electron did not start (${text || `it ended with ${signal ?? `code ${code}`}`})`);
    return 'not started';
  }
  if (early) release();
  return wanted ? 0 : (code ?? 1);
}

/** Passes Ctrl-C and SIGTERM on. Returns the end of that, which tells whether one came. */
function handSignalsOn(send) {
  let came = false;
  const handOn = (signal) => {
    came = true;
    send(signal);
  };
  process.on('SIGINT', handOn).on('SIGTERM', handOn);
  return () => {
    process.off('SIGINT', handOn).off('SIGTERM', handOn);
    return came;
  };
}

/** What Electron said: a missing library names itself in a line of its own, else the first line has the cause. */
function firstCause(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const line = lines.find((candidate) => candidate.includes('shared libraries')) ?? lines[0] ?? '';
  return line.trim().slice(0, 200);
}

async function runBrowserFace() {
  await buildStale(['web', 'renderer']);
  await import('../dist/web/main.mjs');
}
