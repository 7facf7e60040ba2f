import { homedir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { isUp } from '#common/select/hosts.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor, hostOf } from '../support/engine-for.ts';
import { signalAll } from '../support/processes.ts';
import { expectModelThrough } from '../support/through.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { cut, namespacesMissing, routeThrough } from './namespaces.ts';
import { sshdProcesses } from './sshd-processes.ts';

const missing = namespacesMissing();
if (missing !== null) console.log(`skipped: ${missing}`);

const settings = {
  ...defaultSettings,
  welcomed: true,
  localPorts: { from: 17_480, to: 17_499 },
  timeouts: { ...defaultSettings.timeouts, connectMs: 2000, probeMs: 2000 },
};
const models = [{ port: 8000, id: 'org/llama' }];
const within = { timeout: 60_000, interval: 50 };

describe.skipIf(missing !== null)('what was away and is there again', () => {
  let fleet: Fleet;
  let engine: Engine;

  beforeAll(async () => {
    fleet = await startFleet([
      { alias: 'router', gpus: null },
      { alias: 'far', gpus: [], models, behind: 'router', ssh: ['ProxyJump none'] },
      { alias: 'gate', gpus: null },
      { alias: 'one', gpus: [], models, behind: 'gate' },
      { alias: 'two', gpus: [], models, behind: 'gate' },
    ]);
    await routeThrough(fleet.namespaceOf('router'), [fleet.namespaceOf('far')]);
  });
  afterAll(() => fleet?.stop());

  beforeEach(async () => {
    engine = engineFor(fleet.sshConfigPath, { settings, home: homedir(), env: process.env });
    await engine.loadHosts();
    engine.begin();
    await untilUp('far', 'gate', 'one', 'two');
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await engine.dispose();
  });

  /** No attempt comes by itself any more: its pause, which is a random part of the longest one, never ends. */
  const onlyWhenAsked = () => vi.spyOn(Math, 'random').mockReturnValue(1_000);
  const isHostUp = (alias: string): boolean => isUp(hostOf(engine, alias).state);
  const untilUp = (...aliases: readonly string[]) =>
    vi.waitFor(() => expect(aliases.filter((alias) => !isHostUp(alias))).toEqual([]), within);
  const untilAway = (...aliases: readonly string[]) =>
    vi.waitFor(() => {
      for (const alias of aliases)
        expect(hostOf(engine, alias).state).toMatchObject({ failure: { nextAttemptAt: expect.any(Number) } });
    }, within);
  const forwardTo = async (hostId: string): Promise<string> => {
    const { localPort } = await engine.handlers['forward.open']({ hostId, remotePort: 8000 });
    return `http://127.0.0.1:${localPort}`;
  };
  const endSshd = async (alias: string): Promise<void> => {
    const { listener, sessions } = await sshdProcesses(fleet.namespaceOf(alias));
    signalAll([...listener, ...sessions], 'SIGKILL');
  };

  it('is tried when a client comes to its forward, and so is what lies behind the same jump host', async () => {
    const url = await forwardTo('one');
    onlyWhenAsked();
    await endSshd('gate');
    await untilAway('gate', 'one', 'two');
    const next = vi.waitFor(() => expectModelThrough(url, 'org/llama'), within);
    fleet.restartSshd('gate');
    await next;
    await untilUp('gate', 'one', 'two');
  });

  it('is tried when a person opens the window, and when one looks at the host', async () => {
    onlyWhenAsked();
    for (const look of [
      () => engine.setShown(true),
      () => engine.handlers['host.look']({ hostIds: ['gate', 'no such host'] }),
    ]) {
      await endSshd('gate');
      await untilAway('gate', 'one', 'two');
      fleet.restartSshd('gate');
      await vi.waitFor(async () => {
        await look();
        expect(isHostUp('gate')).toBe(true);
      }, within);
      await untilUp('one', 'two');
    }
  });

  it('answers a client over a new connection while TCP would let the old one sleep', async () => {
    const url = await forwardTo('far');
    await expectModelThrough(url, 'org/llama');
    const log = () => fleet.logOf('far').split('Accepted publickey').length;
    const before = log();
    await cut(fleet.namespaceOf('router'), fleet.namespaceOf('far'), true);
    // The measurements go on asking over it, and are not answered: TCP waits twice as long each time.
    await untilAway('far');
    await cut(fleet.namespaceOf('router'), fleet.namespaceOf('far'), false);
    await vi.waitFor(() => expectModelThrough(url, 'org/llama'), within);
    await untilUp('far');
    expect(log()).toBeGreaterThan(before);
  });

  it('holds a client that came while it was away, and answers it when it is back', async () => {
    const url = await forwardTo('far');
    await cut(fleet.namespaceOf('router'), fleet.namespaceOf('far'), true);
    const answered = fetch(`${url}/v1/models`);
    // It waits on the connection that is dead by now, or for the next one.
    await vi.waitFor(() => expect(engine.snapshot().forwards[0]?.traffic.openConnections).toBe(1), within);
    await cut(fleet.namespaceOf('router'), fleet.namespaceOf('far'), false);
    expect((await answered).status).toBe(200);
  });
});
