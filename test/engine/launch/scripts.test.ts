/** The scripts of a launch, run by the real sh of this computer as a host runs them, for every login shell that people have. */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseFacts, parseLook } from '#engine/launch/host-answers.ts';
import { factsScript, lookScript, startScript, stopScript } from '#engine/launch/host-scripts.ts';
import { linesOf } from '#engine/launch/launchers/registry.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { isRunning } from '../../support/is-running.ts';
import { quietPort } from '../../support/launch-host.ts';
import { pathOf, shells } from '../typed.ts';

const letters = '\'"`$\\!;&|<>(){}[]*?~#%^= -ab/яñ'.split('');
const word = fc.string({ unit: fc.constantFrom(...letters), maxLength: 15 });
const seed = Number(process.env.PROPERTY_SEED);

/** A home folder without tmux and with a vllm that notes its words, then waits. */
async function openHost(shell: string) {
  const { path: home, remove } = await temporaryFolder();
  onTestFinished(remove);
  const bin = join(home, 'bin');
  mkdirSync(bin);
  symlinkSync('/bin/false', join(bin, 'tmux'));
  const vllm = `#!/bin/sh\nprintf '%s\\0' "$@" >"$HOME/words.new"\nmv "$HOME/words.new" "$HOME/words"\necho $$\nexec sleep 600\n`;
  writeFileSync(join(bin, 'vllm'), vllm);
  chmodSync(join(bin, 'vllm'), 0o755);
  for (const profile of ['.profile', '.bash_profile', '.zprofile'])
    writeFileSync(join(home, profile), `echo noise\nPATH='${bin}':$PATH\n`);
  const env = { HOME: home, PATH: `${bin}:/usr/bin:/bin`, SHELL: shell, LC_ALL: 'C.UTF-8' };
  const send = (script: string): string =>
    spawnSync('/bin/sh', [], { input: script, encoding: 'utf8', env, cwd: '/' }).stdout;
  return { home, send };
}

describe.each(shells)('a launch under the login shell %s', (name) => {
  const path = pathOf(name);

  it.skipIf(path === null)(
    'hands over every word unchanged, is seen, and is stopped',
    async () => {
      const { home, send } = await openHost(path ?? '');
      const port = await quietPort();
      const facts = parseFacts(send(factsScript({ from: port, to: port })));
      expect(facts).toMatchObject({ port, vllm: expect.stringMatching(/\/vllm$/), condaBases: [] });
      const [model = ''] = fc.sample(word, { numRuns: 1, seed });
      const args = fc.sample(word, { numRuns: 60, seed });
      const work = { name: 'test', model, remotePort: port, args, env: { X_A: args.join(' ') }, gpus: null };
      const { line, killLine } = linesOf(work, { kind: 'plain' }, facts);
      const meta = { model, remotePort: port, gpus: [], launcher: 'plain', command: line };
      const files = {
        ...{ name: 'test', port, vendor: null, gpus: [] },
        line,
        killLine,
        lifetimeSeconds: null,
        meta,
      };
      expect(send(startScript(files))).toBe('started\n');
      onTestFinished(() => void send(stopScript('test')));
      await vi.waitFor(() =>
        expect(readFileSync(join(home, 'words'), 'utf8').split('\0').slice(0, -1)).toEqual([
          'serve',
          model,
          '--port',
          String(port),
          '--host',
          '127.0.0.1',
          ...args,
        ]),
      );
      expect(send(startScript({ ...files, port: port + 1 }))).toBe('refused name\n');
      const look = () =>
        parseLook(send(lookScript('mark')), { hostId: 'h', sentinel: 'mark', nowMs: Date.now() })[0];
      await vi.waitFor(() => expect(look()?.lines.join()).toMatch(/\d+/));
      expect(look()).toMatchObject({ name: 'test', remotePort: port, facts: { program: { kind: 'runs' } } });
      const pid = Number(/\d+/.exec(look()?.lines.join() ?? '')?.[0]);
      expect(await isRunning(pid)).toBe(true);
      expect(send(stopScript('test'))).toBe('ended\n');
      expect(await isRunning(pid)).toBe(false);
      expect(look()?.facts).toMatchObject({ program: { kind: 'ended' }, endedFor: 'asked' });
      expect(send(stopScript('test'))).toBe('refused gone\n');
    },
    60_000,
  );
});
