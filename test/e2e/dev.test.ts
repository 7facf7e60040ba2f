import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { states } from '../gallery/states.ts';
import { createConfigHome } from '../support/browser/app.ts';
import { scanned } from '../support/browser/checks.ts';
import { describeInBrowser, useBrowser } from '../support/browser/hooks.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A copy of the sources to edit, with the libraries of this checkout, and with what is built here, so that little is built there. */
function copyCheckout(): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'vllm-tray-dev-'));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  const sources = ['build', 'main', 'renderer', 'test', 'package.json', 'package-lock.json'];
  const built = ['dist/web', 'dist/renderer'].filter((name) => existsSync(path.join(root, name)));
  for (const name of [...sources, ...built])
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true, preserveTimestamps: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

/** Starts `npm run dev` in a checkout. Resolves with the addresses that it printed. */
async function startDev(checkout: string): Promise<readonly string[]> {
  const config = createConfigHome();
  const child = spawn(process.execPath, [path.join(checkout, 'build/dev.mjs')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, XDG_CONFIG_HOME: config },
  });
  onTestFinished(async () => {
    if (child.exitCode === null) {
      child.kill('SIGINT');
      await once(child, 'close');
    }
    rmSync(config, { recursive: true, force: true });
  });
  let output = '';
  child.stderr.on('data', (text) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      output += text;
      const addresses = output.match(/http:\/\/127\.0\.0\.1:\d+\/\S+/g) ?? [];
      if (addresses.length === 2) resolve(addresses);
    });
    child.once('close', (code) => reject(new Error(`it ended with ${code}: ${output}`)));
  });
}

function edit(file: string, change: (text: string) => string): void {
  const text = readFileSync(file, 'utf8');
  expect(change(text)).not.toBe(text);
  writeFileSync(file, change(text));
}

describeInBrowser('npm run dev', () => {
  const browser = useBrowser();

  it('shows an edited component and an edited style in the open page, without a reload', async () => {
    const checkout = copyCheckout();
    const [address = ''] = await startDev(checkout);
    const { page } = await browser.open(address);
    await scanned(page);
    await page.evaluate('window.loadedOnce = true');

    edit(path.join(checkout, 'renderer/frame/Rail.tsx'), (text) => text.replace('<nav', '<nav data-edited'));
    await page.locator('nav[data-edited]').waitFor();
    edit(path.join(checkout, 'renderer/styles/tokens.css'), (text) => `${text}\n:root { --edited: yes; }\n`);
    await page.waitForFunction(
      "getComputedStyle(document.documentElement).getPropertyValue('--edited') === 'yes'",
    );
    expect(await page.evaluate('window.loadedOnce')).toBe(true);
  });

  it('lists every state of the window at /#gallery, and shows it', async () => {
    const [, list = ''] = await startDev(root);
    const { page } = await browser.open(list);
    await page.locator('iframe').first().waitFor();
    expect(await page.locator('iframe').count()).toBe(Object.keys(states).length);
    await page.frameLocator('iframe').first().locator('html[data-gallery="shown"]').waitFor();
    await page.getByLabel('Language, theme and contrast').selectOption('ru, dark, contrast more');
    await page.frameLocator('iframe').first().locator('html[data-theme="dark"][lang="ru"]').waitFor();
  });

  it('gives the key to no page without the token, and no file but the sources of the window', async () => {
    const [address = ''] = await startDev(root);
    const key = async (url: string, headers = {}) => {
      const answer = await fetch(url, { headers });
      return /vllm-tray-key" content="([^"]+)/.exec(await answer.text())?.[1] ?? null;
    };
    const { origin } = new URL(address);
    expect(await key(address)).toMatch(/^[\w-]{43}$/);
    expect(await key(origin)).toBeNull();
    expect(await key(`${origin}/?token=${'x'.repeat(43)}`)).toBeNull();
    for (const file of ['/etc/passwd', path.join(root, 'package.json'), path.join(root, 'main/web/guard.ts')])
      expect((await fetch(`${origin}/@fs${file}`)).status, file).toBe(403);
  });
});
