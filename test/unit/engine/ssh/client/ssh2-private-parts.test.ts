/** What the app uses of ssh2 beyond its public part (decision 0020). An update of ssh2 that changes it fails here. */

import { Duplex } from 'node:stream';
import { Client, type ClientChannel, Server, type ServerChannel, utils } from 'ssh2';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createChannelWindows } from '#engine/ssh/client/channel-window.ts';

const MiB = 1024 * 1024;

interface PrivateParts {
  readonly incoming: { readonly window: number; readonly state: string };
  readonly outgoing: { readonly id: number; readonly window: number; readonly state: string };
  readonly _client: { readonly _protocol: { readonly channelWindowAdjust: unknown } };
}
const partsOf = (channel: unknown) => channel as PrivateParts;

/** Two streams, of which each reads what is written to the other. */
function createPair(): readonly [Duplex, Duplex] {
  const create = (other: () => Duplex): Duplex =>
    new Duplex({
      read: () => undefined,
      // Later, as over a network: the other side's answer never comes while this one still writes.
      write(chunk, _encoding, done) {
        setImmediate(() => {
          other().push(chunk);
          done();
        });
      },
      final(done) {
        other().push(null);
        done();
      },
    });
  const a: Duplex = create(() => b);
  const b: Duplex = create(() => a);
  return [a, b];
}

let client: Client;
let channel: ClientChannel;
let hostEnd: ServerChannel;

beforeEach(async () => {
  const { private: hostKey } = utils.generateKeyPairSync('ed25519');
  const [here, there] = createPair();
  client = new Client();
  const opened = new Promise<ServerChannel>((resolve) => {
    const server = new Server({ hostKeys: [hostKey] }, (connection) => {
      connection.on('authentication', (context) => context.accept());
      connection.on('session', (accept) => {
        accept().on('exec', (acceptExec) => resolve(acceptExec()));
      });
    });
    server.injectSocket(there as never);
  });
  channel = await new Promise((resolve, reject) => {
    client.on('error', reject);
    client.on('ready', () =>
      client.exec('cat', (error, made) => (error === undefined ? resolve(made) : reject(error))),
    );
    client.connect({ sock: here, username: 'me' });
  });
  hostEnd = await opened;
});
afterEach(() => {
  client.destroy();
});

it('a channel has its windows, its number and the protocol of its connection where they are looked for', () => {
  const { incoming, outgoing, _client: owner } = partsOf(channel);
  expect(incoming).toMatchObject({ window: 2 * MiB, state: 'open' });
  expect(outgoing).toMatchObject({ id: expect.any(Number), window: expect.any(Number), state: 'open' });
  expect(owner._protocol.channelWindowAdjust).toBeInstanceOf(Function);
  expect(owner).toBe(client);
});

it('what is granted reaches the host: its window stays nearly open, where ssh2 alone lets half of it be used up', async () => {
  const windows = createChannelWindows();
  windows.widen(channel, 1);
  expect(windows.mayStillCome(channel)).toBe(2 * MiB);
  let came = 0;
  channel.on('data', (chunk: Buffer) => {
    came += chunk.length;
  });
  for (let sent = MiB; sent <= 6 * MiB; sent += MiB) {
    hostEnd.write(Buffer.alloc(MiB));
    await expect.poll(() => came).toBe(sent);
    await expect.poll(() => partsOf(hostEnd).outgoing.window).toBeGreaterThan(1.7 * MiB);
  }
});

it('the end of a channel is in its state, and nothing comes after it', async () => {
  const windows = createChannelWindows();
  channel.resume();
  const closed = new Promise((resolve) => channel.once('close', resolve));
  hostEnd.exit(0);
  hostEnd.end();
  await closed;
  expect(partsOf(channel).incoming.state).toMatch(/^(?:eof|closed)$/);
  expect(windows.mayStillCome(channel)).toBe(0);
});
