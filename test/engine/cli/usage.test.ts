import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from '#common/settings-reading.ts';
import { commandHelp } from '../../../main/cli/help.ts';
import { parsePorts } from '../../../main/cli/options.ts';
import { run } from '../../../main/cli/program.ts';
import { createTerminal } from '../../support/terminal.ts';

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
    [['list-hots'], 'Did you mean list-hosts?'],
    [['list-hosts', '--jsn'], 'Did you mean --json?'],
    [['list-hosts', 'extra'], 'too many arguments'],
    [['gpu-idle-top', '--limit', '0'], 'whole number from 1 to 200'],
    [['gpu-idle-top', '--limit', '1e1'], 'whole number from 1 to 200'],
    [['gpu-idle-top', '--timeout', '-3'], 'seconds from 0.5 to 300'],
    [['gpu-idle-top', '--host-regex', '('], 'regular expression'],
    [['list-remote', '--remote-port', '8000,x'], 'ports from 1 to 65535, such as 8000,8001'],
    [['list-remote', '--remote-port', '8000,'], 'ports from 1 to 65535, such as 8000,8001'],
    [['auto-forward', '--remote-port', '0'], 'ports from 1 to 65535, such as 8000,8001'],
    [['auto-forward', '--local-range', '16100'], 'two ports from 1 to 65535, such as 16100-16199'],
    [['auto-forward', '--local-range', '16100-'], 'two ports from 1 to 65535, such as 16100-16199'],
    [['auto-forward', '--local-range', '9-8'], 'two ports from 1 to 65535, such as 16100-16199'],
    [['gpu-idle-top', '--refresh', '0'], 'seconds from 0.1 to 3600'],
    [['vllm-queue-top', '--history', '0'], 'whole number from 1 to 500'],
    [['forward'], "missing required argument 'host'"],
    [['forward', 'a'], 'A port such as a:8000 is missing'],
    [['forward', 'a:80', 'b'], 'b must be HOST:TARGET'],
    [['forward', 'a', '80', 'b:80'], 'a must be HOST:TARGET'],
    [['forward', 'a:70000'], 'port from 1 to 65535'],
    [['forward', 'a:80', 'b:80', '--local-port', '9000'], '--local-port is for one target'],
    [['forward', 'a', '70000'], '70000 must be a port from 1 to 65535'],
    [['forward', 'a:'], 'A target must be a port from 1 to 65535'],
    [['forward', ':8000'], 'The host before :8000 is missing'],
    [['list-hosts', '--ssh-config', '/'], '/ cannot be read'],
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

  it.each([
    ['list-local', '--timeout', '0.5'],
    ['tmux-forwards', '--timeout', '0.5'],
    ['clean-tmux-forwards'],
    ['kill-tmux', 'none'],
  ])('is nothing that %s speaks of', async (...command) => {
    const terminal = createTerminal({ home: folder, env: { TMUX_TMPDIR: folder } });
    await run([...command, '--ssh-config', await empty()], terminal.io, '1');
    expect(terminal.out() + terminal.err()).not.toMatch(/no host|--demo/);
  });

  it('has no host to forward', async () => {
    const terminal = createTerminal({ home: folder });
    expect(await run(['forward', 'a', '80', '--ssh-config', await empty()], terminal.io, '1')).toBe(1);
    expect(terminal.err()).toMatch(/^There is no host a in .*empty\.\n$/);
  });
});

describe('a configuration with hosts', () => {
  const config = async () => {
    const file = path.join(folder, 'hosts');
    await writeFile(file, 'Host h100-01 h100-02 bastion\n  Port 1\n');
    return file;
  };
  const said = async (...args: readonly string[]) => {
    const terminal = createTerminal({ home: folder });
    const code = await run([...args, '--ssh-config', await config()], terminal.io, '1');
    return { code, err: terminal.err() };
  };

  it('names the host nearest to one that is not there', async () => {
    const { code, err } = await said('forward', 'H10-02', '80');
    expect(code).toBe(1);
    expect(err).toMatch(/^There is no host H10-02 in \S+hosts\. Did you mean h100-02\?\n$/);
    expect((await said('list-hosts', '--host-regex', '^bation$')).err).toMatch(/Did you mean bastion\?\n$/);
    expect((await said('forward', 'elsewhere.example', '80')).err).not.toContain('Did you mean');
  });

  it('names hosts that the settings leave out as that', async () => {
    const terminal = createTerminal({ home: folder });
    const aliases = ['h100-01', 'h100-02', 'bastion'];
    const { settings } = readSettings(undefined);
    const storedSettings = () => ({
      settings: { ...settings, excludedHosts: aliases },
      problems: [],
      folder: null,
    });
    const io = { ...terminal.io, storedSettings };
    const file = await config();
    expect(await run(['forward', 'bastion', '80', '--ssh-config', file], io, '1')).toBe(1);
    expect(terminal.err()).toBe('bastion is switched off in the settings.\n');
    expect(await run(['list-remote', '--ssh-config', file], io, '1')).toBe(3);
    expect(terminal.err()).toContain('3 hosts are switched off in the settings');
  });
});

describe('the help', () => {
  const helpOf = async (...args: readonly string[]) => {
    const terminal = createTerminal({ home: folder });
    expect(await run([...args, '--help'], terminal.io, '1')).toBe(0);
    return terminal.out();
  };

  it('of each command has examples that it takes, and ends with 0', async () => {
    const listed = [...(await helpOf()).matchAll(/^ {2}([a-z-]+) \[options\]/gm)].map(([, name]) => name);
    expect(listed).toEqual(Object.keys(commandHelp));
    for (const name of listed) expect(await helpOf(name ?? '')).toContain(`\n  vllm-tray ${name}`);
    expect(await helpOf()).toContain('\n4 when a model was not ready in time');
  });

  it('shows only the options that change something', async () => {
    const flags = async (name: string) =>
      [...(await helpOf(name)).matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag);
    expect(await flags('kill-tmux')).toEqual(['--ssh-config', '--debug', '--json', '--any']);
    expect(await flags('list-hosts')).not.toContain('--limit');
    expect(await helpOf('list-local')).toContain('seconds to wait for a port of this computer');
    expect(await flags('gpu-idle-top')).toEqual(expect.arrayContaining(['--limit', '--login', '--once']));
  });
});

it('takes the default of eight GPUs for launch, as its help says', async () => {
  const terminal = createTerminal({ home: folder });
  const file = path.join(folder, 'no-host');
  await writeFile(file, '');
  expect(await run(['launch', '--server', 'nope', '--ssh-config', file], terminal.io, '1')).toBe(1);
  const line = 'serve Qwen/Qwen2.5-Coder-32B-Instruct --server nope --tensor-parallel-size 8\n';
  expect(terminal.err()).toContain(line);
});

describe('options', () => {
  it('that change nothing for a command are taken all the same', async () => {
    const terminal = createTerminal({ home: folder });
    const file = path.join(folder, 'none');
    await writeFile(file, '');
    expect(
      await run(
        ['list-hosts', '--limit', '3', '--timeout', '2', '--json', '--ssh-config', file],
        terminal.io,
        '1',
      ),
    ).toBe(0);
  });

  it('take each port once', () => {
    expect(parsePorts('8000, 8001,8000')).toEqual([8000, 8001]);
  });
});
