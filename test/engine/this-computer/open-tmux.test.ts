/** Forwards that outlive the app, in real tmux sessions to a real sshd. */

import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { AppError } from '#common/failure.ts';
import { attachCommand } from '#common/other-forwards.ts';
import { emptySnapshot } from '#common/reduce.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { createResolver } from '#engine/ssh/config/resolve.ts';
import { createStore } from '#engine/store.ts';
import { createThisComputer } from '#engine/this-computer/this-computer.ts';
import { httpServer, vllm } from '../../support/model-servers.ts';
import { aHost } from '../../support/samples.ts';
import {
  freePorts,
  lookFor,
  programsAvailable,
  type Surroundings,
  startSurroundings,
} from './surroundings.ts';

const available = programsAvailable();

/** Aliases that a shell, ssh or tmux would take for more than a name. */
const marker = 'made-by-a-name';
const strange = [
  '=x',
  `a b;touch ${marker};`,
  `x#(touch ${marker})`,
  `$(touch ${marker})'`,
  'x#W',
  'привет.gpu',
];

describe.skipIf(!available)('a forward opened in a tmux session', () => {
  let place: Surroundings;
  let engine: Engine;
  let closed: number;
  let asked: string;

  beforeAll(async () => {
    [closed = 0] = await freePorts(1);
    place = await startSurroundings([
      { alias: 'lab' },
      ...strange.map((alias) => ({ alias: `"${alias}"` })),
      { alias: 'down', options: { Port: closed } },
      { alias: 'unknown-key', options: { UserKnownHostsFile: '/dev/null' } },
      { alias: '-oProxyCommand=touch' },
      { alias: 'behind', options: { ProxyJump: 'unknown-key' } },
    ]);
    asked = join(place.home, 'asked');
    const askpass = join(place.home, 'askpass');
    await writeFile(askpass, `#!/bin/sh\necho "$*" >>'${asked}'\necho yes\n`, { mode: 0o755 });
    Object.assign(place.env, { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':77' });
    engine = await place.createEngine();
  });
  afterEach(async () => {
    for (const session of await place.sessions()) await place.tmux('kill-session', '-t', `=${session}`);
  });
  afterAll(async () => {
    await place?.stop();
  });

  const open = async (hostId: string, remotePort: number, localPort?: number) =>
    engine.handlers['tmux.open']({ hostId, remotePort, ...(localPort !== undefined && { localPort }) });

  it('serves the model, is the only one for its target, and stays when the app has gone', async () => {
    const remote = await httpServer(vllm('org/model'));
    const [local = 0] = await freePorts(1);
    const opened = await open('lab', remote, local);
    const session = `vllmctl_lab_${remote}_${local}`;
    expect(opened).toEqual({
      id: `tmux ${session}`,
      owner: { kind: 'tmux', session },
      destination: 'lab',
      hostId: 'lab',
      localAddress: 'localhost',
      localPort: local,
      remoteAddress: 'localhost',
      remotePort: remote,
      models: ['org/model'],
      state: { kind: 'answering' },
    });
    expect(await open('lab', remote)).toEqual(opened);
    expect(await Promise.all([open('lab', remote), open('lab', remote)])).toEqual([opened, opened]);
    expect(await place.sessions()).toEqual([session]);

    await engine.dispose();
    const listed = await fetch(`http://localhost:${local}/v1/models`, { headers: { connection: 'close' } });
    expect(await listed.json()).toMatchObject({ data: [{ id: 'org/model' }] });
    engine = await place.createEngine();
    expect(await lookFor(engine, [local])).toEqual([opened]);

    // Its ssh ends, and the session with it.
    const [pid = 0] = await place.pidsOf(`-L ${local}:`);
    process.kill(pid);
    await expect.poll(place.sessions, { timeout: 20_000 }).toEqual([]);
  });

  it('asks nothing on the desktop, not even for a jump host, and leaves the desktop to its user', async () => {
    await expect(open('behind', 8000)).rejects.toMatchObject({ code: 'hostkey-unknown' });
    expect(existsSync(asked)).toBe(false);
    const remote = await httpServer(vllm('org/model'));
    await open('lab', remote);
    const [session = ''] = await place.sessions();
    const seen = join(place.home, 'seen');
    await place.tmux('new-window', '-t', `=${session}:`, `env >'${seen}.new'; mv '${seen}.new' '${seen}'`);
    await vi.waitFor(() => expect(existsSync(seen)).toBe(true));
    const env = await readFile(seen, 'utf8');
    expect(env).toMatch(/^DISPLAY=:77$/m);
    expect(env).toMatch(/^SSH_ASKPASS=/m);
    expect(env).toMatch(/^SSH_ASKPASS_REQUIRE=force$/m);
  });

  it('takes the next port of the range that is free and that no session is named after', async () => {
    const remote = await httpServer(vllm('org/model'));
    const from = await freeRun(4);
    await engine.handlers['settings.update']({ change: { localPorts: { from, to: from + 3 } } });
    const blocker = createServer().listen(from, '127.0.0.1');
    onTestFinished(() => void blocker.close());
    await place.tmux('new-session', '-d', '-s', `vllmctl_lab_${remote}_${from + 1}`, '--', 'sleep', '600');
    const opened = await Promise.all([open('lab', remote), open('lab', 1)]);
    expect(opened.map(({ localPort }) => localPort).sort()).toEqual([from + 2, from + 3]);
    await expect(open('lab', 2)).rejects.toMatchObject({ code: 'ports-exhausted' });
    const none = `no port of ${from}-${from + 3} is free`;
    await expect(open('lab', 3, from)).rejects.toMatchObject({
      code: 'port-in-use',
      detail: expect.stringMatching(new RegExp(`^${from} is .*; ${none}$`)),
    });
    await expect(open('lab', remote, from + 1)).rejects.toMatchObject({
      code: 'port-in-use',
      detail: `${from + 1} is taken by another forward; ${none}`,
    });
    expect(await place.sessions()).toContain(`vllmctl_lab_${remote}_${from + 1}`);
  });

  // The configuration is not read that way; what opens sessions does not rely on it.
  it.each(strange)('to a host named %j does no more than that', async (alias) => {
    const { home, env, configPath: configFile } = place;
    const store = createStore(
      emptySnapshot({ kind: 'ssh-config', path: configFile, configFile }, defaultSettings),
    );
    store.apply({
      kind: 'hosts-listed',
      hosts: [{ ...aHost, id: alias, alias }],
      excludedAliases: [],
      problems: [],
    });
    const resolver = createResolver({ sshConfigPath: configFile, limit: 1, home, env });
    const log = () => undefined;
    const thisComputer = createThisComputer({
      store,
      resolver,
      home,
      env,
      log,
      ownPorts: () => [],
      copies: () => [],
    });
    const [localPort = 0] = await freePorts(1);
    try {
      const opened = await thisComputer
        .openTmuxForward({ hostId: alias, remotePort: 1, localPort })
        .catch((error: unknown) => error);
      if (opened instanceof AppError) {
        // Newer ssh take no host of such a name.
        expect(opened).toMatchObject({ code: 'resolve-failed', detail: expect.stringMatching(/invalid/) });
        expect(await place.sessions()).toEqual([]);
      } else {
        expect(opened).toMatchObject({ hostId: alias, localPort, state: { kind: 'no-model' } });
        expect(await place.sessions()).toEqual([expect.stringMatching(/^vllmctl_[\p{L}\p{N}_@+-]+_1_\d+$/u)]);
      }
    } finally {
      await thisComputer.dispose();
      store.dispose();
    }
    for (const folder of [home, process.cwd()]) expect(existsSync(join(folder, marker))).toBe(false);
  });

  it('that fails says why and leaves no session', async () => {
    const [local = 0] = await freePorts(1);
    for (const [alias, code] of [
      ['down', 'connection-refused'],
      ['unknown-key', 'hostkey-unknown'],
      ['nowhere', 'not-found'],
      ['-oProxyCommand=touch', 'not-found'],
    ] as const) {
      await expect(open(alias, 1, local), alias).rejects.toMatchObject({ code });
      expect(await place.sessions(), alias).toEqual([]);
    }
  });

  it('without tmux says so', async () => {
    const bare = await place.createEngine();
    const path = place.env.PATH;
    place.env.PATH = place.home;
    onTestFinished(() => {
      place.env.PATH = path;
    });
    await bare.lookAround({});
    expect(bare.snapshot().otherForwards).toMatchObject({
      tmux: 'missing',
      processes: 'unsupported',
      forwards: [],
    });
    await expect(
      (async () => bare.handlers['tmux.open']({ hostId: 'lab', remotePort: 1 }))(),
    ).rejects.toMatchObject({ code: 'tmux-missing' });
  });

  it('is given to a terminal by a command that names it exactly', async () => {
    const [local = 0] = await freePorts(1);
    const opened = await open('lab', 1, local);
    const command = attachCommand(opened) ?? '';
    expect(command).toBe(`tmux attach -t '=vllmctl_lab_1_${local}'`);
    // The same target, for a command that needs no terminal.
    expect(await place.tmux('has-session', '-t', `=vllmctl_lab_1_${local}`)).toBe('');
    await engine.handlers['otherForwards.kill']({ id: opened.id });
    expect(await place.sessions()).toEqual([]);
  });
});

/** The first of so many free ports in a row. */
async function freeRun(length: number): Promise<number> {
  for (;;) {
    const [from = 0] = await freePorts(1);
    const servers = Array.from({ length }, (_, at) => createServer().listen(from + at, '127.0.0.1'));
    const free = await Promise.all(
      servers.map(
        (server) =>
          new Promise<boolean>((resolve) => {
            server.once('error', () => resolve(false));
            server.once('listening', () => server.close(() => resolve(true)));
          }),
      ),
    );
    if (!free.includes(false)) return from;
  }
}
