/** The commands of the terminal face over the demo cluster: real SSH, real answers, a terminal that remembers. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { errorsEn } from '#common/words/errors-en.ts';
import { run } from '../../../main/cli/program.ts';
import { textWidth } from '../../../main/cli/text-width.ts';
import { demoHosts } from '../../../main/demo/catalogue.ts';
import { type DemoCluster, startDemoCluster } from '../../../main/demo/cluster.ts';
import { tcpServer } from '../../support/model-servers.ts';
import { freePort } from '../../support/ssh/sshd.ts';
import { createTerminal, type Terminal, type TerminalOptions } from '../../support/terminal.ts';

const aliases = demoHosts.map(({ alias }) => alias);
const named = (kind: string): string => {
  const found = demoHosts.find(({ behaviour }) => behaviour.kind === kind);
  if (found === undefined) throw new Error(`the demo cluster has no host that is ${kind}`);
  return found.alias;
};
const serving = demoHosts.find(
  ({ behaviour, services }) =>
    behaviour.kind === 'normal' &&
    services.some((service) => service.kind === 'vllm' && service.apiKey === null),
);
const service = serving?.services.find((candidate) => candidate.kind === 'vllm');
if (serving === undefined || service?.kind !== 'vllm') throw new Error('the demo cluster serves no model');

let home: string;
let cluster: DemoCluster;
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'vllm-tray-cli-'));
  cluster = await startDemoCluster();
});
afterAll(async () => {
  await cluster?.dispose();
  await rm(home, { recursive: true });
});

const onTerminal = { size: { columns: 100, rows: 30 } };

interface Started {
  readonly terminal: Terminal;
  readonly code: Promise<number>;
}

function start(args: readonly string[], options: Omit<TerminalOptions, 'home'> = {}): Started {
  const terminal = createTerminal({ home, ...options });
  return { terminal, code: run([...args, '--ssh-config', cluster.sshConfigPath], terminal.io, '1') };
}

async function finish(args: readonly string[], options: Omit<TerminalOptions, 'home'> = {}) {
  const { terminal, code } = start(args, options);
  return { code: await code, out: terminal.out(), err: terminal.err() };
}

/** Exactly this host. */
const only = (alias: string): readonly string[] => ['--host-regex', `^${alias}$`];

describe('list-hosts', () => {
  it('prints every host in the order of the configuration, as ssh resolves it', async () => {
    const { code, out, err } = await finish(['list-hosts', '--json']);
    const { hosts } = JSON.parse(out);
    expect(hosts.map(({ alias }: { readonly alias: string }) => alias)).toEqual(aliases);
    expect(hosts[0]).toEqual({
      alias: aliases[0],
      hostname: '127.0.0.1',
      port: expect.any(Number),
      user: 'demo',
    });
    expect(out.endsWith('}\n')).toBe(true);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('prints the hosts of one group, and says where groups come from when there is none', async () => {
    const file = path.join(home, 'grouped');
    const groups = `# group: ours\nHost mine\nHost other\nInclude ${cluster.sshConfigPath}\n`;
    await writeFile(file, groups);
    const list = async (group: string) => {
      const terminal = createTerminal({ home });
      const code = await run(
        ['list-hosts', '--json', '--group', group, '--ssh-config', file],
        terminal.io,
        '1',
      );
      const { hosts } = JSON.parse(terminal.out());
      return {
        code,
        err: terminal.err(),
        hosts: hosts.map(({ alias }: { readonly alias: string }) => alias),
      };
    };
    expect(await list('OURS')).toEqual({ code: 0, err: '', hosts: ['mine'] });
    const included = path.basename(path.dirname(cluster.sshConfigPath));
    expect((await list(included)).hosts).toEqual(aliases);
    expect((await list('nothing')).err).toMatch(
      /^There is no host in the group nothing of .*grouped\. Groups are /,
    );
  });

  it('prints a table for people', async () => {
    const { out } = await finish(['list-hosts', ...only(serving.alias)]);
    expect(out.split('\n')[0]).toMatch(/^HOST +ADDRESS +PORT +USER$/);
    expect(out.split('\n')[1]).toMatch(new RegExp(`^${serving.alias} +127\\.0\\.0\\.1 +\\d+ +demo$`));
  });
});

describe('gpu-idle-top', () => {
  it('prints every host in order: its GPUs, or why there are none', async () => {
    const { code, out, err } = await finish(['gpu-idle-top', '--once', '--json']);
    const { hosts } = JSON.parse(out);
    expect(hosts.map(({ alias }: { readonly alias: string }) => alias)).toEqual(aliases);
    for (const [index, spec] of demoHosts.entries()) {
      const { state, gpus } = hosts[index];
      if (spec.behaviour.kind === 'unreachable')
        expect(state).toMatchObject({ kind: 'unreachable', code: 'connection-refused' });
      else if (spec.behaviour.kind === 'asks-code')
        expect(state).toMatchObject({ kind: 'auth-needed', code: 'auth-interactive' });
      else if (spec.behaviour.kind === 'new-key')
        expect(state).toMatchObject({ kind: 'hostkey-unknown', code: 'hostkey-unknown' });
      else if (spec.gpu === null) expect(state).toMatchObject({ kind: 'no-gpu', code: 'no-gpu-tool' });
      else
        expect({ alias: spec.alias, state, count: gpus.length }).toMatchObject({
          state: { kind: 'up' },
          count: spec.gpuCount,
        });
      if (state.kind !== 'up') expect(state.reason).toMatch(/\w+ \w+/);
    }
    expect(Object.keys(hosts[0].gpus[0])).toEqual([
      'index',
      'uuid',
      'name',
      'utilPct',
      'memUsedMiB',
      'memTotalMiB',
      'idle',
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('draws a bar and colours on a terminal alone', async () => {
    const shown = await finish(['gpu-idle-top', '--once', ...only(serving.alias)], onTerminal);
    expect(shown.err).toMatch(/░ {2,}0 % {2}0 of 1 hosts {2}0:00/);
    expect(shown.err.endsWith('\r\u001b[K')).toBe(true);
    expect(shown.out).toContain('\u001b[2mHOST');
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      const { out } = await finish(['gpu-idle-top', '--once', ...only(serving.alias)], {
        ...onTerminal,
        env,
      });
      expect(out).not.toContain('\u001b');
      for (const line of out.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(100);
    }
    const piped = await finish(['gpu-idle-top', ...only(serving.alias)]);
    expect(piped.out).not.toContain('\u001b');
    expect(piped.err).toBe('');
  });

  it('ends with 3 when nobody answered, and says why', async () => {
    const failing = `^(${named('unreachable')}|${named('asks-code')})$`;
    const { code, out } = await finish(['gpu-idle-top', '--once', '--host-regex', failing]);
    expect(code).toBe(3);
    expect(out).toContain('The host refused the connection');
    expect(out).toContain('Check that sshd runs there');
  });

  it('shows the hosts live until q, and leaves the terminal as it was', async () => {
    const { terminal, code } = start(['gpu-idle-top', ...only(serving.alias)], onTerminal);
    await vi.waitFor(() => expect(terminal.out()).toContain(`${serving.gpuCount} × `));
    expect(terminal.keyboard()).toEqual({ raw: true, listeners: 1 });
    expect(terminal.out().startsWith('\u001b[?1049h\u001b[?25l')).toBe(true);
    terminal.press('q');
    expect(await code).toBe(0);
    expect(terminal.keyboard()).toEqual({ raw: false, listeners: 0 });
    expect(terminal.out().endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
    // What is left after the leaving of the other screen is nothing.
    expect(terminal.out().split('\u001b[?1049h')).toHaveLength(2);
  });

  it('ends live on Ctrl-C as a key and as a signal', async () => {
    for (const end of ['key', 'signal']) {
      const { terminal, code } = start(['gpu-idle-top', ...only(serving.alias)], onTerminal);
      await vi.waitFor(() => expect(terminal.keyboard().listeners).toBe(1));
      if (end === 'key') terminal.press('\u0003');
      else terminal.interrupt();
      await code;
      expect(terminal.out().endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
    }
  });

  it('prints an object a line with --json, again when something changed', async () => {
    const { terminal, code } = start(['gpu-idle-top', '--json', ...only(serving.alias)]);
    await vi.waitFor(() => expect(terminal.out().trimEnd().split('\n').length).toBeGreaterThan(1), {
      timeout: 20_000,
    });
    terminal.interrupt();
    expect(await code).toBe(0);
    for (const line of terminal.out().trimEnd().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ hosts: [{ alias: serving.alias, state: { kind: 'up' } }] });
  });

  it('stops a scan when interrupted, without a result', async () => {
    const before = start(['gpu-idle-top', '--once', '--json']);
    before.terminal.interrupt();
    const during = start(['gpu-idle-top', '--once', '--json', ...only(named('slow'))], onTerminal);
    await vi.waitFor(() => expect(during.terminal.err()).toContain('0 of 1 hosts'));
    during.terminal.interrupt();
    for (const { terminal, code } of [before, during]) {
      expect(await code).toBe(130);
      expect(terminal.out()).toBe('');
    }
  });
});

describe('list-remote', () => {
  const models = () => ({
    port: service.port,
    id: service.model,
    engine: 'vllm',
    version: service.version,
  });

  it('prints the models it finds', async () => {
    const { code, out } = await finish(['list-remote', '--json', ...only(serving.alias)]);
    const { hosts } = JSON.parse(out);
    expect(hosts).toMatchObject([{ alias: serving.alias, state: { kind: 'up' } }]);
    expect(hosts[0].models).toContainEqual(models());
    expect(code).toBe(0);
  });

  it('asks the named ports alone', async () => {
    const ask = async (port: number) => {
      const args = ['list-remote', '--json', '--remote-port', `${port}`, ...only(serving.alias)];
      return JSON.parse((await finish(args)).out).hosts[0].models;
    };
    expect(await ask(service.port)).toContainEqual(models());
    expect(await ask(9)).toEqual([]);
  });

  it('prints a table for people', async () => {
    const { out } = await finish(['list-remote', ...only(serving.alias)]);
    expect(out).toContain(`${serving.alias}  ${service.port}  ${service.model}`);
  });
});

describe('forward', () => {
  const target = [serving.alias, String(service.port)];

  it('says where once it listens, carries requests, and frees the port when interrupted', async () => {
    const { terminal, code } = start(['forward', ...target, '--json']);
    await vi.waitFor(() => expect(terminal.out()).toContain('\n'));
    const { url, localPort, ...rest } = JSON.parse(terminal.out());
    expect(rest).toEqual({ alias: serving.alias, remotePort: service.port });
    expect(url).toBe(`http://localhost:${localPort}`);
    const listing = await fetch(`${url}/v1/models`, { headers: { connection: 'close' } });
    expect(await listing.json()).toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ id: service.model })]),
    });
    terminal.interrupt();
    expect(await code).toBe(0);
    expect(await isOpen(localPort)).toBe(false);
  });

  it('takes the port it is given', async () => {
    const port = await freePort();
    const { terminal, code } = start(['forward', ...target, '--local-port', String(port)]);
    await vi.waitFor(() => expect(terminal.out()).toContain(`http://localhost:${port}`));
    terminal.interrupt();
    expect(await code).toBe(0);
  });

  it('says that nothing listens there, in place of a success, and ends with a failure', async () => {
    for (const json of [[], ['--json']]) {
      const { terminal, code } = start(['forward', serving.alias, '9', ...json]);
      await vi.waitFor(() => expect(terminal.err()).toContain('leads there once it runs'), {
        timeout: 20_000,
      });
      expect(terminal.err()).toContain(
        `${serving.alias}:9 does not answer: Nothing listens on the remote port`,
      );
      terminal.interrupt();
      expect(await code).toBe(1);
      const keys = json.length === 0 ? null : Object.keys(JSON.parse(terminal.out()));
      expect(keys ?? terminal.out()).toEqual(
        json.length === 0 ? '' : ['alias', 'remotePort', 'localPort', 'url'],
      );
    }
  });

  it('says what failed and what to do', async () => {
    const port = await tcpServer(() => undefined);
    const taken = await finish(['forward', ...target, '--local-port', String(port)]);
    expect(taken.code).toBe(1);
    expect(taken.err).toContain('The local port is taken by another program');
    expect(taken.err).toContain(errorsEn['port-in-use'].hint);
    expect(taken.out).toBe('');

    const unknown = await finish(['forward', 'no-such-host', '8000']);
    expect(unknown.code).toBe(1);
    expect(unknown.err).toContain('no-such-host');

    const away = await finish(['forward', named('unreachable'), '8000']);
    expect(away.code).toBe(3);
    expect(away.err).toContain('The host refused the connection');

    const keyless = await finish(['forward', named('asks-code'), '8000']);
    expect(keyless.code).toBe(3);
    expect(keyless.err).toContain(errorsEn['auth-interactive'].hint);
  });

  it('opens several, says each that fails, and holds the others', async () => {
    const whole = `${serving.alias}:${service.port}`;
    const args = ['forward', whole, 'no-such-host:8000', `${named('unreachable')}:8000`, '--json'];
    const { terminal, code } = start(args);
    await vi.waitFor(() => expect(terminal.out()).toContain('\n'), { timeout: 20_000 });
    const { forwards } = JSON.parse(terminal.out());
    expect(forwards).toEqual([
      {
        alias: serving.alias,
        remotePort: service.port,
        localPort: expect.any(Number),
        url: expect.stringContaining('http://localhost:'),
      },
    ]);
    expect(terminal.err()).toContain('There is no host no-such-host');
    expect(terminal.err()).toContain(`${named('unreachable')}:8000: The host refused the connection`);
    expect((await fetch(`${forwards[0].url}/v1/models`, { headers: { connection: 'close' } })).status).toBe(
      200,
    );
    terminal.interrupt();
    expect(await code).toBe(0);
  });

  it('of several of which none opens, tells hosts that do not answer from all else', async () => {
    const away = `${named('unreachable')}:8000`;
    const none = await finish(['forward', away, `${named('asks-code')}:8000`, '--json']);
    expect([none.code, none.out]).toEqual([3, '{"forwards":[]}\n']);
    expect((await finish(['forward', away, 'no-such-host:8000'])).code).toBe(1);
  });

  it('can be given up while it opens', async () => {
    const { terminal, code } = start(['forward', named('slow'), '8000']);
    terminal.interrupt();
    expect(await code).toBe(130);
    expect(terminal.out()).toBe('');
  });
});

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
