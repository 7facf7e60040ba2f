import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import type { HostFacts, MeterEvents } from '#engine/sources/host-meter.ts';
import { createSshMeters } from '#engine/sources/ssh/ssh-meter.ts';
import { createStore } from '#engine/store.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { snapshot } from '../../support/snapshot.ts';
import { poolFor, rejection, startTestSshd } from '../../support/ssh/pool-for.ts';
import { type Sshd, sshdAvailable, writeSshConfig } from '../../support/ssh/sshd.ts';

const { signal } = new AbortController();

describe.skipIf(!sshdAvailable())('a meter over SSH', () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  /** A meter for a real host; what it tells is kept in order. */
  const start = async () => {
    const sshd: Sshd = await startTestSshd({});
    const configPath = await writeSshConfig(folder.path, [{ alias: 'a', options: sshd.hostOptions() }]);
    const pool = poolFor(configPath);
    onTestFinished(() => pool.dispose());
    const told: string[] = [];
    const facts: HostFacts[] = [];
    const events: MeterEvents = {
      onStep: (step) => told.push(step),
      onFacts: (fact) => facts.push(fact),
      onLost: ({ code }) => told.push(code),
    };
    const meters = createSshMeters({
      pool,
      store: createStore(snapshot({ settings: defaultSettings })),
      remotePorts: [],
      apiKeyFor: () => null,
      log: () => undefined,
    });
    return { sshd, pool, told, facts, meter: meters.meter('a', events) };
  };

  it('tells the steps and facts on its way, and reads', async () => {
    const { meter, told, facts, sshd } = await start();
    expect([meter.isConnected(), meter.command()]).toEqual([false, null]);
    await meter.connect({ signal });
    const reading = await meter.read({ signal, processes: true });
    expect(reading.system?.cpuCount).toBeGreaterThan(0);
    expect(told[0]).toBe('resolve');
    expect(told.at(-1)).toBe('shell');
    expect(facts).toMatchObject([{ endpoint: { port: sshd.port } }, { client: 'built-in' }]);
    expect(meter.isConnected()).toBe(true);
    expect(meter.command()).toContain('ssh');
    expect(await meter.servers({ signal, find: true, known: [] })).toEqual([]);
    meter.close();
  });

  it('keeps its shell between two measurements, and opens another one on another connection', async () => {
    const { meter, told, pool } = await start();
    const shells = () => told.filter((step) => step === 'shell').length;
    for (let count = 0; count < 2; count += 1) {
      await meter.connect({ signal });
      await meter.read({ signal, processes: false });
    }
    expect(shells()).toBe(1);
    await pool.closeAll();
    await vi.waitFor(() => expect(told).toContain('connection-lost'));
    expect(meter.isConnected()).toBe(false);
    expect(await rejection(meter.read({ signal, processes: false }))).toMatchObject({
      code: 'connection-lost',
    });
    await meter.connect({ signal });
    await meter.read({ signal, processes: false });
    expect(told.at(-1)).toBe('shell');
    meter.close();
  });

  it('that is closed while it connects takes no connection, and tells nothing of its end', async () => {
    const { meter, told, pool } = await start();
    const connecting = rejection(meter.connect({ signal }));
    meter.close();
    expect(await connecting).toMatchObject({ code: 'cancelled' });
    expect(await rejection(meter.read({ signal, processes: false }))).toMatchObject({ code: 'cancelled' });
    expect(pool.peek('a')).not.toBeNull();
    await pool.closeAll();
    expect(told).not.toContain('shell');
    expect(told).not.toContain('connection-lost');
  });

  it('that is closed leaves the connection to others', async () => {
    const { meter, pool } = await start();
    await meter.connect({ signal });
    await meter.read({ signal, processes: false });
    meter.close();
    expect(pool.peek('a')).not.toBeNull();
    expect(await rejection(meter.connect({ signal }))).toMatchObject({ code: 'cancelled' });
  });
});
