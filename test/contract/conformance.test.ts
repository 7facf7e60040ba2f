/** One suite for every carrier of the contract: whatever carries a call or a push, both ends see the same. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bridge, createBridge, type Transport } from '#common/bridge.ts';
import { type CallName, callNames, contract } from '#common/contract.ts';
import { AppError } from '#common/failure.ts';
import { applyPatch, type Patch } from '#common/patch.ts';
import { inputsOf } from '../support/contract/doubles.ts';
import {
  createSample,
  type Sample,
  sampleForward,
  sampleHost,
  sampleSnapshot,
} from '../support/contract/sample.ts';
import { type Carrier, carriers } from '../support/contract/transports.ts';

describe.each(Object.entries(carriers))('%s', (_name, open) => {
  let sample: Sample;
  let carrier: Carrier;
  let transport: Transport;
  let bridge: Bridge;

  beforeEach(async () => {
    sample = createSample();
    carrier = await open(sample);
    transport = carrier.transport;
    bridge = createBridge(transport);
  });
  afterEach(async () => {
    await carrier.close();
    // A carrier that is closed has let go of the engine.
    expect(sample.listenerCount()).toBe(0);
  });

  it('answers every call of the contract', async () => {
    for (const name of callNames)
      for (const input of inputsOf(name)) {
        const reply = await transport.request(name, input);
        if (reply.ok) expect(reply.value === null, name).toBe(contract.calls[name].isVoid);
        expect(reply.ok || reply.error.code, name).toBe(name === 'app.copyText' ? 'unsupported' : true);
        expect(sample.calls.at(-1)?.name).toBe(name);
      }
  });

  it('brings the snapshot over unchanged', async () => {
    expect(await bridge.call('snapshot.get', {})).toEqual(sampleSnapshot);
  });

  it('hands the parsed input to the handler, and its value back', async () => {
    const input = { hostId: 'röck☂', remotePort: 8000 };
    expect(await bridge.call('forward.open', input)).toEqual(sampleForward);
    expect(await bridge.run({ name: 'scan.start', input: { hostIds: ['a', 'b'] } })).toEqual({ total: 2 });
    expect(sample.calls).toEqual([
      { name: 'forward.open', input },
      { name: 'scan.start', input: { hostIds: ['a', 'b'] } },
    ]);
  });

  it('takes no input for an empty one', async () => {
    expect(await transport.request('scan.cancel', undefined)).toEqual({ ok: true, value: null });
  });

  it('carries a failure as its code and detail', async () => {
    const refused = bridge.call('forward.open', { hostId: 'away', remotePort: 1 });
    await expect(refused).rejects.toBeInstanceOf(AppError);
    await expect(refused).rejects.toMatchObject({ code: 'connection-timeout', detail: 'no answer' });
  });

  it('turns a bug in a handler into a clean internal failure', async () => {
    const reply = await transport.request('forward.open', { hostId: 'broken', remotePort: 1 });
    expect(reply).toEqual({ ok: false, error: { code: 'internal', detail: 'x is not a function' } });
  });

  it.each([
    ['an unknown name', 'engine.explode', {}],
    ['a name of the prototype', 'constructor', {}],
    ['a port out of range', 'forward.open', { hostId: 'a', remotePort: 70_000 }],
    ['a missing field', 'forward.open', { hostId: 'a' }],
    ['a field too many', 'scan.cancel', { force: true }],
    ['an input of another type', 'forward.close', 'a:8000'],
    ['a text that is too long', 'app.copyText', { text: 'x'.repeat(1_000_001) }],
  ])('refuses %s, and no handler sees it', async (_what, name, input) => {
    // What a page may send is not held by the compiler.
    const reply = await transport.request(name as CallName, input);
    expect(reply).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    expect(sample.calls).toEqual([]);
  });

  it('keeps many answers apart', async () => {
    const totals = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        bridge.call('scan.start', { hostIds: Array.from({ length: n }, (_, i) => `h${i}`) }),
      ),
    );
    expect(totals.map(({ total }) => total)).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  it('pushes patches in order, that bring a receiver to the same snapshot', async () => {
    const host = { ...sampleHost, state: { kind: 'up' } } as const;
    const patches: readonly Patch[] = [
      {
        revision: 8,
        hosts: { added: [], steps: [[host.id, { in: { state: { to: host.state } } }]], order: null },
      },
      { revision: 9, scan: { kind: 'running', done: 0, total: 1, startedAt: 1 } },
      { revision: 10, forwards: { added: [sampleForward], order: [sampleForward.id] } },
    ];
    const got: Patch[] = [];
    let off = (): void => undefined;
    const all = new Promise<void>((resolve) => {
      off = bridge.on('patch', (patch) => {
        got.push(patch);
        if (got.length === patches.length) resolve();
      });
    });
    for (const patch of patches) sample.push(patch);
    await all;
    off();
    expect(got).toEqual(patches);
    let snapshot = sampleSnapshot;
    for (const patch of got) {
      const next = applyPatch(snapshot, patch);
      if (next === 'gap') throw new Error('a patch was lost');
      snapshot = next;
    }
    expect(snapshot).toMatchObject({ revision: 10, hosts: [host], forwards: [sampleForward] });
  });

  it('pushes no more after the listener was taken away', async () => {
    const removed: Patch[] = [];
    bridge.on('patch', (patch) => removed.push(patch))();
    let off = (): void => undefined;
    const seen = new Promise((resolve) => {
      off = bridge.on('patch', resolve);
    });
    sample.push({ revision: 8 });
    expect(await seen).toEqual({ revision: 8 });
    off();
    expect(removed).toEqual([]);
  });
});
