import { once } from 'node:events';
import { homedir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer } from '#common/answer.ts';
import type { CallRef } from '#common/contract.ts';
import { menu } from '#common/menu.ts';
import type { MenuEntry } from '#common/menu-entry.ts';
import { engineFor, noFace } from '../support/engine-for.ts';
import { expectBlobThrough, expectFree, expectModelThrough } from '../support/through.ts';
import { firstLine, runCommand, startCommand } from './command.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { namespacesMissing } from './namespaces.ts';

const missing = namespacesMissing();
if (missing !== null) console.log(`SKIPPED lab: ${missing}`);

const blobBytes = 100_000_000;

describe.skipIf(missing !== null)('a forward to a real sshd host', () => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await startFleet([
      { alias: 'one', gpus: [], models: [{ port: 8000, id: 'org/llama' }], blobPort: 9000 },
      { alias: 'forbidden', gpus: [], models: [{ port: 8000, id: 'x' }], sshd: ['AllowTcpForwarding no'] },
      { alias: 'down', gpus: [], down: true },
    ]);
  });
  afterAll(async () => {
    await fleet?.stop();
  });

  const forwardCommand = (...args: string[]) =>
    startCommand(['forward', ...args, '--json', '--ssh-config', fleet.sshConfigPath]);

  it('opened by the terminal carries a model, and 100 MB intact through one connection; Ctrl-C frees the port', async () => {
    const model = forwardCommand('one', '8000');
    const blob = forwardCommand('one', '9000', '--local-port', '17450');
    const opened = JSON.parse(await firstLine(model));
    expect(opened).toEqual({
      alias: 'one',
      remotePort: 8000,
      localPort: opened.localPort,
      url: `http://localhost:${opened.localPort}`,
    });
    await expectModelThrough(opened.url, 'org/llama');
    const { url } = JSON.parse(await firstLine(blob));
    expect(url).toBe('http://localhost:17450');
    await expectBlobThrough(url, blobBytes);
    for (const child of [model, blob]) child.kill('SIGINT');
    expect(await Promise.all([model, blob].map(async (child) => (await once(child, 'close'))[0]))).toEqual([
      0, 0,
    ]);
    await expectFree(opened.localPort);
    await expectFree(17_450);
  });

  it('opened by the tray menu entry carries a model, and its stop entry frees the port', async () => {
    const engine = engineFor(fleet.sshConfigPath, { home: homedir(), env: process.env });
    const click = async (wanted: CallRef['name']) => {
      const entry = actions(menu(engine.snapshot(), 'en')).find(
        (each) => each.call.name === wanted && each.enabled,
      );
      if (entry === undefined) throw new Error(`no entry for ${wanted}`);
      return answer({ ...engine.handlers, ...noFace }, entry.call.name, entry.call.input);
    };
    try {
      await engine.loadHosts();
      await engine.scan(['one']);
      expect(await click('forward.open')).toMatchObject({
        ok: true,
        value: { hostId: 'one', remotePort: 8000 },
      });
      const localPort = engine.snapshot().forwards[0]?.localPort ?? 0;
      await expectModelThrough(`http://localhost:${localPort}`, 'org/llama');
      expect(await click('forward.close')).toEqual({ ok: true, value: null });
      expect(engine.snapshot().forwards).toEqual([]);
      await expectFree(localPort);
    } finally {
      await engine.dispose();
    }
  });

  it('that cannot be opened says why, with the exit status of the cause', async () => {
    const run = (...args: string[]) =>
      runCommand(['forward', ...args, '--json', '--ssh-config', fleet.sshConfigPath]);
    const forbidden = await run('forbidden', '8000');
    expect(forbidden).toMatchObject({ code: 1, stdout: '' });
    expect(forbidden.stderr).toMatch(/does not allow forwarding.*AllowTcpForwarding/s);
    const down = await run('down', '8000');
    expect(down).toMatchObject({ code: 3, stdout: '' });
    expect(down.stderr).toMatch(/refused the connection/);
    expect(await run('nowhere', '8000')).toMatchObject({ code: 1, stdout: '' });
    expect(await run('one', '70000')).toMatchObject({ code: 2, stdout: '' });
  });
});

function actions(entries: readonly MenuEntry[]): Extract<MenuEntry, { kind: 'action' }>[] {
  return entries.flatMap((entry) => {
    if (entry.kind === 'submenu') return actions(entry.entries);
    return entry.kind === 'action' ? [entry] : [];
  });
}
