import { connect } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { askNobody } from '#engine/ssh/asking.ts';
import { createResolver } from '#engine/ssh/config/resolve.ts';
import { JoinedStream } from '#engine/ssh/io/joined-stream.ts';
import { createKeyring } from '#engine/ssh/keys/keyring.ts';
import { connectSession } from '#engine/ssh/session.ts';
import { createTrust } from '#engine/ssh/trust/trust.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { output, startTestSshd } from '../../../support/ssh/pool-for.ts';
import { sshdAvailable } from '../../../support/ssh/sshd.ts';

it.skipIf(!sshdAvailable())('a greeting that is there before anybody listens is not lost', async () => {
  const folder: Folder = await temporaryFolder();
  onTestFinished(folder.remove);
  const sshd = await startTestSshd({});
  const home = folder.path;
  const env = { PATH: process.env.PATH };
  const sshConfigPath = await sshd.configPath(home);
  const host = await createResolver({ sshConfigPath, limit: 1, home, env }).resolve('lab');
  // As behind a jump host that answers fast, or on a computer that is busy.
  const openSocket = async (): Promise<JoinedStream> => {
    const socket = connect(sshd.port, '127.0.0.1');
    const release = () => void socket.destroy();
    const stream = new JoinedStream({ readable: socket, writable: socket, release });
    await vi.waitFor(() => expect(stream.readableLength).toBeGreaterThan(0));
    return stream;
  };
  const transport = await connectSession(
    host,
    {
      openSocket,
      inSlot: (task) => task(),
      connectMs: 5000,
      home,
      trust: createTrust(),
      keyring: createKeyring(),
      asking: askNobody,
      isJumpHost: false,
      log: () => undefined,
    },
    { signal: new AbortController().signal, onStep: () => undefined },
  );
  onTestFinished(() => transport.close());
  expect(await output(transport, 'echo heard')).toBe('heard\n');
});
