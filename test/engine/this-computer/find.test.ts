/** Where forwards of others lead, as the configuration and the command line say it together. */

import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isOpenToNetwork } from '#common/other-forwards.ts';
import type { Engine } from '#engine/engine.ts';
import { httpServer, vllm } from '../../support/model-servers.ts';
import { writeSshConfig } from '../../support/ssh/sshd.ts';
import {
  freePorts,
  lookFor,
  programsAvailable,
  type Surroundings,
  startSurroundings,
} from './surroundings.ts';

const available = programsAvailable();

describe.skipIf(!available)('the forwards of ssh processes', () => {
  let place: Surroundings;
  let engine: Engine;
  let remote: number;
  let configured: number;

  beforeAll(async () => {
    [configured = 0] = await freePorts(1);
    place = await startSurroundings([
      { alias: 'lab' },
      { alias: 'behind' },
      { alias: 'with-forward', options: { Port: 2, LocalForward: `${configured} localhost:1` } },
    ]);
    engine = await place.createEngine();
  });
  afterAll(async () => {
    await place?.stop();
  });

  it('that the configuration adds are there too, and belong to the process that has got the port', async () => {
    remote = await httpServer(vllm('org/model'));
    const options = { ...place.sshd.hostOptions(), LocalForward: `${configured} localhost:${remote}` };
    const otherConfig = await writeSshConfig(place.sshd.dir, [{ alias: 'with-forward', options }]);
    await place.ssh('-F', otherConfig, '-f', '-N', 'with-forward');
    await place.ssh('-F', otherConfig, '-f', '-N', 'with-forward');
    // The other configuration means the same place by another name.
    await engine.resolveHosts();
    expect(await lookFor(engine, [configured])).toMatchObject([
      {
        destination: 'lab',
        hostId: 'lab',
        localAddress: 'localhost',
        models: ['org/model'],
        state: { kind: 'answering' },
      },
    ]);
  });

  it('that are written otherwise lead to the same host, and others to none', async () => {
    const { user, port } = engine.snapshot().hosts[0]?.endpoint ?? {};
    const key = [
      '-o',
      `UserKnownHostsFile=${place.sshd.knownHostsPath}`,
      '-i',
      place.sshd.clientKeyPath,
    ] as const;
    const [one = 0, two = 0, three = 0] = await freePorts(3);
    await place.ssh(
      '-f',
      '-N',
      ...key,
      '-p',
      `${port}`,
      `-oLocalForward=${one} localhost:1`,
      `${user}@127.0.0.1`,
    );
    await place.ssh(
      '-f',
      '-N',
      '-L',
      `[::1]:${two}:[::1]:1`,
      'lab',
      '-o',
      `LocalForward ${three} localhost:1`,
    );
    const found = await lookFor(engine, [one, two, three]);
    expect(
      found.map(({ localPort, hostId, localAddress, remoteAddress }) => ({
        localPort,
        hostId,
        localAddress,
        remoteAddress,
      })),
    ).toEqual(
      expect.arrayContaining([
        { localPort: one, hostId: 'lab', localAddress: 'localhost', remoteAddress: 'localhost' },
        { localPort: two, hostId: 'lab', localAddress: '::1', remoteAddress: '::1' },
        { localPort: three, hostId: 'lab', localAddress: 'localhost', remoteAddress: 'localhost' },
      ]),
    );
    expect(found).toHaveLength(3);
    for (const { state } of found)
      expect(state).toMatchObject({ kind: 'no-model', failure: { code: 'target-refused' } });
  });

  it('that other computers may use are told from those that they may not', async () => {
    const ports = await freePorts(7);
    const [flag = 0, option = 0, any = 0, local = 0, both = 0, wide = 0, plain = 0] = ports;
    const options = { ...place.sshd.hostOptions(), GatewayPorts: 'yes' };
    const gateway = await writeSshConfig(place.sshd.dir, [{ alias: 'gateway', options }]);
    const [at, to] = ['-fNL', 'localhost:1'];
    await place.ssh('-g', at, `${flag}:${to}`, 'lab');
    await place.ssh('-o', 'GatewayPorts=yes', at, `${option}:${to}`, 'lab');
    await place.ssh(at, `0.0.0.0:${any}:${to}`, 'lab');
    await place.ssh('-g', at, `localhost:${local}:${to}`, 'lab');
    await place.ssh(at, `[::1]:${both}:${to}`, '-L', `0.0.0.0:${both}:${to}`, 'lab');
    await place.ssh('-F', gateway, at, `${wide}:${to}`, 'gateway');
    await place.ssh(at, `${plain}:${to}`, 'lab');
    const open = (await lookFor(engine, ports)).filter(isOpenToNetwork).map(({ localPort }) => localPort);
    expect([...open].sort()).toEqual([flag, option, any, both, wide].sort());
    // As the system itself has it.
    const listening = spawnSync('ss', ['-H', '-ltn'], { encoding: 'utf8' }).stdout ?? '';
    const bound = ports.filter((port) =>
      new RegExp(`(?:\\*|0\\.0\\.0\\.0|\\[::\\]):${port}\\s`).test(listening),
    );
    if (listening !== '') expect(bound.sort()).toEqual([...open].sort());
  });

  it('are not those of jump hosts, of streams, and of clients that clear them', async () => {
    const [cleared = 0, jumped = 0] = await freePorts(2);
    await place.ssh('-f', '-N', '-o', 'ClearAllForwardings=yes', '-L', `${cleared}:localhost:1`, 'lab');
    await place.ssh('-f', '-N', '-J', 'lab', '-L', `${jumped}:localhost:1`, 'behind');
    // The ssh to the jump host is a process of its own.
    expect(await place.pidsOf(`-F ${place.configPath} -W`)).toHaveLength(1);
    expect(await lookFor(engine, [cleared, jumped])).toMatchObject([{ localPort: jumped, hostId: 'behind' }]);
    const [stream = 0] = await place.pidsOf(`-F ${place.configPath} -W`);
    const { forwards } = engine.snapshot().otherForwards;
    expect(forwards.filter(({ owner }) => owner.kind === 'ssh' && owner.pid === stream)).toEqual([]);
  });
});
