/** Every text that the app copies for a shell, pasted into the shells that people have. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreeDevice, shellOnDevices } from '#common/free-gpus.ts';
import type { Gpu } from '#common/hosts.ts';
import { attachCommand } from '#common/other-forwards.ts';
import { sshCommand } from '#common/select/hosts.ts';
import type { Source } from '#common/snapshot.ts';
import { shellWord } from '#common/text.ts';
import { curlCommand, exportBaseUrl, pythonProgram, setenvBaseUrl } from '../../renderer/lib/commands.ts';
import { aGpu, aHost, anOtherForward } from '../support/samples.ts';
import { sshdAvailable, startSshd } from '../support/ssh/sshd.ts';
import { createDesk, type Desk, pathOf, type Shell, shells } from './typed.ts';

const source: Source = { kind: 'ssh-config', path: '/x', configFile: "/my configs/it's" };
const hostile = [
  'gpu-01',
  'gpu; touch hacked',
  "it's $(touch hacked) `touch hacked`",
  'wow!!1 !! !$',
  'back\\slash\\',
  '\\"two\\\\\'',
  '~root {a,b} *?[x] (y) #z %1 ^a &b |c <d >e',
  '=ls',
  'ñandú-узел',
];
const whole = (index: number, fields: Partial<Gpu> = {}): FreeDevice => ({
  gpu: { ...aGpu, index, ...fields },
  instance: null,
});
const instance = (uuid: string): FreeDevice => ({
  gpu: aGpu,
  instance: { index: 0, uuid, profile: null, memUsedMiB: 0, memTotalMiB: 1, processes: [] },
});

describe.each(shells)('pasted into %s', (shell) => {
  const isThere = pathOf(shell) !== null;
  let desk: Desk;
  beforeAll(async () => {
    desk = await createDesk(['ssh', 'curl', 'tmux', 'ssh-keygen']);
  });
  afterAll(() => desk?.remove());

  const startedBy = async (program: string, lines: readonly string[]) => {
    await desk.paste(shell, lines.join('\n'), { OPENAI_API_KEY: "k'$x" });
    expect(existsSync(join(desk.dir, 'hacked'))).toBe(false);
    return await desk.started(program);
  };

  it.skipIf(!isThere)('the ssh command and the shell on free GPUs reach ssh as they are meant', async () => {
    const hosts = hostile.map((alias) => ({ ...aHost, alias }));
    const config = ['-F', "/my configs/it's"];
    expect(
      await startedBy(
        'ssh',
        hosts.map((host) => sshCommand(source, host)),
      ),
    ).toEqual(hostile.map((alias) => [...config, alias]));
    const free = [whole(0), whole(3)];
    expect(
      await startedBy(
        'ssh',
        hosts.map((host) => shellOnDevices(source, host, free)),
      ),
    ).toEqual(
      hostile.map((alias) => [
        '-t',
        ...config,
        alias,
        'exec env CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=0,3 "$SHELL" -l',
      ]),
    );
  });

  it.skipIf(!isThere)('the remedies and the attach command name what they are about', async () => {
    const remedies = hostile.map((word) => ['ssh-keygen', '-R', word, '-f', word].map(shellWord).join(' '));
    expect(await startedBy('ssh-keygen', remedies)).toEqual(hostile.map((word) => ['-R', word, '-f', word]));
    const attaches = hostile.map(
      (session) => attachCommand({ ...anOtherForward, owner: { kind: 'tmux', session } }) ?? '',
    );
    expect(await startedBy('tmux', attaches)).toEqual(
      hostile.map((session) => ['attach', '-t', `=${session}`]),
    );
  });

  it.skipIf(!isThere)('the curl line carries the model id whole', async () => {
    const base = 'http://localhost:16100/v1';
    const calls = await startedBy(
      'curl',
      hostile.map((model) => curlCommand(base, { model, needsKey: true })),
    );
    expect(calls.map((words) => words.slice(0, 6))).toEqual(
      hostile.map(() => [
        `${base}/chat/completions`,
        '-H',
        'Content-Type: application/json',
        '-H',
        "Authorization: Bearer k'$x",
        '-d',
      ]),
    );
    expect(calls.map((words) => JSON.parse(words[6] ?? '').model)).toEqual(hostile);
  });

  it.skipIf(!isThere)('the line for the base URL sets it', async () => {
    const line = (shell === 'tcsh' ? setenvBaseUrl : exportBaseUrl)('http://localhost:16100/v1');
    const output = await desk.paste(shell, `${line}\nprintenv OPENAI_BASE_URL`);
    expect(output).toContain('http://localhost:16100/v1\n');
  });
});

it('the copied Python program asks the model by its name, whatever that is', () => {
  const client = [
    'from types import SimpleNamespace as Thing',
    'answer = Thing(choices=[Thing(message=Thing(content="answered"))])',
    'def create(**options): print(options["model"]); return answer',
    'def OpenAI(**options): return Thing(chat=Thing(completions=Thing(create=create)))',
  ].join('\n');
  const programs = hostile.map((model) =>
    pythonProgram('http://localhost:1/v1', { model, needsKey: false }).replace(/^from.*$/m, ''),
  );
  const input = [client, ...programs].join('\n');
  const { stdout, error } = spawnSync('python3', ['-I', '-'], { input, encoding: 'utf8' });
  if (error !== undefined) return console.warn('skipped: there is no python3 here');
  expect(stdout).toBe(hostile.map((model) => `${model}\nanswered\n`).join(''));
});

describe.skipIf(!sshdAvailable())('the shell on free GPUs, over a real sshd', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await createDesk();
  });
  afterAll(() => desk?.remove());

  /** What a login shell reads at its beginning, and no other shell: it tells what it is in and what it sees, and ends. */
  const report = `printenv CUDA_VISIBLE_DEVICES; printenv HIP_VISIBLE_DEVICES; printenv CUDA_DEVICE_ORDER; sh -c 'readlink /proc/$PPID/exe'; exit`;
  const loginFiles = {
    bash: ['.bash_profile', report],
    zsh: ['.zlogin', report],
    fish: ['.config/fish/config.fish', `if status is-login; ${report}; end`],
    tcsh: ['.login', report],
  } as const;
  type LoginShell = keyof typeof loginFiles;

  /** The lines of the report of the account's login shell, which sshd runs with `-c` and names in SHELL. */
  async function reported(typedIn: Shell, shell: LoginShell, devices: readonly FreeDevice[]) {
    const path = pathOf(shell) ?? '';
    const sshd = await startSshd({
      config: [`ForceCommand exec env SHELL=${path} ${path} -c "$SSH_ORIGINAL_COMMAND"`],
    });
    const [name, text] = loginFiles[shell];
    await mkdir(join(sshd.dir, '.config/fish'), { recursive: true });
    await writeFile(join(sshd.dir, name), `${text}\n`);
    const configFile = await sshd.configPath(desk.dir);
    const host = { ...aHost, alias: 'lab' };
    const line = shellOnDevices({ kind: 'ssh-config', path: '/x', configFile }, host, devices);
    const said = await desk.paste(typedIn, line).finally(() => sshd.stop());
    const lines = said.split(/\r?\n/).map((each) => each.replace(/^.*[#$%>] /, ''));
    const end = lines.findIndex((each) => each.endsWith(`/${shell}`));
    return { devices: lines.slice(0, end), said, isLogin: end >= 0 };
  }

  it.each(['bash', 'zsh', 'fish', 'tcsh'] as const)('sets the devices in a login %s', async (shell) => {
    if (pathOf(shell) === null) return;
    const sees = async (devices: readonly FreeDevice[], ...lines: readonly string[]) => {
      const answer = await reported('bash', shell, devices);
      expect(answer.isLogin, answer.said).toBe(true);
      expect(answer.devices.slice(-lines.length)).toEqual(lines);
    };
    await sees([whole(1), whole(2)], '1,2', 'PCI_BUS_ID');
    await sees([whole(2, { vendor: 'amd' })], '2');
    await sees(
      [instance('MIG-$(touch hacked)!'), instance("MIG-it's\\")],
      "MIG-$(touch hacked)!,MIG-it's\\",
      'PCI_BUS_ID',
    );
  });

  it.each(shells)('is the same typed into %s here', async (shell) => {
    if (pathOf(shell) === null) return;
    const answer = await reported(shell, 'bash', [whole(1), whole(2)]);
    expect(answer.isLogin, answer.said).toBe(true);
    expect(answer.devices.slice(-2)).toEqual(['1,2', 'PCI_BUS_ID']);
  });
});
