/** The commands of the terminal face about this computer, over real tmux sessions and a real sshd. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../../main/cli/program.ts';
import { httpServer, vllm } from '../../support/model-servers.ts';
import { createTerminal, type Terminal } from '../../support/terminal.ts';
import {
  freePorts,
  programsAvailable,
  type Surroundings,
  startSurroundings,
} from '../this-computer/surroundings.ts';

const available = programsAvailable();

describe.skipIf(!available)('the commands about this computer', () => {
  let place: Surroundings;
  let local: number;
  let gone: number;

  beforeAll(async () => {
    place = await startSurroundings([{ alias: 'lab' }]);
  });
  beforeEach(async () => {
    [local = 0, gone = 0] = await freePorts(2);
  });
  afterEach(async () => {
    await place.tmux('kill-server').catch(() => undefined);
  });
  afterAll(async () => {
    await place?.stop();
  });

  const open = (isTerminal: boolean): Terminal =>
    createTerminal({
      home: place.home,
      env: { TMUX_TMPDIR: place.home, NO_COLOR: '1' },
      ...(isTerminal && { size: { columns: 160, rows: 30 } }),
    });
  const start = (terminal: Terminal, ...args: readonly string[]) =>
    run([...args, '--ssh-config', place.configPath], terminal.io, '1');

  async function finish(...args: readonly string[]) {
    const terminal = open(false);
    const code = await start(terminal, ...args);
    return { code, out: terminal.out(), err: terminal.err() };
  }

  /** What is printed of sessions, and of servers at these ports: other people's may be there too. */
  async function printed(...args: readonly string[]) {
    const { code, out } = await finish(...args, '--json');
    expect(code).toBe(0);
    expect(out.endsWith('}\n')).toBe(true);
    return JSON.parse(out);
  }

  async function openSessions(): Promise<{
    readonly alive: string;
    readonly dead: string;
    readonly remote: number;
  }> {
    const remote = await httpServer(vllm('org/model'));
    const [alive, dead] = [`vllmctl_lab_${remote}_${local}`, `vllmctl_lab_${remote}_${gone}`];
    const ssh = ['ssh', '-F', place.configPath, '-N', '-L', `${local}:localhost:${remote}`, 'lab'];
    await place.tmux('new-session', '-d', '-s', alive, '--', ...ssh);
    await place.tmux('new-session', '-d', '-s', dead, '--', 'sleep', '600');
    const states = async (): Promise<readonly string[]> =>
      (await printed('tmux-forwards')).sessions.map(({ status }: { status: string }) => status).sort();
    await expect.poll(states, { timeout: 20_000 }).toEqual(['answering', 'dead']);
    return { alive, dead, remote };
  }

  it('print the models and sessions, as JSON and as tables', async () => {
    const { alive, dead, remote } = await openSessions();
    const common = { alias: 'lab', remotePort: remote };
    expect(await printed('tmux-forwards')).toEqual({
      sessions: [
        { session: alive, ...common, localPort: local, model: 'org/model', status: 'answering' },
        { session: dead, ...common, localPort: gone, model: null, status: 'dead' },
      ].sort((a, b) => (a.session < b.session ? -1 : 1)),
    });
    const { servers } = await printed('list-local', '--timeout', '1');
    expect(
      servers.filter(({ localPort }: { localPort: number }) => [local, gone].includes(localPort)),
    ).toEqual([
      {
        localPort: local,
        model: 'org/model',
        status: 'tmux',
        ...common,
        tmuxSession: alive,
      },
    ]);
    const sessions = await finish('tmux-forwards');
    expect(sessions.out).toMatch(/^HELD BY +HOST +REMOTE +LOCAL +MODEL +STATE\n/);
    expect(sessions.out).toMatch(
      new RegExp(`tmux ${alive} +lab +${remote} +${local} +org/model +Answering\n`),
    );
    expect(sessions.out).toMatch(
      new RegExp(`tmux ${dead} +lab +${remote} +${gone} +Dead: Nothing listens on its local port\n`),
    );
    const models = await finish('list-local', '--timeout', '1');
    expect(models.out).toMatch(new RegExp(`${local} +org/model +vllm +lab:${remote} +tmux ${alive} +Up\n`));
    expect([sessions.err, models.err]).toEqual(['', '']);
  });

  it('end dead sessions after a yes, and none without', async () => {
    const { alive, dead } = await openSessions();
    const refused = await finish('clean-tmux-forwards');
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toMatch(new RegExp(`^${dead}: Nothing listens on its local port\n.*--yes`, 's'));
    for (const [keys, code] of [
      ['\r', 0],
      ['n\r', 0],
      ['\u0003', 130],
    ] as const) {
      const terminal = open(true);
      const ended = start(terminal, 'clean-tmux-forwards');
      await vi.waitFor(() => expect(terminal.keyboard().listeners).toBe(1), { timeout: 20_000 });
      expect(terminal.err()).toContain('End this session? [y/N] ');
      terminal.press(keys);
      expect(await ended).toBe(code);
      expect(terminal.out()).toBe('');
    }
    expect(await place.sessions()).toHaveLength(2);
    const terminal = open(true);
    const ended = start(terminal, 'clean-tmux-forwards');
    await vi.waitFor(() => expect(terminal.keyboard().listeners).toBe(1), { timeout: 20_000 });
    terminal.press('y\r');
    expect(await ended).toBe(0);
    expect(terminal.out()).toBe(`Ended ${dead}.\n`);
    expect(await place.sessions()).toEqual([alive]);
  });

  it('end them with --yes, and say in JSON which', async () => {
    const { alive, dead } = await openSessions();
    const { sessions } = await printed('clean-tmux-forwards', '--yes');
    expect(sessions).toMatchObject([{ session: dead, alias: 'lab', localPort: gone, status: 'killed' }]);
    expect(await printed('clean-tmux-forwards', '--yes')).toEqual({ sessions: [] });
    expect(await place.sessions()).toEqual([alive]);
  });

  it('end those whose model does not answer with --no-model alone, and say so', async () => {
    const { alive, dead } = await openSessions();
    await place.tmux('kill-session', '-t', `=${dead}`);
    // Something listens at its far end, and it is no model server.
    const remote = await httpServer((_request, response) => response.end('hello'));
    const quiet = `vllmctl_lab_${remote}_${gone}`;
    const ssh = ['ssh', '-F', place.configPath, '-N', '-L', `${gone}:localhost:${remote}`, 'lab'];
    await place.tmux('new-session', '-d', '-s', quiet, '--', ...ssh);
    const state = async () =>
      (await printed('tmux-forwards')).sessions.find((one: { session: string }) => one.session === quiet)
        ?.status;
    await expect.poll(state, { timeout: 20_000 }).toBe('no-model');
    const usual = await finish('clean-tmux-forwards', '--yes');
    expect(usual).toMatchObject({ code: 0, out: '' });
    expect(usual.err).toContain('With --no-model,');
    const refused = await finish('clean-tmux-forwards', '--no-model');
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toMatch(new RegExp(`^${quiet}: .*--yes`, 's'));
    expect(await place.sessions()).toHaveLength(2);
    const { sessions } = await printed('clean-tmux-forwards', '--no-model', '--yes');
    expect(sessions).toMatchObject([{ session: quiet, status: 'killed' }]);
    expect(await place.sessions()).toEqual([alive]);
  });

  it('take the prefix of other names, and name those that say no ports', async () => {
    const { alive, dead } = await openSessions();
    const named = dead.replace('vllmctl_', 'my-');
    await place.tmux('rename-session', '-t', `=${dead}`, named);
    await place.tmux('new-session', '-d', '-s', 'my-notes', '--', 'sleep', '600');
    const { sessions } = await printed('tmux-forwards', '--tmux-prefix', 'my-');
    expect(sessions).toMatchObject([{ session: named, alias: 'lab', localPort: gone, status: 'dead' }]);
    const shown = await finish('tmux-forwards', '--tmux-prefix', 'my-');
    expect(shown.out).toContain('No forward by its name (my-HOST_PORT_PORT): my-notes\n');
    expect((await printed('clean-tmux-forwards', '--yes')).sessions).toEqual([]);
    expect((await printed('clean-tmux-forwards', '--yes', '--tmux-prefix', 'my-')).sessions).toMatchObject([
      { session: named, status: 'killed' },
    ]);
    expect([...(await place.sessions())].sort()).toEqual(['my-notes', alive]);
  });

  it('end the session of a name, and no other one', async () => {
    const { alive, dead } = await openSessions();
    await place.tmux('new-session', '-d', '-s', 'work', '--', 'sleep', '600');
    for (const name of ['work', alive.slice(0, -1), 'vllmctl_*'])
      expect(await finish('kill-tmux', name)).toMatchObject({ code: 1, out: '' });
    expect(await place.sessions()).toHaveLength(3);
    const { sessions } = await printed('kill-tmux', alive);
    expect(sessions).toMatchObject([{ session: alive, model: 'org/model', status: 'killed' }]);
    expect([...(await place.sessions())].sort()).toEqual([dead, 'work'].sort());
    const other = await finish('kill-tmux', 'work');
    expect(other.err).toBe(
      'The tmux session work holds no forward, and only those that do are ended. With --any it is ended too.\n',
    );
    expect((await finish('kill-tmux', 'wrok')).err).toBe(
      'There is no tmux session wrok. Did you mean work?\n',
    );
    expect((await finish('attach-tmux', 'wrok')).err).toContain('Did you mean work?');
    expect((await printed('kill-tmux', 'work', '--any')).sessions).toEqual([
      { session: 'work', alias: null, remotePort: null, localPort: null, model: null, status: 'killed' },
    ]);
    expect(await place.sessions()).toEqual([dead]);
  });
});
