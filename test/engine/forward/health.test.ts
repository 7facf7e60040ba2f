import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { Forward } from '#common/forwards.ts';
import type { HealthTimes } from '#engine/forward/health.ts';
import { httpServer } from '../../support/model-servers.ts';
import { localTransport } from '../../support/socket-transport.ts';
import { freePort } from '../../support/ssh/sshd.ts';
import { forwardTo, serve } from './forwarding.ts';

const quick: HealthTimes = { everyMs: 20, mostMs: 40, timeoutMs: 150 };

const healthIs =
  (kind: Forward['health']['kind']) =>
  ({ health }: Forward): boolean =>
    health.kind === kind;

describe('the health of a forward', () => {
  it('is good when a model answers, or wants a key for it; the traffic shows nothing of the question', async () => {
    for (const status of [200, 401, 404]) {
      const port = await httpServer((_request, response) => response.writeHead(status).end('{}'));
      const { until } = await forwardTo(port, async () => localTransport());
      const { traffic } = await until(healthIs('answering'));
      expect(traffic).toEqual({ openConnections: 0, totalConnections: 0, bytesIn: 0, bytesOut: 0 });
    }
  });

  it('tells a model that is down from a tunnel that is', async () => {
    const transport = localTransport();
    let attempts = 0;
    const { forward, until } = await forwardTo(await freePort(), async () => {
      attempts += 1;
      if (attempts > 1) throw new AppError('auth-failed');
      return transport;
    });
    expect(await until(healthIs('model-down'))).toMatchObject({
      state: { kind: 'listening' },
      health: { failure: { code: 'target-refused', step: 'forward' } },
    });
    transport.lose();
    await until(({ state }) => state.kind === 'failed');
    expect(forward.current().health).toEqual({ kind: 'unknown' });
  });

  it('follows a server that begins to answer with errors, and recovers', async () => {
    let status = 200;
    const port = await httpServer((_request, response) => response.writeHead(status).end());
    const { until } = await forwardTo(port, async () => localTransport(), { healthTimes: quick });
    await until(healthIs('answering'));
    status = 502;
    expect((await until(healthIs('model-down'))).health).toMatchObject({
      failure: { code: 'server-error', detail: 'it answers with status 502' },
    });
    status = 200;
    await until(healthIs('answering'));
  });

  it('is looked at again as soon as a connection is refused', async () => {
    let refuse = false;
    const port = await httpServer((_request, response) => response.end('{}'));
    const transport = localTransport();
    const { port: localPort, until } = await forwardTo(port, async () => ({
      ...transport,
      stream: (address, to) =>
        refuse ? Promise.reject(new AppError('target-refused')) : transport.stream(address, to),
    }));
    await until(healthIs('answering'));
    refuse = true;
    await expect(fetch(`http://127.0.0.1:${localPort}`)).rejects.toThrow();
    expect(await until(healthIs('model-down'))).toMatchObject({ lastError: { code: 'target-refused' } });
  });

  it.each<readonly [string, (socket: Socket) => void]>([
    ['echoes', (socket) => socket.pipe(socket)],
    ['says nothing', (socket) => socket.resume()],
    ['hangs up', (socket) => socket.resume().end()],
    ['speaks first', (socket) => socket.resume().write('220 ready\r\n')],
  ])('stays unknown for a service that %s, and is bad where a model server was', async (_what, onSocket) => {
    const port = await serve(onSocket);
    let asked = 0;
    const transport = localTransport();
    const counting = {
      ...transport,
      stream: (address: string, to: number) => {
        asked += 1;
        return transport.stream(address, to);
      },
    };
    const service = await forwardTo(port, async () => counting, { healthTimes: quick });
    // The first channel is the trial at opening; each further one a question that has been answered before the next.
    await expect.poll(() => asked).toBeGreaterThan(3);
    expect(service.forward.current().health).toEqual({ kind: 'unknown' });
    const model = await forwardTo(port, async () => transport, {
      healthTimes: quick,
      isModelServer: () => true,
    });
    const { health } = await model.until(healthIs('model-down'));
    expect(health).toMatchObject({ failure: { code: expect.stringMatching(/^server-/) } });
  });
});
