/** The question for a tray on a real session bus of its own, with a real watcher that comes and goes. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askTrayHost, type TrayHost } from '../../main/electron/tray-host.ts';

// The system's own Python has Debian's dbus module; another one that stands first in PATH may not.
const python = '/usr/bin/python3';
const missing = whatIsMissing();
if (missing !== null) console.log(`skipped: ${missing}`);

function whatIsMissing(): string | null {
  if (process.platform !== 'linux') return 'the session bus is that of Linux';
  const runs = (program: string, ...args: readonly string[]) => spawnSync(program, args).status === 0;
  if (!runs('dbus-daemon', '--version')) return 'dbus-daemon is not installed (Debian package dbus-daemon)';
  if (!runs('gdbus', 'help')) return 'gdbus is not installed (Debian package libglib2.0-bin)';
  if (!runs(python, '-c', 'import dbus; from gi.repository import GLib'))
    return 'Python has no D-Bus (Debian packages python3-dbus, python3-gi)';
  return null;
}

describe.skipIf(missing !== null)('the tray host on a real session bus', () => {
  let bus: ChildProcess;
  let watcher: ChildProcess;
  let env: NodeJS.ProcessEnv;
  let lines: AsyncIterator<string>;

  beforeEach(async () => {
    bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [address] = (await once(createInterface({ input: bus.stdout ?? process.stdin }), 'line')) as [
      string,
    ];
    env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: address, XDG_SESSION_TYPE: 'wayland' };
    watcher = spawn(python, [path.join(import.meta.dirname, 'status-notifier-watcher.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env,
    });
    lines = createInterface({ input: watcher.stdout ?? process.stdin })[Symbol.asyncIterator]();
    await lines.next();
  });
  afterEach(async () => {
    for (const child of [watcher, bus]) {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
  });

  type Event = 'watch' | 'host' | 'no-host' | 'leave';
  const happens = async (event: Event): Promise<void> => {
    watcher.stdin?.write(`${event}\n`);
    await lines.next();
  };

  it.each<readonly [string, readonly (readonly [Event, TrayHost])[]]>([
    [
      'a watcher, then its host',
      [
        ['watch', 'not shown'],
        ['host', 'shown'],
      ],
    ],
    [
      'a host that registers with a watcher that comes late',
      [
        ['host', 'not shown'],
        ['watch', 'shown'],
      ],
    ],
    [
      'an extension that is switched off',
      [
        ['watch', 'not shown'],
        ['host', 'shown'],
        ['leave', 'not shown'],
      ],
    ],
    [
      'a panel that restarts',
      [
        ['watch', 'not shown'],
        ['host', 'shown'],
        ['no-host', 'not shown'],
        ['host', 'shown'],
      ],
    ],
  ])('follows %s', async (_name, events) => {
    expect(await askTrayHost({ platform: 'linux', env })).toBe('not shown');
    for (const [event, expected] of events) {
      await happens(event);
      expect(await askTrayHost({ platform: 'linux', env }), event).toBe(expected);
    }
  });

  it('knows nothing where there is no bus', async () => {
    const nowhere = { ...env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' };
    expect(await askTrayHost({ platform: 'linux', env: nowhere })).toBe('unknown');
  });
});
