/** `auto-forward` over the demo cluster: real SSH, and models that answer through what it has opened. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../../main/cli/program.ts';
import { demoHosts } from '../../../main/demo/catalogue.ts';
import { type DemoCluster, startDemoCluster } from '../../../main/demo/cluster.ts';
import { createTerminal, type TerminalOptions } from '../../support/terminal.ts';
import { expectFree } from '../../support/through.ts';

const serving = demoHosts.filter(
  ({ behaviour, services }) =>
    behaviour.kind === 'normal' &&
    services.some((service) => service.kind === 'vllm' && service.apiKey === null),
);
const [first, second] = serving;
if (first === undefined || second === undefined) throw new Error('the demo cluster serves too few models');

let home: string;
let cluster: DemoCluster;
let configPath: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'vllm-tray-auto-'));
  cluster = await startDemoCluster();
  const config = await readFile(cluster.sshConfigPath, 'utf8');
  // Another name for the first host.
  const block = new RegExp(`^Host ${first.alias}\\n(?:[ \\t]+.*\\n)+`, 'm').exec(config)?.[0] ?? '';
  configPath = path.join(home, 'config');
  await writeFile(configPath, `${config}\n${block.replace(first.alias, 'twin')}`);
});
afterAll(async () => {
  await cluster?.dispose();
  await rm(home, { recursive: true });
});

interface Printed {
  readonly alias: string;
  readonly remotePort: number;
  readonly localPort: number | null;
  readonly status: string;
  readonly model: string | null;
}

function start(args: readonly string[], options: Omit<TerminalOptions, 'home'> = {}) {
  const terminal = createTerminal({ home, ...options });
  const hosts = ['--host-regex', `^(${first?.alias}|${second?.alias}|twin)$`];
  const code = run(['auto-forward', ...args, ...hosts, '--ssh-config', configPath], terminal.io, '1');
  const printed = (): readonly Printed[] =>
    JSON.parse(terminal.out().trim().split('\n').at(-1) ?? '').forwards;
  return { terminal, code, printed };
}

describe('auto-forward', () => {
  it('--once opens one forward per model, none twice for a host of two names, prints them and ends', async () => {
    const { code, terminal, printed } = start(['--once', '--json', '--local-range', '17610-17619']);
    expect(await code).toBe(0);
    expect(terminal.err()).toBe(
      'These forwards are closed again, as this program ends: without --once they stay until Ctrl-C, with --tmux longer.\n',
    );
    expect(Object.keys(JSON.parse(terminal.out()))).toEqual(['forwards']);
    for (const each of printed())
      expect(Object.keys(each)).toEqual(['alias', 'remotePort', 'localPort', 'status', 'model']);
    const of = (alias: string) => printed().filter((each) => each.alias === alias);
    const ports = of(first.alias).map(({ localPort }) => localPort);
    expect(ports.length).toBeGreaterThan(0);
    expect(
      of(first.alias).every(({ status, localPort }) => status === 'forwarded' && localPort !== null),
    ).toBe(true);
    expect(of('twin')).toMatchObject(ports.map((localPort) => ({ status: 'already-forwarded', localPort })));
    expect(of(second.alias).length).toBeGreaterThan(0);
    // It ends with nothing left open.
    await expectFree(of(first.alias)[0]?.localPort ?? 0);
  });

  it('holds them while it runs, prints again after changes, and frees the ports at Ctrl-C', async () => {
    const { code, terminal, printed } = start(['--json', '--local-range', '17610-17619']);
    await vi.waitFor(() => expect(printed().length).toBeGreaterThan(2), { timeout: 20_000 });
    const [forward] = printed();
    const list = await (await fetch(`http://localhost:${forward?.localPort}/v1/models`)).json();
    expect(list.data[0].id).toBe(forward?.model);
    terminal.interrupt();
    expect(await code).toBe(0);
    await expectFree(forward?.localPort ?? 0);
  });

  it('shows people a table with what was forwarded where, and what was not and why', async () => {
    const { code, terminal } = start(['--once', '--local-range', '17610-17610']);
    expect(await code).toBe(0);
    expect(terminal.out()).toMatch(/^LOCAL +MODEL +FROM +STATUS$/m);
    // The program has ended, and the forwards with it: it shows no address that is dead.
    expect(terminal.out()).toMatch(new RegExp(`^port 17610 .* ${first.alias}:\\d+ +closed again$`, 'm'));
    expect(terminal.out()).not.toContain('http://');
    expect(terminal.out()).toMatch(/twin:\d+ +closed again/);
    expect(terminal.out()).toMatch(/no free port: No local port of the range is free \(17610-17610\)/);
  });

  it('is live on a terminal until q', async () => {
    const { code, terminal } = start(['--local-range', '17610-17619'], { size: { columns: 120, rows: 30 } });
    await vi.waitFor(() => expect(terminal.out()).toContain('http://localhost:1761'), { timeout: 20_000 });
    terminal.press('q');
    expect(await code).toBe(0);
    expect(terminal.keyboard()).toEqual({ raw: false, listeners: 0 });
  });

  it.each(['17610', '9-x', '17619-17610', '0-10', '1-2-3'])('refuses the range %s', async (range) => {
    const { code, terminal } = start(['--local-range', range]);
    expect(await code).toBe(2);
    expect(terminal.err()).toContain('--local-range');
  });
});
