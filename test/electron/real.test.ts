/** A smoke run of the real app in the real Electron, wherever its runtime has been fetched and a display is there. */

import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callNames } from '#common/contract.ts';

const root = path.join(import.meta.dirname, '..', '..');
const runtime = (await import(path.join(root, 'build', 'electron-runtime.mjs'))) as {
  installedElectron(): string | null;
};
const executablePath = runtime.installedElectron();
const obstacle = whatIsMissing();
if (obstacle !== null) console.log(`skipped: the real Electron app was NOT run, because ${obstacle}`);

function whatIsMissing(): string | null {
  if (executablePath === null) return "Electron's runtime is not here (npx install-electron fetches it)";
  if (process.platform !== 'linux') return null;
  if (process.getuid?.() === 0) return 'Electron does not run sandboxed as root';
  return process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? null : 'there is no display';
}

describe.skipIf(obstacle !== null)('the real app', () => {
  let home: string;
  let app: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    const built = spawnSync(process.execPath, [path.join(root, 'build', 'build.mjs'), '--stale'], {
      encoding: 'utf8',
    });
    expect(built.stderr).toBe('');
    home = await mkdtemp(path.join(tmpdir(), 'vllm-tray-real-'));
    app = await _electron.launch({
      executablePath: executablePath ?? '',
      // A profile of its own: the instance that somebody uses is neither found nor disturbed.
      args: [root, '--demo', `--user-data-dir=${path.join(home, 'profile')}`],
      env: environment(home),
    });
    page = await app.firstWindow();
  });
  afterAll(async () => {
    await app?.close();
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
    const ask = (name: string) =>
      page.evaluate((call) => {
        const { vllmTray } = window as unknown as {
          vllmTray: { request(name: string, input: unknown): Promise<{ ok: boolean }> };
        };
        return vllmTray.request(call, {});
      }, name);
    expect(callNames).toContain('snapshot.get');
    expect(await ask('snapshot.get')).toMatchObject({ ok: true, value: { source: { kind: 'demo' } } });
    expect(await ask('app.steal')).toMatchObject({ ok: false, error: { code: 'bad-request' } });
  });

  it('opens no second window and does not leave its page', async () => {
    await page.evaluate(() => {
      window.open('https://example.invalid/');
      window.location.href = 'https://example.invalid/';
    });
    expect(app.windows()).toHaveLength(1);
    expect(page.url()).toBe('app://vllm-tray/index.html');
  });
});

/** This environment with settings of its own, and without what would make Electron run as Node. */
function environment(home: string): Record<string, string> {
  const { ELECTRON_RUN_AS_NODE: _, ...inherited } = process.env;
  const settings = process.platform === 'darwin' ? { HOME: home } : { XDG_CONFIG_HOME: home, APPDATA: home };
  const own = { ...inherited, ...settings };
  return Object.fromEntries(
    Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
