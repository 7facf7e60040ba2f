import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { firstLine, startCommand } from './command.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { type Namespace, namespacesMissing, pidsIn } from './namespaces.ts';

const missing = namespacesMissing();
if (missing !== null) console.log(`SKIPPED lab: ${missing}`);

describe.skipIf(missing !== null)('an app that is killed', () => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await startFleet([
      { alias: 'plain', gpus: [], models: [{ port: 8000, id: 'm' }] },
      // It measures while the app dies.
      { alias: 'slow-tool', gpus: [], nvidiaSmi: '#!/bin/sh\nexec sleep 3\n' },
    ]);
  });
  afterAll(async () => {
    await fleet?.stop();
  });

  const running = async (alias: string): Promise<number> =>
    (await pidsIn(fleet.namespaces.get(alias) as Namespace)).length;

  it.each([
    ['while it watches', ['gpu-idle-top', '--json']],
    ['while it forwards', ['forward', 'plain', '8000', '--json']],
  ])('leaves no process on its hosts after 5 seconds: %s', async (_name, args) => {
    const app = startCommand([...args, '--ssh-config', fleet.sshConfigPath]);
    await firstLine(app);
    expect(await running('plain')).toBeGreaterThan(1);
    app.kill('SIGKILL');
    await once(app, 'close');
    await vi.waitFor(
      async () => expect([await running('plain'), await running('slow-tool')]).toEqual([1, 1]),
      { timeout: 5000, interval: 100 },
    );
  });
});
