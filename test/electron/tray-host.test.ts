import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { desktopShowsTray } from '../../main/electron/tray-host.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-gdbus-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A stand-in for gdbus that answers the one question it is to be asked. */
async function gdbus(script: string): Promise<string> {
  const file = path.join(folder, 'gdbus');
  await writeFile(
    file,
    `#!/bin/sh
[ "$*" = "call --session --dest org.freedesktop.DBus --object-path /org/freedesktop/DBus --method org.freedesktop.DBus.NameHasOwner org.kde.StatusNotifierWatcher" ] || exit 9
${script}
`,
  );
  await chmod(file, 0o755);
  return file;
}

it.each([
  ["echo '(true,)'", true],
  ["echo '(false,)'", false],
  ["echo 'Error connecting' >&2; exit 1", true],
])('on Linux, gdbus saying %s means %s', async (script, shows) => {
  expect(await desktopShowsTray('linux', await gdbus(script))).toBe(shows);
});

it('assumes a tray where nobody can be asked, and asks nobody on other systems', async () => {
  expect(await desktopShowsTray('linux', path.join(folder, 'missing'))).toBe(true);
  const no = await gdbus("echo '(false,)'");
  expect(await desktopShowsTray('darwin', no)).toBe(true);
  expect(await desktopShowsTray('win32', no)).toBe(true);
});
