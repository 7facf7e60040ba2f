/** serve, launches, logs, extend and stop over a real sshd with tmux and a stand-in vllm. */

import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../../main/cli/program.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { type LaunchHost, quietPort, startLaunchHost } from '../../support/launch-host.ts';
import { sshdAvailable } from '../../support/ssh/sshd.ts';
import { createTerminal, type Terminal, type TerminalOptions } from '../../support/terminal.ts';

describe.skipIf(!sshdAvailable())('serving from the terminal', { timeout: 90_000 }, () => {
  let host: LaunchHost;
  let here: Folder;
  beforeAll(async () => {
    host = await startLaunchHost();
    here = await temporaryFolder();
  });
  afterAll(async () => {
    await promisify(execFile)('tmux', ['kill-server'], {
      env: { PATH: process.env.PATH, TMUX_TMPDIR: here.path },
    }).catch(() => undefined);
    await host?.stop();
    await here?.remove();
  });

  const open = (size?: TerminalOptions['size']): Terminal =>
    createTerminal({
      home: here.path,
      env: { TMUX_TMPDIR: here.path, NO_COLOR: '1' },
      ...(size && { size }),
    });
  const start = (terminal: Terminal, ...args: readonly string[]) =>
    run([...args, '--ssh-config', host.configPath], terminal.io, '1');
  async function finish(...args: readonly string[]) {
    const terminal = open();
    const code = await start(terminal, ...args);
    return { code, out: terminal.out(), err: terminal.err() };
  }

  it('starts a model with arguments of vllm, forwards it beyond its own end, lists, extends and stops it', async () => {
    const [port, local] = [await quietPort(), await quietPort()];
    const served = await finish(
      ...['serve', 'stand-in/ready', '--server', 'lab', '--gpus', '0,2', '--lifetime', '10m', '--json'],
      ...[
        '--remote-port',
        String(port),
        '--local-range',
        `${local}-${local}`,
        '--max-model-len',
        '4096',
        '-dp=1',
      ],
    );
    expect(served.code, served.err).toBe(0);
    const result = JSON.parse(served.out);
    expect(result).toEqual({
      alias: 'lab',
      session: `vllmctl_server_${port}`,
      remotePort: port,
      localPort: local,
      url: `http://localhost:${local}/v1`,
      model: 'stand-in/ready',
      gpus: ['GPU-0', 'GPU-2'],
      endsAt: expect.any(Number),
    });
    expect(served.err).toContain('by the vllm in the PATH of the login shell');
    expect(served.err).toContain(
      `exec env CUDA_VISIBLE_DEVICES=GPU-0,GPU-2 vllm serve stand-in/ready --port ${port} --host 127.0.0.1 --max-model-len 4096 -dp=1\n`,
    );
    expect(served.err).toContain('Loading safetensors checkpoint shards');
    const answer = await fetch(`http://127.0.0.1:${local}/v1/models`);
    expect(await answer.json()).toMatchObject({ data: [{ id: 'stand-in/ready' }] });

    const list = await finish('launches', '--json');
    expect(JSON.parse(list.out)).toEqual({
      launches: [
        {
          name: `vllmctl_server_${port}`,
          alias: 'lab',
          model: 'stand-in/ready',
          remotePort: port,
          stage: 'ready',
          startedAt: expect.any(Number),
          endsAt: expect.any(Number),
          failure: null,
        },
      ],
    });
    const logs = await finish('logs', result.session);
    expect(logs).toMatchObject({ code: 0, out: expect.stringContaining('Application startup complete.') });
    const extended = await finish('extend', result.session, '2h', '--json');
    const [{ endsAt }] = JSON.parse(extended.out).launches;
    expect(Math.abs(endsAt - result.endsAt - 7_200_000)).toBeLessThan(5000);
    expect(await finish('stop', `lab/${result.session}`)).toMatchObject({
      code: 0,
      out: `Stopped vllmctl_server_${port} on lab.\n`,
    });
    const after = await finish('launches', '--all', '--json');
    expect(JSON.parse(after.out).launches).toMatchObject([{ stage: 'stopped', failure: null }]);
    expect(JSON.parse((await finish('launches', '--json')).out)).toEqual({ launches: [] });
    expect(await finish('stop', result.session)).toMatchObject({
      code: 1,
      err: `${result.session} has ended. To see its log: vllm-tray logs ${result.session} --ssh-config ${host.configPath}\n`,
    });
  });

  it('ends with 4 when it was not ready in time, and the launch goes on', async () => {
    for (const stage of ['environment', 'download']) writeFileSync(join(host.home, `go-${stage}`), '');
    const port = await quietPort();
    const terminal = open({ columns: 100, rows: 30 });
    const code = await start(
      terminal,
      ...['serve', 'stand-in/steps', '--server', 'auto', '--remote-port', String(port), '--timeout', '3'],
    );
    expect(code, terminal.err()).toBe(4);
    expect(terminal.out()).toBe('');
    expect(terminal.err()).toMatch(/[█░]{24} +\d+ % {2}downloading the model, 2\.2 GB \/ 5\.0 GB/);
    expect(terminal.err()).toContain('goes on on lab');
    const id = `lab/vllmctl_server_${port} --ssh-config ${host.configPath}`;
    expect(terminal.err()).toContain(`Its log: vllm-tray logs ${id}. To end it: vllm-tray stop ${id}\n`);
    const table = await finish('launches');
    expect(table.out).toMatch(
      /vllmctl_server_\d+ +lab +stand-in\/steps +\d+ +downloading the model, 2\.2 GB \/ 5\.0 GB/,
    );

    const following = open();
    const followed = start(following, 'logs', `vllmctl_server_${port}`, '--follow');
    await vi.waitFor(() => expect(following.out()).toContain('model.safetensors'), { timeout: 20_000 });
    for (const stage of ['load', 'compile', 'ready']) writeFileSync(join(host.home, `go-${stage}`), '');
    await vi.waitFor(() => expect(following.out()).toContain('startup complete'), { timeout: 20_000 });
    following.interrupt();
    expect(await followed).toBe(0);
    expect((await finish('stop', `vllmctl_server_${port}`)).code).toBe(0);
    for (const stage of ['environment', 'download', 'load', 'compile', 'ready'])
      rmSync(join(host.home, `go-${stage}`), { force: true });
  });

  it('says why it failed and what to do', async () => {
    const terminal = open();
    const code = await start(
      terminal,
      'serve',
      'stand-in/heads',
      '--server',
      'lab',
      '--remote-port',
      String(await quietPort()),
    );
    expect(code).toBe(1);
    expect(terminal.err()).toContain(
      'cannot be split over this number of GPUs (ValueError: Total number of attention heads',
    );
    expect(terminal.err()).toContain('Choose a --tensor-parallel-size');
    expect(terminal.out()).toBe('');
    const all = await finish('launches', '--all', '--json');
    expect(JSON.parse(all.out).launches).toContainEqual(
      expect.objectContaining({
        stage: 'failed',
        failure: expect.objectContaining({ kind: 'uneven-split' }),
      }),
    );
  });

  it('refuses busy GPUs, and says which', async () => {
    writeFileSync(join(host.home, 'busy'), 'GPU-1\n');
    const refused = await finish('serve', 'stand-in/ready', '--server', 'lab', '--gpus', '1,');
    expect(refused).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('GPU 1 of lab is not free'),
    });
    writeFileSync(join(host.home, 'busy'), '');
  });

  it('takes launch for serve, and names serve', async () => {
    const port = String(await quietPort());
    const old = await finish(
      'launch',
      '--server',
      'lab',
      '--model',
      'stand-in/disk',
      '--tensor-parallel-size',
      '2',
      '--remote-port',
      port,
    );
    expect(old.code).toBe(1);
    expect(old.err).toContain('it is: vllm-tray serve stand-in/disk --server lab --tensor-parallel-size 2\n');
    expect(old.err).toContain('CUDA_VISIBLE_DEVICES=GPU-0,GPU-1 vllm serve stand-in/disk');
    expect(old.err).toContain('The disk of the host is full');
  });

  it.each<[readonly string[], string]>([
    [['serve', 'm'], "required option '--server <host>' not specified"],
    [['serve', '--server', 'lab'], "missing required argument 'model'"],
    [['serve', '--enforce-eager', 'm', '--server', 'lab'], 'MODEL comes before'],
    [['serve', 'm', '--server', 'lab', '--lifetime', '2w'], 'such as 30s, 10m, 2h or 1d'],
    [['serve', 'm', '--server', 'lab', '--gpus', 'x'], 'how many (2), or which ones'],
    [['serve', 'm', '--server', 'lab', '--venv', 'a', '--container', 'b'], 'cannot be used with'],
    [['serve', 'm', '--server', 'lab', '--env', 'x'], 'NAME=VALUE'],
    [['serve', 'm', '--server', 'lab', '--name', 'a;b'], 'name'],
  ])('%j is bad usage', async (args, said) => {
    const { code, out, err } = await finish(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
  });

  it.each([
    ['serve', 'm', '--server', 'auto'],
    ['stop', 'qwen'],
    ['logs', 'qwen'],
    ['extend', 'qwen', '1h'],
  ])('%s says why no host has answered', async (...args) => {
    const config = join(here.path, 'away');
    writeFileSync(config, 'Host away\n  HostName 127.0.0.1\n  Port 1\n');
    const terminal = open();
    expect(await run([...args, '--ssh-config', config], terminal.io, '1')).toBe(3);
    expect(terminal.err()).toMatch(/^away: The host refused the connection .*Check that sshd runs there/m);
    expect(terminal.err()).not.toContain('not free');
  });

  it('serve says that there is no host for auto', async () => {
    const config = join(here.path, 'empty');
    writeFileSync(config, '');
    const terminal = open();
    const args = ['serve', 'm', '--server', 'auto', '--ssh-config', config];
    expect(await run(args, terminal.io, '1')).toBe(3);
    expect(terminal.err()).toContain(`There is no host in ${config}`);
    expect(terminal.err()).not.toContain('not free');
  });

  it('refuses a secret in an argument, and an unknown host', async () => {
    const secret = await finish('serve', 'm', '--server', 'lab', '--env', 'HF_TOKEN=x');
    expect(secret).toMatchObject({
      code: 1,
      err: expect.stringContaining('HF_TOKEN would be seen by others'),
    });
    const unknown = await finish('serve', 'm', '--server', 'labb');
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('Did you mean lab?') });
  });
});
