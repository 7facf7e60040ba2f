/** What is ended, and what never is: real tmux sessions and real processes. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Engine } from '#engine/engine.ts';
import { httpServer, vllm } from '../../support/model-servers.ts';
import {
  freePorts,
  lookFor,
  programsAvailable,
  type Surroundings,
  startSurroundings,
} from './surroundings.ts';

const available = programsAvailable();

describe.skipIf(!available)('ending forwards of others', () => {
  let place: Surroundings;
  let engine: Engine;

  beforeAll(async () => {
    place = await startSurroundings([{ alias: 'lab' }]);
    engine = await place.createEngine();
  });
  afterAll(async () => {
    await place?.stop();
  });

  /** A program that listens and is none of ours: what a dead session's port may have become. */
  async function listener(port: number): Promise<number> {
    const script = `require('net').createServer((socket) => socket.end()).listen(${port}, '127.0.0.1', () => console.log('on'))`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(async () => {
      child.kill();
      await once(child, 'close');
    });
    await once(child.stdout, 'data');
    return child.pid ?? 0;
  }

  const newSession = (name: string, ...command: readonly string[]) =>
    place.tmux('new-session', '-d', '-s', name, '--', ...command);

  it('cleans the sessions that are dead, says why, and leaves everything else alone', async () => {
    const remote = await httpServer(vllm('org/model'));
    const [alive = 0, gone = 0, taken = 0, silent = 0] = await freePorts(4);
    const thief = await listener(taken);
    const forward = (local: number, port: number) =>
      ['ssh', '-F', place.configPath, '-N', '-L', `${local}:localhost:${port}`, 'lab'] as const;
    await newSession(`vllmctl_lab_${remote}_${alive}`, ...forward(alive, remote));
    await newSession(`vllmctl_lab_1_${silent}`, ...forward(silent, 1));
    await newSession(`vllmctl_lab_${remote}_${gone}`, 'sleep', '600');
    await newSession(`vllmctl_lab_${remote}_${taken}`, 'sleep', '600');
    await newSession('work', 'sleep', '600');
    await newSession('vllmctl_notes', 'sleep', '600');
    const ports = [alive, gone, taken, silent];
    const states = async () =>
      Object.fromEntries((await lookFor(engine, ports)).map(({ localPort, state }) => [localPort, state]));
    await expect.poll(states, { timeout: 20_000 }).toMatchObject({
      [alive]: { kind: 'answering' },
      [silent]: { kind: 'no-model', failure: { code: 'target-refused' } },
      [gone]: { kind: 'dead', failure: { code: 'forward-dead' } },
      [taken]: {
        kind: 'dead',
        failure: { code: 'port-in-use', detail: expect.stringContaining(`(${thief})`) },
      },
    });
    const ids = [`tmux vllmctl_lab_${remote}_${gone}`, `tmux vllmctl_lab_${remote}_${alive}`];
    expect(await engine.handlers['otherForwards.clean']({ ids })).toEqual([
      {
        id: ids[0],
        session: `vllmctl_lab_${remote}_${gone}`,
        reason: 'Nothing listens on its local port',
      },
    ]);
    expect(await engine.handlers['otherForwards.clean']({})).toEqual([
      {
        id: `tmux vllmctl_lab_${remote}_${taken}`,
        session: `vllmctl_lab_${remote}_${taken}`,
        reason: expect.stringMatching(/^The local port is taken by another program \(\S+ \(\d+\)\)$/),
      },
    ]);
    expect([...(await place.sessions())].sort()).toEqual(
      ['vllmctl_notes', 'work', `vllmctl_lab_${remote}_${alive}`, `vllmctl_lab_1_${silent}`].sort(),
    );
    expect(Object.keys(await states())).toEqual([alive, silent].sort((a, b) => a - b).map(String));
    expect(process.kill(thief, 0)).toBe(true);
  });

  it('refuses to end a process that is another program than the one that was shown', async () => {
    const [port = 0] = await freePorts(1);
    // It calls itself ssh, and becomes another program when it reads a line: the same id and the same start.
    const child = spawn(
      'bash',
      ['-c', `exec -a ssh bash -c 'read line; exec sleep 600' -N -L ${port}:localhost:1 lab`],
      { stdio: ['pipe', 'ignore', 'inherit'] },
    );
    onTestFinished(async () => {
      child.kill();
      await once(child, 'close');
    });
    await expect
      .poll(() => lookFor(engine, [port]), { timeout: 20_000 })
      .toMatchObject([{ id: `ssh ${child.pid} ${port}` }]);
    child.stdin.write('\n');
    await expect.poll(() => place.pidsOf(`-L ${port}:`), { timeout: 20_000 }).toEqual([]);
    await expect(
      engine.handlers['otherForwards.kill']({ id: `ssh ${child.pid} ${port}` }),
    ).rejects.toMatchObject({
      code: 'not-found',
      detail: `process ${child.pid} is another program now`,
    });
    expect(process.kill(child.pid ?? 0, 0)).toBe(true);
    expect(await lookFor(engine, [port])).toEqual([]);
  });

  it('says that a process or session has ended meanwhile', async () => {
    const [port = 0] = await freePorts(1);
    await place.ssh('-f', '-N', '-L', `${port}:localhost:1`, 'lab');
    const [found] = await lookFor(engine, [port]);
    const [pid = 0] = await place.pidsOf(`-L ${port}:`);
    process.kill(pid);
    await expect.poll(() => place.pidsOf(`-L ${port}:`), { timeout: 20_000 }).toEqual([]);
    const kill = async (id: string) => engine.handlers['otherForwards.kill']({ id });
    await expect(kill(found?.id ?? '')).rejects.toMatchObject({
      code: 'not-found',
      detail: `process ${pid} has ended`,
    });
    await expect(kill('ssh 1 8000')).rejects.toMatchObject({ code: 'not-found' });
    await newSession(`vllmctl_lab_1_${port}`, 'sleep', '600');
    await lookFor(engine, [port]);
    await place.tmux('kill-session', '-t', `=vllmctl_lab_1_${port}`);
    await expect(kill(`tmux vllmctl_lab_1_${port}`)).rejects.toMatchObject({ code: 'not-found' });
  });
});
