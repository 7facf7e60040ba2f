/** Looks at this computer: what comes into the Snapshot, when, and what is asked. */

import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Snapshot } from '#common/snapshot.ts';
import { createStore } from '#engine/store.ts';
import type { Findings } from '#engine/this-computer/find.ts';
import { createObserver, type LookProgress } from '#engine/this-computer/observer.ts';
import { httpServer, tcpServer, vllm } from '../../support/model-servers.ts';
import { snapshot } from '../../support/snapshot.ts';
import { freePort } from '../../support/ssh/sshd.ts';
import { aProcess, findings, found } from '../../support/this-computer.ts';

interface Given {
  /** What there is; read anew at each look. */
  readonly find: () => Promise<Findings> | Findings;
  readonly fields?: Partial<Snapshot>;
}

function observe({ find, fields }: Given) {
  const store = createStore(snapshot(fields));
  const log: string[] = [];
  let finds = 0;
  const observer = createObserver({
    store,
    finder: {
      find: async () => {
        finds += 1;
        return find();
      },
    } as never,
    // The ssh of the tests holds no port: which program listens is to be unknown.
    env: { PATH: '/nonexistent' },
    log: (_level, text) => log.push(text),
    ownPorts: () => [],
    copies: () => [],
  });
  onTestFinished(async () => {
    await observer.dispose();
    store.dispose();
  });
  return { observer, store, log, finds: () => finds, forwards: () => store.current().otherForwards.forwards };
}

/** A forward at this local port, of an ssh that runs for long. */
const forwardAt = (localPort: number) =>
  found({
    id: `ssh ${localPort}`,
    localPort,
    remotePort: 8000,
    localAddress: '127.0.0.1',
    process: aProcess(42, 'ssh -N gpu1', { startedAt: 1 }),
  });

describe('a look at this computer', () => {
  it('has in the Snapshot what is forwarded, and what answers there', async () => {
    const port = await httpServer(vllm('org/model'));
    const { observer, store, forwards } = observe({ find: () => findings({ forwards: [forwardAt(port)] }) });
    expect(store.current().otherForwards.lookedAt).toBeNull();
    await observer.look();
    expect(forwards()).toMatchObject([
      { localPort: port, state: { kind: 'answering' }, models: ['org/model'] },
    ]);
    expect(store.current().otherForwards).toMatchObject({ tmux: 'no-server', processes: 'available' });
    expect(store.current().otherForwards.lookedAt).not.toBeNull();
    expect(observer.found()).toHaveLength(1);
  });

  it('that asks nothing knows which forwards there are, and of none whether it works', async () => {
    let connections = 0;
    const port = await tcpServer(() => {
      connections += 1;
    });
    const { observer, forwards } = observe({ find: () => findings({ forwards: [forwardAt(port)] }) });
    await observer.look({ ask: 'nothing' });
    expect(forwards()).toMatchObject([{ localPort: port, state: { kind: 'unknown' } }]);
    expect(connections).toBe(0);
  });

  it('that asks whether something listens shows what is dead, and sends nothing', async () => {
    let bytes = 0;
    const port = await tcpServer((socket) => socket.on('data', (chunk) => (bytes += chunk.length)));
    const dead = await freePort();
    const { observer, forwards } = observe({
      find: () => findings({ forwards: [forwardAt(port), forwardAt(dead)] }),
    });
    await observer.look({ ask: 'listens' });
    expect(forwards().map(({ state }) => state.kind)).toEqual(['unknown', 'dead']);
    expect(bytes).toBe(0);
  });

  it('asks the ports of the forwards alone that are wanted', async () => {
    const [one, other] = await Promise.all([httpServer(vllm('one')), httpServer(vllm('other'))]);
    const { observer, forwards } = observe({
      find: () => findings({ forwards: [forwardAt(one), forwardAt(other)] }),
    });
    await observer.look({ only: ({ localPort }) => localPort === other });
    expect(forwards().map(({ models }) => models)).toEqual([[], ['other']]);
  });

  it('says which ports are waited for, and which did not answer in their time', async () => {
    const [answering, silent] = [await httpServer(vllm('m')), await tcpServer(() => undefined)];
    const settings = snapshot().settings;
    const { observer } = observe({
      find: () => findings({ forwards: [forwardAt(answering), forwardAt(silent)] }),
      fields: { settings: { ...settings, timeouts: { ...settings.timeouts, httpMs: 1000 } } },
    });
    const seen: LookProgress[] = [];
    await observer.look({ onProgress: (progress) => seen.push(progress) });
    // Other programs of this computer may listen, too.
    const ports = (list: LookProgress['waiting'] = []) =>
      list.map(({ port }) => port).filter((port) => port === answering || port === silent);
    expect(ports(seen[0]?.waiting).sort()).toEqual([answering, silent].sort());
    expect(ports(seen.at(-1)?.waiting)).toEqual([]);
    expect(ports(seen.at(-1)?.hung)).toEqual([silent]);
  });

  it('forgets what a forward answered that is gone', async () => {
    const port = await httpServer(vllm('m'));
    let now = [forwardAt(port)];
    const { observer, forwards } = observe({ find: () => findings({ forwards: now }) });
    await observer.look();
    now = [];
    await observer.look();
    expect([forwards(), observer.found()]).toEqual([[], []]);
    now = [forwardAt(port)];
    await observer.look({ ask: 'nothing' });
    expect(forwards()).toMatchObject([{ state: { kind: 'unknown' }, models: [] }]);
  });

  it('that fails is logged, rejects nothing and leaves what was known', async () => {
    const port = await httpServer(vllm('m'));
    let isBroken = false;
    const { observer, forwards, log } = observe({
      find() {
        if (isBroken) throw new Error('no tmux today');
        return findings({ forwards: [forwardAt(port)] });
      },
    });
    await observer.look();
    isBroken = true;
    await observer.look();
    expect(log).toEqual(['This computer could not be looked at: Error: no tmux today']);
    expect(forwards()).toHaveLength(1);
  });

  it('beside the demo asks no port but those of the demo, unless a person asks', async () => {
    const port = await httpServer(vllm('m'));
    const stranger = { ...forwardAt(port), forward: { ...forwardAt(port).forward, hostId: null } };
    const { observer, forwards } = observe({
      find: () => findings({ forwards: [stranger] }),
      fields: { source: { kind: 'demo' } },
    });
    await observer.look();
    expect(forwards()).toMatchObject([{ state: { kind: 'unknown' } }]);
    await observer.look({ thorough: true });
    expect(forwards()).toMatchObject([{ state: { kind: 'answering' } }]);
  });
});

describe('looks at a cadence', () => {
  it('begin with the first one, and rest while no face is shown', async () => {
    const settings = snapshot().settings;
    const often = { ...settings, cadence: { ...settings.cadence, portsMs: 1 } };
    const { observer, finds } = observe({ find: () => findings(), fields: { settings: often } });
    observer.setShown(false);
    observer.start();
    expect(finds()).toBe(0);
    observer.setShown(true);
    await vi.waitFor(() => expect(finds()).toBeGreaterThan(1));
  });

  it('end with the app: one that runs is waited for, and no other begins', async () => {
    let end = (): void => undefined;
    const running = new Promise<void>((resolve) => {
      end = resolve;
    });
    const { observer, store, finds, log } = observe({
      async find() {
        await running;
        return findings({ forwards: [forwardAt(1)] });
      },
    });
    void observer.look();
    await vi.waitFor(() => expect(finds()).toBe(1));
    const disposing = observer.dispose();
    end();
    await disposing;
    await observer.look();
    expect(finds()).toBe(1);
    expect([store.current().otherForwards.forwards, log]).toEqual([[], []]);
  });
});
