import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { closeListener, type LocalListener, listenOn } from '#engine/forward/local-port.ts';
import { createForwardMemory, type ForwardMemory } from '#engine/forward/memory.ts';
import { portHolder } from '#engine/forward/port-holder.ts';
import { createPorts } from '#engine/forward/ports.ts';
import { sampleForward } from '../../support/contract/sample.ts';

const range = { from: 17_400, to: 17_405 };

/** Remembers that this target had this port. */
function had(memory: ForwardMemory, hostId: string, localPort: number, pinned = false): void {
  const id = `${hostId}:8000`;
  memory.opened({ ...sampleForward, id, hostId, remotePort: 8000, localPort, pinned }, false);
}

function portsOf(memory: ForwardMemory, width = 6) {
  return createPorts({ memory, range: () => ({ from: range.from, to: range.from + width - 1 }) });
}

const newMemory = (): ForwardMemory => createForwardMemory(null, () => undefined);

function closeLater(listener: LocalListener): LocalListener {
  onTestFinished(() => closeListener(listener));
  return listener;
}

describe('the local port of a target', () => {
  it('is the first free one of the range, and the same one again', async () => {
    const memory = newMemory();
    const ports = portsOf(memory);
    const first = closeLater(await ports.take('a:8000'));
    const second = await ports.take('b:8000');
    expect([first.port, second.port]).toEqual([17_400, 17_401]);
    had(memory, 'b', second.port);
    await closeListener(second);
    await closeListener(first);
    // A lower one that is free by now is no reason to change.
    expect(closeLater(await ports.take('b:8000')).port).toBe(17_401);
  });

  it('is of the range alone where that was named, and the one of before only within it', async () => {
    const memory = newMemory();
    const named = createPorts({ memory, range: () => range, strictRange: true });
    had(memory, 'a', 17_390);
    had(memory, 'b', 17_403);
    expect(closeLater(await named.take('a:8000')).port).toBe(17_400);
    expect(closeLater(await named.take('b:8000')).port).toBe(17_403);
    expect(closeLater(await portsOf(memory).take('a:8000')).port).toBe(17_390);
  });

  it('is one that nobody had, while there are such, and then the one used longest ago', async () => {
    const memory = newMemory();
    vi.useFakeTimers({ toFake: ['Date'], now: 1000 });
    onTestFinished(() => void vi.useRealTimers());
    had(memory, 'a', 17_401);
    vi.setSystemTime(1001);
    had(memory, 'b', 17_400);
    const ports = portsOf(memory, 3);
    const taken = [];
    for (const id of ['c:1', 'd:1', 'e:1']) taken.push(closeLater(await ports.take(id)).port);
    expect(taken).toEqual([17_402, 17_401, 17_400]);
    await expect(ports.take('f:1')).rejects.toMatchObject({
      code: 'ports-exhausted',
      detail: '17400-17402',
    });
  });

  it('is kept for it alone when it is pinned, also while it is closed, also from somebody who names it', async () => {
    const memory = newMemory();
    had(memory, 'a', 17_400, true);
    const ports = portsOf(memory);
    expect(closeLater(await ports.take('b:8000')).port).toBe(17_401);
    await expect(ports.takeExactly(17_400, 'b:8000')).rejects.toMatchObject({
      code: 'port-in-use',
      detail: '17400 is kept for a:8000; 17402 is free',
    });
    expect(closeLater(await ports.take('a:8000')).port).toBe(17_400);
  });

  it('that another program has is told with its name, and which one is free; a pinned one is not replaced', async () => {
    const held = "require('net').createServer().listen(17400, '127.0.0.1', () => console.log('up'))";
    const child = spawn(process.execPath, ['-e', held], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(async () => {
      child.kill();
      await once(child, 'close');
    });
    await once(child.stdout, 'data');
    const holder = await portHolder(17_400);
    if (holder === null) console.log('skipped the name of the holder: ss and lsof are missing');
    else expect(holder.pid).toBe(child.pid);
    const by = holder === null ? 'taken' : `held by ${holder.name} (pid ${child.pid})`;
    const memory = newMemory();
    const refusal = { code: 'port-in-use', detail: `17400 is ${by}; 17401 is free` };
    await expect(portsOf(memory).takeExactly(17_400, 'a:8000')).rejects.toMatchObject(refusal);
    had(memory, 'a', 17_400);
    expect(closeLater(await portsOf(memory).take('a:8000')).port).toBe(17_401);
    memory.note('a:8000', { pinned: true });
    await expect(portsOf(memory, 1).take('a:8000')).rejects.toMatchObject({
      code: 'port-in-use',
      detail: `17400 is ${by}; no port of 17400-17400 is free`,
    });
  });
});

describe('a listener', () => {
  it('is bound to loopback only', async () => {
    const { servers } = closeLater(await listenOn(17_400));
    const addresses = servers.map((server) => (server.address() as AddressInfo).address);
    expect(addresses.every((address) => address === '127.0.0.1' || address === '::1')).toBe(true);
  });

  it('is refused where another program has the port at ::1, to which localhost may lead', async () => {
    const other = createServer().listen(17_400, '::1');
    const outcome = await Promise.race([once(other, 'listening'), once(other, 'error')]);
    if (outcome.length > 0) {
      console.log('skipped: there is no IPv6 here');
      return;
    }
    onTestFinished(() => void other.close());
    await expect(listenOn(17_400)).rejects.toMatchObject({ code: 'port-in-use' });
    const v4 = createServer().listen(17_400, '127.0.0.1');
    await once(v4, 'listening');
    v4.close();
  });
});
