/** Hosts that send without end what nobody asked for: each costs little, and none of the others waits for it. */

import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { AppError } from '#common/failure.ts';
import { failureOf } from '#common/select/failures.ts';
import { isUp } from '#common/select/hosts.ts';
import { openShell } from '#engine/probe/shell.ts';
import { engineFor } from '../support/engine-for.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';
import { output, poolFor } from '../support/ssh/pool-for.ts';
import { type Sshd, sshdAvailable, startSshd, writeSshConfig } from '../support/ssh/sshd.ts';

/** After its hello, each of these goes on for ever; `$S` is the sentinel that it was given. */
const endless = {
  'answers that were not asked for': 'yes "$(printf \'\\n%s begin 7\\n\\n%s end 7\' "$S" "$S")"',
  'the first answer again and again': 'yes "$(printf \'\\n%s begin 0\\n\\n%s end 0\' "$S" "$S")"',
  'beginnings of answers': 'yes "$(printf \'\\n%s begin 1\' "$S")"',
  'parts of an answer': 'printf "\\n%s begin 1\\n" "$S"; yes "$(printf \'\\n%s part gpus 0\' "$S")"',
  stderr: 'yes >&2',
  noise: 'yes',
} as const;
const hosts = 20;

function evil(what: string): string {
  return [
    '#!/bin/sh',
    '[ "$SSH_ORIGINAL_COMMAND" != "exec cat" ] || exec cat',
    // The sentinel stands in two lines after the first (probe/script.ts).
    'read -r first; read -r one; read -r two',
    'eval "$one"; eval "$two"',
    'printf "\\n%s begin 0\\n\\n%s part hello 0\\n\\n%s end 0\\n" "$S" "$S" "$S"',
    what,
    '',
  ].join('\n');
}

describe.skipIf(!sshdAvailable())('a host without end', () => {
  let folder: Folder;
  let honest: Sshd;
  const started: Sshd[] = [];

  const startEvil = async (what: string): Promise<Sshd> => {
    const script = join(folder.path, `evil-${started.length}`);
    await writeFile(script, evil(what));
    await chmod(script, 0o755);
    const sshd = await startSshd({ config: [`ForceCommand ${script}`] });
    started.push(sshd);
    return sshd;
  };
  const connect = async (sshd: Sshd, client: 'built-in' | 'system') => {
    const dir = await temporaryFolder();
    const pool = poolFor(await sshd.configPath(dir.path), { transportSetting: () => client });
    onTestFinished(async () => {
      await pool.dispose();
      await dir.remove();
    });
    return (await pool.get('lab')).transport;
  };

  beforeAll(async () => {
    folder = await temporaryFolder();
    honest = await startSshd();
  });
  afterAll(async () => {
    await Promise.all([honest, ...started].map((sshd) => sshd?.stop()));
    await folder?.remove();
  });

  describe.each(['built-in', 'system'] as const)('over the %s client', (client) => {
    it.each(Object.entries(endless))('%s: the shell is closed', async (_name, what) => {
      const transport = await connect(await startEvil(what), client);
      const shell = await openShell(transport, { timeoutMs: 20_000 });
      const closed = new Promise<AppError>((resolve) => shell.onClose(resolve));
      const answer = await shell.request('gpus', 'index').catch((error: AppError) => error);
      expect(answer).toMatchObject({ code: 'probe-garbled' });
      expect(await closed).toBe(answer);
    });
  });

  it('what no channel takes closes the connection, and what is given up does not', async () => {
    const transport = await connect(honest, 'built-in');
    for (let round = 0; round < 20; round += 1) {
      const stream = await transport.exec('yes');
      await new Promise((resolve) => stream.once('data', resolve));
      stream.destroy();
    }
    const slow = await transport.exec('head -c 30000000 /dev/zero');
    expect(await output(transport, 'echo still')).toBe('still\n');
    let read = 0;
    for await (const chunk of slow) read += chunk.length;
    expect(read).toBe(30_000_000);
    const ended = new Promise((resolve) => transport.onClose(resolve));
    await transport.exec('yes >&2');
    expect(await ended).toMatchObject({ code: 'probe-garbled' });
  });

  it(`${hosts} of them at once: all are closed for long, and another host is measured meanwhile`, async () => {
    const kinds = Object.values(endless).slice(0, 5);
    const servers = await Promise.all(kinds.map(startEvil));
    const entries = Array.from({ length: hosts }, (_, at) => {
      const options = (servers[at % servers.length] as Sshd).hostOptions();
      // Each alias is a connection of its own.
      return { alias: `endless-${at}`, options: { ...options, ConnectTimeout: 10 + at } };
    });
    const config = await writeSshConfig(folder.path, [
      ...entries,
      { alias: 'honest', options: honest.hostOptions() },
    ]);
    const engine = engineFor(config);
    onTestFinished(() => engine.dispose());
    await engine.loadHosts();
    const before = process.cpuUsage();
    const startedAt = performance.now();
    await engine.scan();
    engine.watch();
    const host = (id: string) => engine.snapshot().hosts.find((each) => each.id === id);
    await vi.waitFor(
      () => {
        for (const { alias } of entries) {
          const state = host(alias)?.state;
          expect(state && failureOf(state)?.code).toBe('probe-garbled');
        }
      },
      { timeout: 60_000 },
    );
    for (const { alias } of entries) {
      const state = host(alias)?.state;
      const next = (state && failureOf(state)?.nextAttemptAt) ?? 0;
      expect(next - Date.now()).toBeGreaterThan(200_000);
    }
    const first = host('honest')?.measuredAt ?? 0;
    await vi.waitFor(() => expect(host('honest')?.measuredAt).toBeGreaterThan(first), { timeout: 60_000 });
    const state = host('honest')?.state;
    expect(state && (isUp(state) || state.kind)).toBeTruthy();
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = (user + system) / 1e6;
    console.log(
      `${hosts} hosts without end: ${cpu.toFixed(1)} s of CPU until all are closed (${seconds.toFixed(1)} s); next attempt after 300 s: ${((100 * cpu) / 300).toFixed(1)} % of a core`,
    );
  });
});
