/** What the tests of a `describe` run in: a browser, and the app or a fleet to show in it. */

import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { type App, chromiumMissing, launchBrowser, type OpenedPage, openPage, startApp } from './app.ts';
import { type Fleet, type FleetOptions, startFleet } from './fleet.ts';
import { type Gallery, openGallery } from './gallery.ts';

/** For a page that copies, and a test that reads what it copied. */
export const withClipboard: BrowserContextOptions = { permissions: ['clipboard-read', 'clipboard-write'] };

/** A `describe` of what needs a browser; without one it is skipped, and says why. */
export function describeInBrowser(title: string, body: () => void): void {
  if (chromiumMissing !== null) console.log(`skipped ${title}: ${chromiumMissing}`);
  describe.skipIf(chromiumMissing !== null)(title, body);
}

/** Starts a browser for the tests of this `describe`; a page that is opened in it is closed with its test. */
export function useBrowser() {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());
  return {
    async open(url: string, options?: BrowserContextOptions): Promise<OpenedPage> {
      const opened = await openPage(browser, url, options);
      onTestFinished(() => opened.page.context().close());
      return opened;
    },
  };
}

/**
 * Starts the app on the demo cluster, and a browser that opens pages of it, for the tests of this `describe`. What `env`
 * returns when all hooks before have run is added to the app's environment.
 */
export function useDemo(env: () => NodeJS.ProcessEnv = () => ({})) {
  let app: App;
  beforeAll(async () => {
    app = await startApp(['--demo'], undefined, env());
  });
  afterAll(async () => void (await app?.stop()));
  const browser = useBrowser();
  return { open: (options?: BrowserContextOptions): Promise<OpenedPage> => browser.open(app.url, options) };
}

/** Starts a fleet, and a browser that opens pages of it, for the tests of this `describe`; `store` holds what they show. */
export function useFleet(options: FleetOptions) {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(options);
  });
  afterAll(() => fleet?.close());
  const browser = useBrowser();
  return {
    store: () => fleet.store,
    open: (options?: BrowserContextOptions): Promise<OpenedPage> => browser.open(fleet.url, options),
  };
}

/** Builds the gallery, and opens it in a browser of its own, for the tests of this `describe`, which share its page. */
export function useGallery(): Pick<Gallery, 'open'> {
  let browser: Browser;
  let gallery: Gallery;
  beforeAll(async () => {
    browser = await launchBrowser();
    gallery = await openGallery(browser);
  });
  afterAll(async () => {
    await gallery?.dispose();
    await browser?.close();
  });
  return { open: (name, look) => gallery.open(name, look) };
}
