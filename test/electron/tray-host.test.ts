import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askTrayHost, isWayland, type TrayHost, watchTrayHost } from '../../main/electron/tray-host.ts';

describe('what the session bus says', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-gdbus-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const wayland = { XDG_SESSION_TYPE: 'wayland', XDG_CURRENT_DESKTOP: 'sway' };
  const gnome = { XDG_SESSION_TYPE: 'x11', XDG_CURRENT_DESKTOP: 'ubuntu:GNOME' };
  const xorg = { XDG_SESSION_TYPE: 'x11', XDG_CURRENT_DESKTOP: 'XFCE' };

  /** A stand-in for gdbus that answers the two questions it is asked. */
  async function gdbus(watches: string, shows: string): Promise<string> {
    const file = path.join(folder, 'gdbus');
    await writeFile(
      file,
      `#!/bin/sh
case "$*" in
  "call --session --dest org.freedesktop.DBus --object-path /org/freedesktop/DBus --method org.freedesktop.DBus.NameHasOwner org.kde.StatusNotifierWatcher") ${watches} ;;
  "call --session --dest org.kde.StatusNotifierWatcher --object-path /StatusNotifierWatcher --method org.freedesktop.DBus.Properties.Get org.kde.StatusNotifierWatcher IsStatusNotifierHostRegistered") ${shows} ;;
  *) exit 9 ;;
esac
`,
    );
    await chmod(file, 0o755);
    return file;
  }

  const [yes, no, value, noValue] = [
    "echo '(true,)'",
    "echo '(false,)'",
    "echo '(<true>,)'",
    "echo '(<false>,)'",
  ];
  const broken = "echo 'Error connecting' >&2; exit 1";

  it.each([
    [wayland, yes, value, 'shown'],
    [wayland, yes, noValue, 'not shown'],
    [wayland, no, '', 'not shown'],
    [gnome, no, '', 'not shown'],
    [gnome, yes, noValue, 'not shown'],
    // There Electron has XEmbed to fall back to.
    [xorg, no, '', 'unknown'],
    [xorg, yes, noValue, 'unknown'],
    [wayland, broken, '', 'unknown'],
    [wayland, yes, broken, 'shown'],
  ] as const)('in %j: %s, %s means %s', async (env, watches, shows, expected) => {
    const command = await gdbus(watches, shows);
    expect(await askTrayHost({ platform: 'linux', env: { ...process.env, ...env }, command })).toBe(expected);
  });

  it('is unknown where the program is missing, and not asked for on other systems', async () => {
    const command = path.join(folder, 'missing');
    expect(await askTrayHost({ platform: 'linux', env: wayland, command })).toBe('unknown');
    for (const platform of ['darwin', 'win32'] as const)
      expect(await askTrayHost({ platform, env: wayland, command: await gdbus(no, no) })).toBe('shown');
  });

  it('knows Wayland by its session or its socket', () => {
    expect(
      [{ XDG_SESSION_TYPE: 'wayland' }, { WAYLAND_DISPLAY: 'wayland-0' }, { DISPLAY: ':0' }].map(isWayland),
    ).toEqual([true, true, false]);
  });
});

describe('the decision', () => {
  let host: TrayHost;
  let asked: number;
  let watch: ReturnType<typeof watchTrayHost>;
  beforeEach(() => {
    vi.useFakeTimers();
    [host, asked] = ['not shown', 0];
    watch = watchTrayHost(async () => {
      asked += 1;
      return host;
    });
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('waits at login for what starts beside the app', async () => {
    const decided = watch.decide(true);
    await vi.advanceTimersByTimeAsync(9000);
    host = 'shown';
    await vi.advanceTimersByTimeAsync(1000);
    expect(await decided).toBe(true);
  });

  it('is no after 15 s at login, and at once where a person waits', async () => {
    expect(await watch.decide(false)).toBe(false);
    expect(asked).toBe(1);
    const decided = watch.decide(true);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await decided).toBe(false);
  });

  it('is yes where nothing is known', async () => {
    host = 'unknown';
    expect(await watch.decide(true)).toBe(true);
  });

  it('is looked at again later, until it was shown once or nobody listens', async () => {
    const listener = vi.fn();
    watch.onceShown(listener);
    await vi.advanceTimersByTimeAsync(90_000);
    expect(listener).not.toHaveBeenCalled();
    host = 'shown';
    await vi.advanceTimersByTimeAsync(30_000);
    await vi.advanceTimersByTimeAsync(90_000);
    expect(listener).toHaveBeenCalledTimes(1);
    watch.onceShown(listener)();
    await vi.advanceTimersByTimeAsync(90_000);
    expect(listener).toHaveBeenCalledTimes(1);
  });
});
