import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import { parsePorts, withOptions } from '../../../main/cli/options.ts';
import { run } from '../../../main/cli/program.ts';
import { createTerminal } from './terminal.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('bad usage ends with 2 and says what is wrong', () => {
  it.each([
    [[], 'Usage: vllm-tray'],
    [['nonsense'], "unknown command 'nonsense'"],
    [['list-hosts', '--nonsense'], "unknown option '--nonsense'"],
    [['list-hosts', 'extra'], 'too many arguments'],
    [['gpu-idle-top', '--limit', '0'], 'whole number from 1 to 200'],
    [['gpu-idle-top', '--limit', '1e1'], 'whole number from 1 to 200'],
    [['gpu-idle-top', '--timeout', '-3'], 'seconds from 0.5 to 300'],
    [['gpu-idle-top', '--host-regex', '('], 'regular expression'],
    [['list-remote', '--remote-port', '8000,x'], 'whole number from 1 to 65535'],
    [['forward', 'a'], "missing required argument 'port'"],
    [['forward', 'a', '70000'], 'whole number from 1 to 65535'],
    [['forward', 'a', '80', '--local-port', '0'], 'whole number from 1 to 65535'],
    [['list-hosts', '--ssh-config', '/nowhere/config'], '/nowhere/config cannot be read'],
  ])('%j', async (args, sentence) => {
    const terminal = createTerminal({ home: folder });
    expect(await run(args, terminal.io, '1.2.3')).toBe(2);
    expect(terminal.err()).toContain(sentence);
    expect(terminal.out()).toBe('');
  });
});

it('answers what it is and what it can', async () => {
  const terminal = createTerminal({ home: folder });
  expect(await run(['--version'], terminal.io, '1.2.3')).toBe(0);
  expect(terminal.out()).toBe('1.2.3\n');
  expect(await run(['forward', '--help'], terminal.io, '1.2.3')).toBe(0);
  expect(terminal.out()).toContain('--local-port');
  expect(terminal.err()).toBe('');
});

describe('a configuration without hosts', () => {
  const empty = async () => {
    const file = path.join(folder, 'empty');
    await writeFile(file, 'Host *\n  User me\n');
    return file;
  };

  it('lists none, and starts no demo that nobody asked for', async () => {
    const terminal = createTerminal({ home: folder });
    const args = ['list-hosts', '--json', '--ssh-config', await empty()];
    expect(await run(args, terminal.io, '1')).toBe(0);
    expect(terminal.out()).toBe('{"hosts":[]}\n');
    expect(terminal.err()).toContain('There is no host in');
  });

  it.each([['gpu-idle-top', '--once'], ['list-remote']])('gives %s nobody to answer', async (...command) => {
    const terminal = createTerminal({ home: folder });
    const args = [...command, '--json', '--ssh-config', await empty()];
    expect(await run(args, terminal.io, '1')).toBe(3);
    expect(terminal.out()).toBe('{"hosts":[]}\n');
  });

  it('has no host to forward', async () => {
    const terminal = createTerminal({ home: folder });
    expect(await run(['forward', 'a', '80', '--ssh-config', await empty()], terminal.io, '1')).toBe(1);
    expect(terminal.err()).toContain('It is not there any more (no host a in the SSH configuration)');
  });
});

describe('options', () => {
  it('change what they name in the settings, and nothing else', () => {
    expect(withOptions(defaultSettings, {})).toEqual(defaultSettings);
    expect(withOptions(defaultSettings, { limit: 3, timeout: 90 })).toEqual({
      ...defaultSettings,
      limits: { ...defaultSettings.limits, hosts: 3 },
      timeouts: { connectMs: 90_000, probeMs: 90_000, firstProbeMs: 90_000, httpMs: 60_000 },
    });
  });

  it('take each port once', () => {
    expect(parsePorts('8000, 8001,8000')).toEqual([8000, 8001]);
  });
});
