/** Ports of this computer that accept and never answer, beside all that must not wait for them. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { defaultSettings, type Settings } from '#common/settings.ts';
import { readSettings } from '#common/settings-reading.ts';
import { listListening } from '#engine/this-computer/listening.ts';
import { run } from '../../../main/cli/program.ts';
import { bundleForNode } from '../../support/bundle.ts';
import { httpServer, vllm } from '../../support/model-servers.ts';
import { createTerminal } from '../../support/terminal.ts';
import { startProgram } from './program.ts';
import {
  freePorts,
  programsAvailable,
  type Surroundings,
  serversAt,
  startSurroundings,
} from './surroundings.ts';

/** Longer than a test may take: whoever waits for it fails. */
const endless = { ...defaultSettings.timeouts, httpMs: 60_000 };

describe.skipIf(!programsAvailable())('beside a port that never answers', () => {
  let place: Surroundings;
  let folder: string;

  beforeAll(async () => {
    place = await startSurroundings([{ alias: 'lab' }]);
    folder = await mkdtemp(join(tmpdir(), 'vt-hung-'));
  });
  afterEach(async () => {
    await place.tmux('kill-server').catch(() => undefined);
  });
  afterAll(async () => {
    await place?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function command(args: readonly string[], timeouts: Settings['timeouts'] = endless) {
    const terminal = createTerminal({ home: place.home, env: { TMUX_TMPDIR: place.home } });
    const stored = { settings: { ...readSettings(undefined).settings, timeouts }, problems: [], folder };
    const io = { ...terminal.io, storedSettings: () => stored };
    const code = await run([...args, '--ssh-config', place.configPath], io, '1');
    return { code, out: terminal.out(), err: terminal.err() };
  }

  const newSession = (name: string, ...words: readonly string[]) =>
    place.tmux('new-session', '-d', '-s', name, '--', ...words);

  /** A session with a forward to that port, once it accepts, and one whose forward is dead. */
  async function openSessions(remote: number): Promise<{ readonly alive: string; readonly dead: string }> {
    const [local = 0, gone = 0] = await freePorts(2);
    const [alive, dead] = [`vllmctl_lab_${remote}_${local}`, `vllmctl_lab_${remote}_${gone}`];
    await newSession(alive, 'ssh', '-F', place.configPath, '-N', '-L', `${local}:localhost:${remote}`, 'lab');
    await newSession(dead, 'sleep', '600');
    // Before it listens, the ssh of a session may still be logging in, and its state is not known either.
    const listens = async () => (await listListening(place.env))?.some(({ port }) => port === local);
    await expect.poll(listens, { timeout: 20_000 }).toBe(true);
    const engine = await place.createEngine();
    await expect
      .poll(
        async () => {
          await engine.lookAround({ only: () => true, ask: 'listens' });
          return engine.snapshot().otherForwards.forwards.map(({ id, state }) => [id, state.kind]);
        },
        { timeout: 20_000 },
      )
      .toEqual(
        expect.arrayContaining([
          [`tmux ${alive}`, 'unknown'],
          [`tmux ${dead}`, 'dead'],
        ]),
      );
    return { alive, dead };
  }

  it('tmux-forwards asks the ports of the sessions alone', async () => {
    const silent = await startProgram('silent', defaultSettings.localPorts.from);
    const { alive, dead } = await openSessions(await httpServer(vllm('org/model')));
    const { code, out } = await command(['tmux-forwards', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out).sessions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ session: alive, model: 'org/model', status: 'answering' }),
        expect.objectContaining({ session: dead, status: 'dead' }),
      ]),
    );
    expect(await silent.asked()).toEqual([]);
  });

  it('clean-tmux-forwards finds the dead sessions and asks nothing, also of sessions whose host is away', async () => {
    const silent = await startProgram('silent', defaultSettings.localPorts.from);
    const away = await startProgram('silent', 0);
    const { alive, dead } = await openSessions(away.port);
    const { code, out } = await command(['clean-tmux-forwards', '--yes', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out).sessions).toMatchObject([{ session: dead, status: 'killed' }]);
    expect(await place.sessions()).toEqual([alive]);
    expect([await silent.asked(), await away.asked()]).toEqual([[], []]);
  });

  it('kill-tmux asks the port of its session alone', async () => {
    const away = await startProgram('silent', 0);
    const { alive, dead } = await openSessions(away.port);
    expect(await command(['kill-tmux', dead, '--json'])).toMatchObject({ code: 0, err: '' });
    expect(await place.sessions()).toEqual([alive]);
    expect(await away.asked()).toEqual([]);
  });

  it('a tmux session is opened', async () => {
    const silent = await startProgram('silent', 0);
    const engine = await place.createEngine({
      timeouts: endless,
      modelPorts: { extra: [silent.port], skip: [] },
    });
    const remotePort = await httpServer(vllm('org/model'));
    const [localPort = 0] = await freePorts(1);
    const opened = await engine.handlers['tmux.open']({ hostId: 'lab', remotePort, localPort });
    expect(opened).toMatchObject({ models: ['org/model'], state: { kind: 'answering' } });
    await engine.handlers['otherForwards.kill']({ id: opened.id });
    expect(await place.sessions()).toEqual([]);
    expect(await silent.asked()).toEqual([]);
  });

  /** `list-local` on a terminal, with these ports among those that are asked. */
  function listLocal(extra: readonly number[], timeouts: Settings['timeouts']) {
    const terminal = createTerminal({
      home: place.home,
      env: { TMUX_TMPDIR: place.home, NO_COLOR: '1' },
      size: { columns: 100, rows: 30 },
    });
    const settings = {
      ...readSettings(undefined).settings,
      timeouts,
      modelPorts: { extra: [...extra], skip: [] },
    };
    const io = { ...terminal.io, storedSettings: () => ({ settings, problems: [], folder }) };
    return { terminal, code: run(['list-local', '--ssh-config', place.configPath], io, '1') };
  }

  it('list-local shows the others meanwhile, names the one it waits for, and ends at once when interrupted', async () => {
    const silent = await startProgram('silent', 0);
    const model = await startProgram('llama-server', 21_700);
    const { terminal, code } = listLocal([silent.port, model.port], endless);
    const row = new RegExp(`^ *${model.port} .*\\bUp$`, 'm');
    await expect
      .poll(() => terminal.out().split('\u001b[J').at(-1)?.replaceAll('\r', ''), { timeout: 20_000 })
      .toMatch(new RegExp(`${row.source}[sS]*\nWaiting for .*port ${silent.port} \\(`, 'm'));
    terminal.interrupt();
    expect(await code).toBe(130);
    // What was drawn is gone, and nothing is left of it.
    expect(terminal.out().split('\u001b[J').at(-1)).toBe('');
  });

  it('list-local names it at the end, and prints a table as ever', async () => {
    const silent = await startProgram('silent', 0);
    const model = await startProgram('llama-server', 21_700);
    const { terminal, code } = listLocal([silent.port, model.port], { ...endless, httpMs: 1000 });
    expect(await code).toBe(0);
    const printed = terminal.out().split('\u001b[J').at(-1);
    expect(printed).toMatch(/^ *PORT +MODEL/);
    expect(printed).toMatch(new RegExp(`^ *${model.port} `, 'm'));
    expect(printed).not.toContain('Waiting');
    expect(terminal.err()).toMatch(new RegExp(`^No answer within 1 s: .*port ${silent.port} \\(`));
  });

  it('every other server is shown as soon as it answers, and other looks go on', async () => {
    const silent = await startProgram('silent', 0);
    const model = await startProgram('llama-server', 21_700);
    const extra = [silent.port, model.port];
    const engine = await place.createEngine({ timeouts: endless, modelPorts: { extra, skip: [] } });
    let isOver = false;
    const looking = Promise.resolve(engine.handlers['localServers.refresh']({})).then(() => {
      isOver = true;
    });
    await expect.poll(() => serversAt(engine, [model.port]), { timeout: 20_000 }).toHaveLength(1);
    await engine.handlers['otherForwards.clean']({});
    expect(isOver).toBe(false);
    await engine.dispose();
    await looking;
  });

  it("the forward of another copy of the app is its host's, whether or not that answers", async () => {
    const model = await httpServer(vllm('org/model'));
    const away = await startProgram('silent', 0);
    const program = join(folder, 'copy.mjs');
    await bundleForNode(copyProgram, program);
    const child = spawn(process.execPath, [program, folder, place.configPath, `${model}`, `${away.port}`], {
      env: place.env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(async () => {
      child.stdin.end();
      await once(child, 'close');
    });
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
    const [answering, silent] = JSON.parse(String(line)) as readonly number[];
    const { code, out, err } = await command(['list-local', '--json'], { ...endless, httpMs: 500 });
    expect([code, err]).toEqual([0, '']);
    const rows = JSON.parse(out).servers.filter(({ localPort }: { localPort: number }) =>
      [answering, silent].includes(localPort),
    );
    const common = { status: 'forwarded', alias: 'lab', tmuxSession: null };
    expect(rows).toEqual(
      expect.arrayContaining([
        { ...common, localPort: answering, model: 'org/model', remotePort: model },
        { ...common, localPort: silent, model: null, remotePort: away.port },
      ]),
    );
    const table = await command(['list-local'], { ...endless, httpMs: 500 });
    expect(table.out).toMatch(
      new RegExp(`${answering} +org/model +vllm +lab:${model} +another copy of this app \\(${child.pid}\\)`),
    );
    expect(table.out).not.toMatch(/\bnode\b/);
  });
});

/** An engine with forwards to these ports of `lab`; prints their local ports and ends with its input. */
const copyProgram = `
  import { defaultSettings } from './main/common/settings.ts';
  import { createEngine } from './main/engine/engine.ts';
  const [dataFolder, path, ...ports] = process.argv.slice(2);
  const engine = createEngine({
    source: { kind: 'ssh-config', path, configFile: path },
    sshConfigPath: path,
    settings: defaultSettings,
    log: () => undefined,
    home: process.env.HOME,
    env: process.env,
    dataFolder,
  });
  await engine.loadHosts();
  const local = [];
  for (const port of ports)
    local.push((await engine.handlers['forward.open']({ hostId: 'lab', remotePort: Number(port) })).localPort);
  console.log(JSON.stringify(local));
  process.stdin.resume();
  process.stdin.once('end', () => engine.dispose());
`;
