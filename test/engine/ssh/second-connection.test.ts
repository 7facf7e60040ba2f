import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor } from '../../support/engine-for.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { tcpServer } from '../../support/model-servers.ts';
import { type Sshd, sshdAvailable, startSshd } from '../../support/ssh/sshd.ts';

describe.skipIf(!sshdAvailable())('a host whose forwards are busy', () => {
  let folder: Folder;
  let sshd: Sshd;
  let engine: Engine;

  beforeAll(async () => {
    folder = await temporaryFolder();
    sshd = await startSshd();
    engine = engineFor(await sshd.configPath(folder.path), {
      settings: { cadence: { ...defaultSettings.cadence, gpusMs: 1000 } },
      remotePorts: [],
      home: folder.path,
    });
    await engine.loadHosts();
    await engine.scan();
  });
  afterAll(async () => {
    await engine?.dispose();
    await sshd?.stop();
    await folder?.remove();
  });

  const logins = (): number => sshd.logText().split('Accepted publickey').length - 1;
  const until = (check: () => void) => vi.waitFor(check, { timeout: 25_000, interval: 100 });
  const measuredAt = (): number => engine.snapshot().hosts[0]?.measuredAt ?? 0;

  it('is measured over a second connection, and the transfer goes on over the first', async () => {
    engine.watch();
    // As much as the other side takes.
    const remotePort = await tcpServer((socket) => {
      const more = (): void => {
        while (socket.writable && socket.write(Buffer.alloc(65_536)));
      };
      socket.on('drain', more);
      more();
    });
    const { localPort } = await engine.handlers['forward.open']({ hostId: 'lab', remotePort });
    const client = connect({ port: localPort ?? 0, host: '127.0.0.1' }).resume();
    expect(logins()).toBe(1);
    await until(() => expect(logins()).toBe(2));
    const since = measuredAt();
    await until(() => expect(measuredAt()).toBeGreaterThan(since + 1000));
    expect(engine.snapshot().hosts[0]?.state.kind).toBe('no-gpu');
    const received = client.bytesRead;
    await until(() => expect(client.bytesRead).toBeGreaterThan(received));
    expect(logins()).toBe(2);
    client.destroy();
  });
});
