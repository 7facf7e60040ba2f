/**
 * Runs a packed app in plain Node: `node packed-driver.mjs <app folder> <ssh config>`, where `electron` resolves to the
 * double. Asks the app's own scheme for its page and all that the page names, waits for the first scan, quits the app, and
 * prints what it saw as JSON.
 */

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { app, BrowserWindow, protocol, Tray } from 'electron';

const [, , folder, sshConfig] = process.argv;
process.argv = [process.argv[0], folder, '--ssh-config', sshConfig];
const windowMade = once(app, 'web-contents-created');
await import(pathToFileURL(path.join(folder, 'dist/electron/main.mjs')).href);
await windowMade;

const [window] = BrowserWindow.all;
const served = {};
const page = await request('app://vllm-tray/index.html');
for (const [, name] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
  await request(new URL(name, 'app://vllm-tray/index.html').href);
}
const files = () => [window.options.webPreferences.preload, window.options.icon, Tray.all[0].image];
// The only host refuses the connection: once the scan is over, the icon asks for attention.
while (!Tray.all[0]?.image.includes('attention')) await delay(20);
const ended = once(app, 'ended');
app.quit();
await ended;
console.log(
  JSON.stringify({
    served,
    files: files().map((file) => [path.relative(folder, file).replaceAll('\\', '/'), existsSync(file)]),
    exitCode: app.ended,
  }),
);

async function request(url) {
  const response = await protocol.handlers.get('app')(new Request(url));
  served[url] = response.status;
  return response.text();
}
