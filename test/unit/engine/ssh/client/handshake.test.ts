/** Handshakes with hosts that are none: silent, endless, hostile before the first key. */

import { Duplex } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { askNobody } from '#engine/ssh/asking.ts';
import { shakeHands } from '#engine/ssh/client/handshake.ts';
import { createKeyring } from '#engine/ssh/keys/keyring.ts';
import { resolvedHost } from '../../../../support/ssh/resolved-host.ts';

/** The near end of a connection; what the client says is in `said`. */
function wire() {
  let said = '';
  const socket = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      said += chunk.toString('latin1');
      done();
    },
  });
  return { socket, said: () => said, says: (text: string | Buffer) => socket.push(text) };
}

function begin({ handshakeMs = 60_000 } = {}) {
  const near = wire();
  const steps: string[] = [];
  const controller = new AbortController();
  const result = shakeHands({
    host: resolvedHost(),
    socket: near.socket,
    hostKey: {
      preferred: [],
      verify: () => null,
      accepted: () => null,
      record: () => Promise.resolve(),
    },
    keys: { agentSocket: null, agentKeys: [], files: [], locked: [], notes: [] },
    keyring: createKeyring(),
    asking: askNobody,
    isJumpHost: false,
    timeouts: { handshakeMs, loginMs: 60_000 },
    signal: controller.signal,
    onStep: (step) => steps.push(step),
  });
  const failure = result.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  );
  return { ...near, steps, controller, failure };
}

/** SSH_MSG_IGNORE (RFC 4253, 11.2), which is allowed at any time and says nothing, with 30,000 bytes. */
const ignored = (() => {
  const [bytes, padding] = [30_000, 6];
  const packet = Buffer.alloc(4 + 1 + 1 + 4 + bytes + padding);
  packet.writeUInt32BE(packet.length - 4, 0);
  packet.writeUInt8(padding, 4);
  packet.writeUInt8(2, 5);
  packet.writeUInt32BE(bytes, 6);
  return packet;
})();

describe('a handshake', () => {
  it('begins with the name of the client, and says its step', async () => {
    const { said, steps, controller, failure } = begin();
    await vi.waitFor(() => expect(said()).toMatch(/^SSH-2\.0-/));
    expect(steps).toEqual(['handshake']);
    controller.abort();
    expect(await failure).toMatchObject({ code: 'cancelled', step: 'handshake' });
  });

  it('with a host that says nothing ends in its time, and so does the connection', async () => {
    const { failure, socket } = begin({ handshakeMs: 30 });
    expect(await failure).toMatchObject({ code: 'connection-timeout', step: 'handshake' });
    expect(socket.destroyed).toBe(true);
  });

  it('that is given up ends the connection', async () => {
    const { controller, failure, socket } = begin();
    controller.abort();
    expect(await failure).toMatchObject({ code: 'cancelled' });
    expect(socket.destroyed).toBe(true);
  });

  it('with one that sends without end is given up after a megabyte', async () => {
    const { failure, socket, says } = begin();
    says('SSH-2.0-endless\r\n');
    for (let sent = 0; sent <= 1_000_000; sent += ignored.length) says(ignored);
    expect(await failure).toMatchObject({
      code: 'probe-garbled',
      detail: 'it sends without end before the login',
    });
    expect(socket.destroyed).toBe(true);
  });

  it.each([
    ['Exceeded MaxStartups\r\n', 'throttled'],
    ['Not allowed at this time\r\n', 'throttled'],
  ])('with one that says %j instead says why', async (text, code) => {
    const { failure, socket, says } = begin();
    says(text);
    says(null as never);
    expect(await failure).toMatchObject({ code });
    expect(socket.destroyed).toBe(true);
  });

  it.each([
    ['a web server', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['ssh of another age', 'SSH-1.5-old\r\n'],
    ['junk after the greeting', `SSH-2.0-x\r\n${'\u0000\u00ff'.repeat(200)}`],
    ['nothing at all', ''],
  ])('with %s fails once, and ends the connection', async (_name, text) => {
    const { failure, socket, says } = begin();
    if (text !== '') says(Buffer.from(text, 'latin1'));
    says(null as never);
    const error = (await failure) as { code: string; step: string };
    expect(error.step).toBe('handshake');
    expect(error.code).not.toBe('internal');
    expect(socket.destroyed).toBe(true);
    // ssh2 may say it again: an error without a listener would end the process.
    socket.emit('error', new Error('late'));
  });
});
