import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sshd, sshdAvailable, startSshd } from '../../lab/sshd.ts';
import { type Folder, temporaryFolder } from '../../unit/engine/ssh/folder.ts';
import { output, poolFor } from './pool-for.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe.skipIf(!sshdAvailable())('a thousand connections, one after the other', () => {
  let sshd: Sshd;
  let folder: Folder;

  beforeAll(async () => {
    folder = await temporaryFolder();
    sshd = await startSshd({ config: ['LogLevel QUIET'] });
  });
  afterAll(async () => {
    await sshd?.stop();
    await folder?.remove();
  });

  it('leave no socket, timer, child or memory behind', { timeout: 300_000 }, async () => {
    const pool = poolFor(await sshd.configPath(folder.path), { home: folder.path });
    const cycle = async (): Promise<void> => {
      const { transport } = await pool.get('lab');
      await transport.ping(5000);
      await pool.closeAll();
    };
    const inUse = (): readonly string[] => process.getActiveResourcesInfo().sort();
    const heapMiB = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed / 2 ** 20;
    };
    for (let n = 0; n < 100; n += 1) await cycle();
    const [resources, heap] = [inUse(), heapMiB()];
    for (let n = 0; n < 900; n += 1) await cycle();
    const grownMiB = heapMiB() - heap;
    console.log(
      `900 more connections: heap ${grownMiB.toFixed(2)} MiB larger, ${inUse().length} resources in use`,
    );
    expect(inUse()).toEqual(resources);
    // 900 forgotten clients of 30 KiB would be 26 MiB.
    expect(grownMiB).toBeLessThan(4);
    expect(await output((await pool.get('lab')).transport, 'echo in')).toBe('in\n');
    await pool.dispose();
  });
});
