/** The app in the real Electron, wherever its runtime is; elsewhere this says loudly that it was not run. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reply } from '#common/answer.ts';
import { callNames } from '#common/contract.ts';
import type { WindowTransport } from '../../preload/preload.ts';
import type { Probe } from './probe.ts';
import { type Desktop, describeDesktop, type ProbeAnswer } from './scenarios.ts';

const root = path.join(import.meta.dirname, '..', '..');
const runtimeFile = pathToFileURL(path.join(root, 'build', 'electron-runtime.mjs')).href;
const runtime = (await import(runtimeFile)) as {
  installedElectron(): string | null;
};
const executablePath = runtime.installedElectron() ?? '';
const obstacle = whatIsMissing();
if (obstacle !== null) {
  const what = `the real Electron app was NOT run, because ${obstacle}`;
  // Where it is there to be run, nobody would notice that it was not.
  if (process.env.REAL_ELECTRON === 'required') throw new Error(what);
  console.log(`skipped: ${what}`);
}

function whatIsMissing(): string | null {
  if (executablePath === '') return "Electron's runtime is not here (npx install-electron fetches it)";
  if (process.platform !== 'linux') return null;
  if (process.getuid?.() === 0) return 'Electron does not run sandboxed as root';
  return process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? null : 'there is no display';
}

describe.skipIf(obstacle !== null)('the real app', () => {
  let home: string;
  let app: ElectronApplication;
  let page: Page;
  let exited: Promise<unknown>;

  beforeAll(async () => {
    const built = spawnSync(process.execPath, [path.join(root, 'build', 'build.mjs'), '--stale'], {
      encoding: 'utf8',
    });
    expect(built.stderr).toBe('');
    home = await mkdtemp(path.join(tmpdir(), 'vllm-tray-real-'));
    app = await _electron.launch({
      executablePath,
      args: ['-r', await buildProbe(home), ...commandLine(home)],
      env: environment(home),
    });
    exited = once(app.process(), 'exit');
    page = await app.firstWindow();
  });
  afterAll(async () => {
    if (app?.process().exitCode === null) app.process().kill('SIGKILL');
    await exited;
    await rm(home, { recursive: true, force: true });
  });

  it('shows the demo cluster from its own scheme', async () => {
    expect(page.url()).toBe('app://vllm-tray/index.html');
    await page.getByText('Demo cluster').first().waitFor();
    await page
      .getByText(/[1-9]\d* idle of \d+ GPUs/)
      .first()
      .waitFor();
  });

  it('gives the page one Transport, and no Node, network or code from text', async () => {
    const found = await page.evaluate(async () => ({
      transport: Object.keys((window as unknown as { vllmTray: object }).vllmTray).sort(),
      node: ['require', 'process', 'module', 'Buffer'].filter((name) => name in window),
      fetched: await fetch('https://example.invalid/').then(
        () => 'yes',
        () => 'no',
      ),
    }));
    expect(found).toEqual({ transport: ['on', 'request'], node: [], fetched: 'no' });
  });

  it('answers the contract, and refuses what is not in it', async () => {
    expect(callNames).toContain('snapshot.get');
    expect(await ask('snapshot.get', {})).toMatchObject({ ok: true, value: { source: { kind: 'demo' } } });
    expect(await ask('app.steal', {})).toMatchObject({ ok: false, error: { code: 'bad-request' } });
  });

  it('answers no other window, even one on its own page', async () => {
    const reply = await app.evaluate(
      async ({ BrowserWindow }, preload) => {
        const other = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
        await other.loadURL('app://vllm-tray/index.html');
        const answered: unknown = await other.webContents.executeJavaScript(
          "window.vllmTray.request('snapshot.get', {})",
        );
        other.destroy();
        return answered;
      },
      path.join(root, 'dist/preload/preload.cjs'),
    );
    expect(reply).toEqual({ ok: false, error: { code: 'bad-request', detail: 'not a page of this app' } });
  });

  it('opens no second window, does not leave its page and grants nothing', async () => {
    const granted = await page.evaluate(async () => {
      window.open('https://example.invalid/');
      window.location.href = 'https://example.invalid/';
      return (await navigator.permissions.query({ name: 'geolocation' })).state;
    });
    expect(granted).toBe('denied');
    expect(app.windows()).toHaveLength(1);
    expect(page.url()).toBe('app://vllm-tray/index.html');
  });

  function ask(name: string, input: unknown): Promise<Reply> {
    return page.evaluate(
      ([call, given]) => {
        const { vllmTray } = window as unknown as { vllmTray: WindowTransport };
        return vllmTray.request(call as never, given);
      },
      [name, input] as const,
    );
  }

  const desktop: Desktop = {
    async probe(name, ...args) {
      const answered: unknown = await app.evaluate(
        (_module, [method, given]) => {
          const { desktopProbe } = globalThis as unknown as { desktopProbe: Probe };
          return (desktopProbe[method] as (...all: readonly unknown[]) => unknown)(...given);
        },
        [name, args] as const,
      );
      return answered as ProbeAnswer<typeof name>;
    },
    request: ask,
    place: async () => new URL(page.url()).hash,
    async startAgain(...args) {
      const second = spawn(executablePath, [...sandboxSwitch(), ...commandLine(home), ...args], {
        env: environment(home),
        stdio: 'ignore',
      });
      expect(await once(second, 'exit')).toEqual([0, null]);
    },
    async ended() {
      await exited;
    },
  };
  describeDesktop(() => desktop);
});

/** A profile of its own: the instance that somebody uses is neither found nor disturbed. */
function commandLine(home: string): readonly string[] {
  return [root, '--demo', `--user-data-dir=${path.join(home, 'profile')}`];
}

/** As Playwright starts the first one: many systems do not let a checkout's Electron have its sandbox. */
function sandboxSwitch(): readonly string[] {
  return process.platform === 'linux' ? ['--no-sandbox'] : [];
}

/** The probe as a script that Electron loads before the app. */
async function buildProbe(folder: string): Promise<string> {
  const outfile = path.join(folder, 'probe.cjs');
  await build({
    stdin: {
      contents: "globalThis.desktopProbe = require('./probe.ts').installProbe(require('electron'));",
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['electron'],
    outfile,
    logLevel: 'silent',
  });
  return outfile;
}

/** This environment with settings of its own, and without what would make Electron run as Node. */
function environment(home: string): Record<string, string> {
  const { ELECTRON_RUN_AS_NODE: _, ...inherited } = process.env;
  const settings = process.platform === 'darwin' ? { HOME: home } : { XDG_CONFIG_HOME: home, APPDATA: home };
  // Whether this very desktop shows tray icons is nothing to the tests.
  const bus = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${path.join(home, 'no-bus')}` };
  const own = { ...inherited, ...settings, ...bus };
  return Object.fromEntries(
    Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
