import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const screenshots = `${root}dist/screenshots`;

const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The path of a Chromium of this system, or null. */
export function findChromium(): string | null {
  return browsers.find(existsSync) ?? null;
}

/** Why no browser test can run here, or null when they can. */
export const chromiumMissing: string | null = findChromium() === null ? 'Chromium is not installed' : null;

export interface App {
  /** With its token. */
  readonly url: string;
  /** What it printed so far. */
  output(): string;
  /** As Ctrl-C does; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** A folder for settings, of a person who has been here before; what is given comes on top. Remove it afterwards. */
export function createConfigHome(settings: object = {}): string {
  const home = mkdtempSync(path.join(tmpdir(), 'vllm-tray-config-'));
  mkdirSync(path.join(home, 'vllm-tray'));
  writeFileSync(
    path.join(home, 'vllm-tray', 'config.json'),
    JSON.stringify({ welcomed: true, language: 'en', ...settings }),
  );
  return home;
}

/**
 * Starts the app as `npm start -- --web ARGS` does, with settings of its own, and waits for its address. With a
 * `configHome` of {@link createConfigHome} a second start finds what the first one has stored; `env` is added to the environment.
 */
export async function startApp(
  args: readonly string[],
  configHome?: string,
  env: NodeJS.ProcessEnv = {},
): Promise<App> {
  const own = configHome ?? createConfigHome();
  const child = spawn(process.execPath, [`${root}build/start.mjs`, '--web', '--no-open', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, XDG_CONFIG_HOME: own, ...env },
  });
  let output = '';
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const match = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(output);
      if (match !== null) resolve(match[0]);
    });
    child.once('close', (code) => reject(new Error(`the app ended with ${code}: ${output}`)));
  });
  return {
    url,
    output: () => output,
    async stop() {
      const code = await stop(child);
      if (configHome === undefined) rmSync(own, { recursive: true, force: true });
      return code;
    },
  };
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) {
    child.kill('SIGINT');
    await once(child, 'close');
  }
  return child.exitCode;
}

/** It draws by the processor, and speaks to nobody but the app. */
export const browserArguments: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium() ?? '', args: [...browserArguments] });
}

export interface OpenedPage {
  readonly page: Page;
  /** Whatever the page complained about: errors, refused resources, warnings. */
  readonly complaints: readonly string[];
}

/** Opens a page of its own, with its own cookies, and records every complaint of its console. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    const text = message.text();
    // A lab's networks come and go, which ends what Chromium loads at that moment; the window asks for it again.
    if (text.includes('net::ERR_NETWORK_CHANGED')) return;
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(text);
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, complaints };
}

/** Keeps a picture of the page under dist/screenshots, to be looked at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: `${screenshots}/${name}.png` });
}
