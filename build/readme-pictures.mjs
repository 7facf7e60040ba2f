/**
 * `npm run readme-pictures`: the pictures of README.md and its animation, all of the demo cluster: starts `npm run dev`, and writes
 * build/images. Needs Chromium, and ImageMagick (`convert`) with WebP for the animation.
 */

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const root = path.join(import.meta.dirname, '..');
const images = path.join(root, 'build', 'images');
const scratch = mkdtempSync(path.join(tmpdir(), 'vllm-tray-pictures-'));
const views = ['gpus', 'models', 'forwards', 'settings', 'diagnostics'];
const size = { width: 1280, height: 800 };
/** The animation is smaller, and shows each step so long, in hundredths of a second. */
const animation = { width: 960, height: 600, stepDelay: 130, largestBytes: 2_000_000 };

const executablePath = [process.env.CHROMIUM_PATH ?? '', '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  existsSync,
);
if (executablePath === undefined) throw new Error('Chromium is needed; CHROMIUM_PATH may name it');

const dev = await startDev();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  mkdirSync(images, { recursive: true });
  // First, since it opens the forward that the pictures show.
  await animate();
  for (const colorScheme of ['light', 'dark']) await pictureViews(colorScheme);
  await pictureTray();
  await pictureTerminal();
} finally {
  await browser.close();
  await dev.stop();
  rmSync(scratch, { recursive: true, force: true });
}

/** Starts the window from its sources on the demo cluster. Resolves with its address, and with the end of it. */
async function startDev() {
  const config = path.join(scratch, 'config', 'vllm-tray');
  mkdirSync(config, { recursive: true });
  writeFileSync(path.join(config, 'config.json'), JSON.stringify({ welcomed: true, language: 'en' }));
  const child = spawn(process.execPath, [path.join(root, 'build', 'dev.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, XDG_CONFIG_HOME: path.dirname(config) },
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  let printed = '';
  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      printed += text;
      const address = /^Open (\S+)\n/m.exec(printed)?.[1];
      if (address !== undefined) resolve(new URL(address));
    });
    void ended.then((code) => reject(new Error(`npm run dev ended with ${code}: ${printed}`)));
  });
  return {
    url,
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

async function openPage(options, address = dev.url.href) {
  const context = await browser.newContext({ viewport: size, locale: 'en-GB', ...options });
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

/** Opens the window once the cluster is scanned. */
async function openWindow(options) {
  const page = await openPage(options);
  await page.getByText(/^Scanned 15 hosts in /).waitFor();
  return page;
}

async function goTo(page, view) {
  await page.evaluate((hash) => {
    window.location.hash = hash;
  }, view);
  await page.locator(`a[aria-current="page"][href="#${view}"]`).waitFor();
  await isLoaded(page);
}

/** A view that is not first on the screen has grey rows in its place until its script has come. */
async function isLoaded(page) {
  await page.getByRole('status', { name: 'Loading' }).waitFor({ state: 'detached' });
}

async function pictureViews(colorScheme) {
  const page = await openWindow({ colorScheme });
  for (const view of views) {
    await goTo(page, view);
    await save(page, `${view}-${colorScheme}.png`);
  }
  await page.context().close();
}

/** The tray's menu is the system's own; it is drawn from the same entries, of the gallery's hosts. */
async function pictureTray() {
  const page = await openPage({}, new URL('/?gallery=tray', dev.url).href);
  await page.locator('html[data-gallery="shown"]').waitFor();
  // Of each part the first entry, unfolded.
  await page.addStyleTag({ content: 'ul ul > li:nth-child(n + 2) > ul { display: none }' });
  await save(page.locator('ul').first(), 'tray.png');
  await page.context().close();
}

async function pictureTerminal() {
  const command = ['gpu-idle-top', '--once', '--demo'];
  const output = execFileSync(process.execPath, [path.join(root, 'build', 'vllm-tray.mjs'), ...command], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const page = await openPage({}, 'about:blank');
  await page.setContent('<pre></pre>');
  await page.addStyleTag({
    content:
      'body { margin: 0 } pre { display: inline-block; margin: 0; padding: 16px; font: 13px ui-monospace, monospace; background: #16181d; color: #e6e8ec }',
  });
  const table = output.split('\n\n').slice(0, 2).join('\n\n');
  await page.locator('pre').evaluate(
    (pre, text) => {
      pre.textContent = text;
    },
    `$ npx vllm-tray ${command.join(' ')}\n${table}`,
  );
  await save(page.locator('pre'), 'terminal.png');
  await page.context().close();
}

/** The main job: which GPUs are idle, a model, its forward, a test prompt through it. */
async function animate() {
  const { width, height, stepDelay, largestBytes } = animation;
  const page = await openWindow({ colorScheme: 'light', viewport: { width, height } });
  const frames = [];
  const frame = async (steps = 1) => {
    const file = path.join(scratch, `frame-${String(frames.length).padStart(3, '0')}.png`);
    await page.screenshot({ path: file, caret: 'hide' });
    frames.push('-delay', String(steps * stepDelay), file);
  };
  const press = async (button) => {
    await button.evaluate((element) => {
      element.style.outline = '3px solid #e0650d';
    });
    await frame();
    await button.evaluate((element) => {
      element.style.outline = '';
    });
    await button.click();
  };
  await frame(2);
  await press(page.getByRole('navigation').getByRole('link', { name: 'Models' }));
  await isLoaded(page);
  await frame();
  await press(page.getByRole('button', { name: /^Forward /, disabled: false }).first());
  await page
    .getByText(/^localhost:\d+$/)
    .first()
    .waitFor();
  await frame(2);
  await press(page.locator('[data-key] [aria-expanded="false"]').first());
  await press(page.getByRole('button', { name: 'Send a test prompt' }).first());
  await press(page.getByRole('button', { name: /^Send/ }).last());
  await page.getByText(/^[1-9]\d* tokens$/).waitFor();
  await frame();
  await page.getByText('Done', { exact: true }).waitFor();
  await frame(2);
  await page.keyboard.press('Escape');
  await press(page.getByRole('navigation').getByRole('link', { name: 'Forwards' }));
  await isLoaded(page);
  await frame(3);
  await page.context().close();
  const file = path.join(images, 'main-job.webp');
  execFileSync('convert', [...frames, '-loop', '0', '-quality', '70', file]);
  const { size: bytes } = statSync(file);
  console.log(`main-job.webp: ${bytes} bytes`);
  if (bytes > largestBytes) throw new Error(`the animation is larger than ${largestBytes} bytes`);
}

/** Stores a picture of a page, or of a part of one. */
async function save(what, name) {
  const file = path.join(images, name);
  writeFileSync(file, await what.screenshot({ animations: 'disabled', caret: 'hide' }));
  console.log(`${name}: ${statSync(file).size} bytes`);
}
