/** A tmux session, a plain ssh and a forward of this app to one real sshd: each is found once, and for what it is. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpServer, vllm } from '../../support/model-servers.ts';
import {
  freePorts,
  lookFor,
  programsAvailable,
  type Surroundings,
  serversAt,
  startSurroundings,
} from './surroundings.ts';

const available = programsAvailable();

describe.skipIf(!available)('forwards side by side', () => {
  let place: Surroundings;

  beforeAll(async () => {
    place = await startSurroundings([{ alias: 'lab.one' }, { alias: 'other', options: { User: 'nobody' } }]);
  });
  afterAll(async () => {
    await place?.stop();
  });

  it('are found, told apart, and ended one by one', async () => {
    const remote = await httpServer(vllm('org/model'));
    const [inTmux = 0, plain = 0, own = 0] = await freePorts(3);
    const ports = [inTmux, plain, own];
    const engine = await place.createEngine({ modelPorts: { extra: [remote], skip: [] } });
    const session = `vllmctl_lab_one_${remote}_${inTmux}`;
    // As vllmctl starts it: one command line for a shell.
    await place.tmux(
      'new-session',
      '-d',
      '-s',
      `vllmctl_lab.one_${remote}_${inTmux}`,
      `ssh -F ${place.configPath} -N -L ${inTmux}:localhost:${remote} lab.one`,
    );
    await place.ssh('-fNL', `127.0.0.1:${plain}:127.0.0.1:${remote}`, 'lab.one');
    await engine.scan(['lab.one']);
    const forward = await engine.handlers['forward.open']({
      hostId: 'lab.one',
      remotePort: remote,
      localPort: own,
    });

    await expect
      .poll(async () => (await lookFor(engine, ports)).map(({ state }) => state.kind))
      .toEqual(['answering', 'answering']);
    const found = await lookFor(engine, ports);
    const [pid = 0] = await place.pidsOf(`-fNL 127.0.0.1:${plain}`);
    expect(found).toEqual([
      {
        id: `tmux ${session}`,
        owner: { kind: 'tmux', session },
        destination: 'lab.one',
        hostId: 'lab.one',
        localAddress: 'localhost',
        localPort: inTmux,
        remoteAddress: 'localhost',
        remotePort: remote,
        models: ['org/model'],
        state: { kind: 'answering' },
      },
      {
        id: `ssh ${pid} ${plain}`,
        owner: {
          kind: 'ssh',
          pid,
          command: expect.stringContaining(`-fNL 127.0.0.1:${plain}:127.0.0.1:${remote} lab.one`),
          startedAt: expect.any(Number),
        },
        destination: 'lab.one',
        hostId: 'lab.one',
        localAddress: '127.0.0.1',
        localPort: plain,
        remoteAddress: '127.0.0.1',
        remotePort: remote,
        models: ['org/model'],
        state: { kind: 'answering' },
      },
    ]);
    expect(engine.snapshot().otherForwards).toMatchObject({ tmux: 'available', processes: 'available' });
    const servers = serversAt(engine, ports);
    expect(servers.map(({ port, owner }) => [port, owner])).toEqual(
      [
        [inTmux, { kind: 'other-forward', otherForwardId: `tmux ${session}` }] as const,
        [plain, { kind: 'other-forward', otherForwardId: `ssh ${pid} ${plain}` }] as const,
        [own, { kind: 'forward', forwardId: forward.id }] as const,
      ].sort(([a], [b]) => a - b),
    );
    for (const server of servers)
      expect(server).toMatchObject({
        engine: 'vllm',
        version: '0.8.4',
        models: ['org/model'],
        state: { kind: 'up' },
      });

    await engine.handlers['otherForwards.kill']({ id: `ssh ${pid} ${plain}` });
    expect(await place.pidsOf(`-fNL 127.0.0.1:${plain}`)).toEqual([]);
    const left = engine.snapshot();
    expect(left.otherForwards.forwards.filter(({ localPort }) => ports.includes(localPort))).toMatchObject([
      { id: `tmux ${session}`, state: { kind: 'answering' } },
    ]);
    expect(left.forwards).toMatchObject([{ id: forward.id, state: { kind: 'listening' } }]);
    await engine.handlers['otherForwards.kill']({ id: `tmux ${session}` });
    expect(await place.sessions()).toEqual([]);
    expect(await place.pidsOf(`-L ${inTmux}:`)).toEqual([]);
    await expect(engine.handlers['otherForwards.kill']({ id: `tmux ${session}` })).rejects.toMatchObject({
      code: 'not-found',
    });
    const listed = await fetch(`http://127.0.0.1:${own}/v1/models`, { headers: { connection: 'close' } });
    expect(await listed.json()).toMatchObject({ data: [{ id: 'org/model' }] });
  });
});
