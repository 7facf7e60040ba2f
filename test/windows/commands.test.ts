import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { demoHosts } from '../../main/demo/catalogue.ts';
import { freePort, sshdAvailable } from '../support/ssh/sshd.ts';
import { expectFree, expectModelThrough } from '../support/through.ts';
import { type LabHost, startLabHost, writeSshFiles } from './lab-host.ts';
import { describeOnWindows, printed, startOnWindows, vllmTray } from './programs.ts';

describeOnWindows('the commands on Windows, on the demo cluster', () => {
  it('show every host as it is', async () => {
    const { code, out, err } = await vllmTray(['gpu-idle-top', '--once', '--json', '--demo']);
    const { hosts } = JSON.parse(out);
    for (const [at, { alias, behaviour, gpu, gpuCount }] of demoHosts.entries()) {
      const { state, gpus } = hosts[at];
      const ends = {
        unreachable: 'unreachable',
        'asks-code': 'auth-needed',
        'new-key': 'hostkey-unknown',
        slow: 'up',
        normal: 'up',
        'no-forwarding': 'up',
      }[behaviour.kind];
      expect({ alias, kind: state.kind }).toEqual({
        alias,
        kind: ends === 'up' && gpu === null ? 'no-gpu' : ends,
      });
      if (state.kind === 'up') expect(gpus).toHaveLength(gpuCount);
    }
    expect({ code, err }).toEqual({ code: 0, err: expect.not.stringContaining('rror') });
  });
});

describeOnWindows('the commands on Windows, with a real sshd', () => {
  const available = sshdAvailable();
  let host: LabHost;
  beforeAll(async () => {
    if (!available) return;
    host = await startLabHost();
    await writeSshFiles(host, 'known');
  });
  afterAll(() => host?.stop());
  const test = it.skipIf(!available);

  test('list-hosts reads the configurations of the person and of the computer', async () => {
    const { code, out, err } = await vllmTray(['list-hosts', '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out).hosts).toEqual([
      expect.objectContaining({ alias: 'lab', hostname: '127.0.0.1', port: host.sshd.port }),
    ]);
  });

  test('gpu-idle-top shows its GPUs, with a known_hosts of Windows', async () => {
    const { code, out } = await vllmTray(['gpu-idle-top', '--once', '--json', '--host-regex', '^lab$']);
    const [lab] = JSON.parse(out).hosts;
    expect({ code, state: lab.state }).toEqual({ code: 0, state: { kind: 'up' } });
    expect(lab.gpus).toHaveLength(host.gpuCount);
  });

  test('list-remote and vllm-queue-top show its model', async () => {
    for (const command of [['list-remote'], ['vllm-queue-top', '--once']]) {
      const { code, out } = await vllmTray([...command, '--json', '--host-regex', '^lab$']);
      expect({ command, code }).toEqual({ command, code: 0 });
      expect(out).toContain(host.model);
    }
  });

  test('forward carries requests until Ctrl-C, and frees the port', async () => {
    const forward = startOnWindows('cli', ['forward', 'lab', String(host.modelPort)]);
    const port = Number(await printed(forward, /localhost:(\d+)/));
    await expectModelThrough(`http://127.0.0.1:${port}`, host.model);
    forward.interrupt();
    expect((await forward.ended).code).toBe(0);
    await expectFree(port);
  });

  test('auto-forward carries what it finds, and ends', async () => {
    const { code, out } = await vllmTray(['auto-forward', '--once', '--json', '--host-regex', '^lab$']);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(host.model) });
  });

  test('forward to a port where nothing listens says so', async () => {
    const forward = startOnWindows('cli', ['forward', 'lab', String(await freePort())]);
    await vi.waitFor(() => expect(forward.err()).toContain('Nothing listens on the remote port'), {
      timeout: 60_000,
    });
    forward.interrupt();
    expect((await forward.ended).code).toBe(1);
  });

  test('commands about this computer say what there is not', async () => {
    const forwards = await vllmTray(['tmux-forwards']);
    expect(forwards).toMatchObject({ code: 0, err: '', out: expect.stringContaining('There is no tmux') });
    // Wine has no PowerShell to list them with.
    expect(forwards.out).toContain('Plain ssh processes cannot be listed');
    expect(await vllmTray(['list-local'])).toMatchObject({ code: 0, err: '' });
  });
});
