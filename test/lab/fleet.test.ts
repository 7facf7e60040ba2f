/** That a lab ends, whatever its tests have done to it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectEnded } from '../support/is-running.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { namespacesMissing, pidsIn, setLink } from './namespaces.ts';
import { sshdProcesses } from './sshd-processes.ts';

const missing = namespacesMissing();
if (missing !== null) console.log(`SKIPPED lab: ${missing}`);

describe.skipIf(missing !== null)('a fleet', () => {
  let fleet: Fleet;
  afterEach(() => fleet.stop());

  it('ends while a session on a host waits at a dead link, and nothing of it is left', async () => {
    fleet = await startFleet([{ alias: 'cut', gpus: null }]);
    const namespace = fleet.namespaceOf('cut');
    const client = spawn('ssh', ['-F', fleet.sshConfigPath, 'cut', 'sleep 1000'], { stdio: 'ignore' });
    const sessions = async () => (await sshdProcesses(namespace)).sessions;
    // sshd's own, and what runs in it.
    await vi.waitFor(async () => expect((await sessions()).length).toBeGreaterThan(1));
    await setLink(namespace, 'down');
    client.kill('SIGKILL');
    await once(client, 'close');
    const left = await sessions();
    await fleet.stop();
    await expect(pidsIn(namespace)).rejects.toThrow();
    await Promise.all(left.map(expectEnded));
    expect(existsSync(fleet.directory)).toBe(false);
  });
});
