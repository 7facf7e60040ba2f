import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createFrameReader, type Frame } from '#engine/probe/frames.ts';
import { maxOutputBytes, probeScript, shellCommand } from '#engine/probe/script.ts';
import { openShell, type ProbeShell } from '#engine/probe/shell.ts';
import { createLocalTransport, type LocalTransport } from '../../support/local-transport.ts';
import { hanging, standIns, twoGpus } from '../../support/stand-ins.ts';

/** An account whose login shell does this with the command that it is given (`$1` is `-c`, `$2` the command). */
function account(script: string, env: NodeJS.ProcessEnv = {}): LocalTransport {
  return createLocalTransport({ loginShell: ['/bin/sh', '-c', script, 'login'], env });
}

async function open(transport: LocalTransport, timeoutMs = 10_000): Promise<ProbeShell> {
  onTestFinished(() => transport.end());
  return await openShell(transport, { timeoutMs });
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  );

test('noise of a login shell, before and after, does not matter', async () => {
  const noisy =
    'echo "Welcome to gpu-7"; printf "last login \\033[31mnever"; (sleep 0; echo late) & eval "$2"';
  const tool = standIns({ 'nvidia-smi': twoGpus });
  const shell = await open(account(noisy, tool.env));
  for (const _ of [1, 2]) {
    const { parts } = await shell.request('gpus', 'index,uuid');
    expect(parts.map(({ name, code }) => [name, code])).toEqual([
      ['gpus', 0],
      ['host', 0],
    ]);
  }
});

test('a nologin account: no shell, with what it says', async () => {
  const error = await failure(open(account('echo "This account is currently not available."; exit 1')));
  expect(error).toMatchObject({
    code: 'no-shell',
    step: 'shell',
    detail: 'This account is currently not available.',
  });
});

test('an account that ends without a word', async () => {
  expect(await failure(open(account('exit 1')))).toMatchObject({ code: 'no-shell', detail: '' });
});

test('a ForceCommand that echoes its input is no shell', async () => {
  const error = await failure(open(account('exec cat'), 300));
  expect(error).toMatchObject({ code: 'no-shell', detail: expect.stringContaining('exec 2>/dev/null') });
});

test('a menu that waits for input is no shell', async () => {
  const error = await failure(open(account('printf "Choose a project: "; exec sleep 600'), 300));
  expect(error).toMatchObject({ code: 'no-shell', detail: 'Choose a project:' });
});

test('a host that never answers: a timeout, and the next try opens another shell', async () => {
  const transport = account('exec sleep 600');
  expect(await failure(open(transport, 300))).toMatchObject({ code: 'probe-timeout', step: 'shell' });
  expect(transport.children).toHaveLength(1);
});

test('garbage without end, instead of a shell and after it, is given up early', async () => {
  const before = await failure(open(account('exec head -c 10000000 /dev/urandom')));
  expect(before).toMatchObject({ code: 'no-shell' });
  expect(String((before as { detail: string }).detail).length).toBeLessThanOrEqual(200);

  // Ten megabytes in one line, from a program that the login shell left in the background.
  const tool = standIns({ 'nvidia-smi': hanging });
  const shell = await open(
    account('(until [ -e "$HERE/hanging" ]; do :; done; exec yes | tr -d "\\n") & eval "$2"', tool.env),
  );
  const closed = new Promise((resolve) => shell.onClose(resolve));
  const answer = failure(shell.request('gpus', 'index'));
  expect(await answer).toMatchObject({
    code: 'probe-garbled',
    step: 'probe',
    detail: expect.stringMatching(/^yyyy/),
  });
  expect(await closed).toBe(await answer);
  expect(await failure(shell.request('ports', ''))).toMatchObject({ code: 'probe-garbled' });
});

test("a command's output without end is cut on the host", async () => {
  const tool = standIns({ 'nvidia-smi': 'exec yes' });
  const { parts } = await (await open(account('eval "$2"', tool.env))).request('gpus', 'index');
  expect(parts.map(({ name }) => name)).toEqual(['gpus', 'host']);
  expect(parts[0]?.text).toHaveLength(maxOutputBytes);
  expect(parts[0]?.code).not.toBe(0);
});

test('requests wait for each other, each gets its own answer', async () => {
  const tool = standIns({ 'nvidia-smi': twoGpus, ss: 'echo LISTEN' });
  const shell = await open(account('eval "$2"', tool.env));
  const frames = await Promise.all([
    shell.request('gpus', 'index'),
    shell.request('ports', ''),
    shell.request('gpus', 'index'),
  ]);
  expect(frames.map(({ number, parts }) => [number, parts[0]?.name])).toEqual([
    [1, 'gpus'],
    [2, 'ss'],
    [3, 'gpus'],
  ]);
});

test('an aborted request ends at once, what it started is stopped, and the shell goes on', async () => {
  const tool = standIns({ 'nvidia-smi': hanging, ss: 'echo LISTEN' });
  const shell = await open(account('eval "$2"', tool.env));
  const abort = new AbortController();
  const answer = failure(shell.request('gpus', 'index', { signal: abort.signal }));
  const queued = failure(shell.request('gpus', 'index', { signal: abort.signal }));
  const other = shell.request('ports', '');
  await vi.waitFor(() => expect(existsSync(join(tool.directory, 'hanging'))).toBe(true));
  abort.abort();
  expect(await answer).toMatchObject({ code: 'cancelled' });
  expect(await queued).toMatchObject({ code: 'cancelled' });
  expect((await other).parts).toMatchObject([{ name: 'ss', text: 'LISTEN\n' }]);
  expect(await failure(shell.request('ports', '', { signal: abort.signal }))).toMatchObject({
    code: 'cancelled',
  });
});

test('opening is cancelled by its signal', async () => {
  const abort = new AbortController();
  const transport = account('exec sleep 600');
  onTestFinished(() => transport.end());
  const opening = failure(openShell(transport, { timeoutMs: 10_000, signal: abort.signal }));
  await vi.waitFor(() => expect(transport.children).toHaveLength(1));
  abort.abort();
  expect(await opening).toMatchObject({ code: 'cancelled' });
});

test('a host that freezes: a timeout, and the shell is closed', async () => {
  const transport = account('eval "$2"', standIns({}).env);
  const shell = await open(transport, 300);
  transport.children[0]?.kill('SIGSTOP');
  const closed = new Promise((resolve) => shell.onClose(resolve));
  expect(await failure(shell.request('ports', ''))).toMatchObject({ code: 'probe-timeout', step: 'probe' });
  expect(await closed).toMatchObject({ code: 'probe-timeout' });
});

test('an answer that is under way is waited for, however slow the link', async () => {
  const slowly = 'eval "$2" | while IFS= read -r line; do printf "%s\\n" "$line"; sleep 0.05; done';
  const tool = standIns({ 'nvidia-smi': 'seq 40' });
  const shell = await open(account(slowly, tool.env), 700);
  const { parts } = await shell.request('gpus', 'index');
  expect(parts.map(({ name }) => name)).toEqual(['gpus', 'host']);
  expect(parts[0]?.text.split('\n')).toHaveLength(41);
});

test('a shell that dies tells its listeners once, and at once those that come later', async () => {
  const transport = account('eval "$2"', standIns({}).env);
  const shell = await open(transport);
  const reasons: unknown[] = [];
  const closed = new Promise<void>((resolve) => {
    shell.onClose((reason) => {
      reasons.push(reason.code);
      resolve();
    });
  });
  transport.children[0]?.kill('SIGKILL');
  await closed;
  shell.onClose((reason) => reasons.push(reason.code));
  shell.close();
  expect(reasons).toEqual(['connection-lost', 'connection-lost']);
  expect(await failure(shell.request('ports', ''))).toMatchObject({ code: 'connection-lost' });
});

test('a lost connection is the reason that listeners get', async () => {
  const transport = account('eval "$2"', standIns({}).env);
  const shell = await open(transport);
  const reason = new Promise((resolve) => shell.onClose(resolve));
  transport.close();
  expect(await reason).toMatchObject({ code: 'connection-lost', detail: 'closed' });
});

test('a host without a writable temporary directory says so', async () => {
  const error = await failure(open(account('eval "$2"', standIns({ mkdir: 'exit 1' }).env)));
  expect(error).toMatchObject({ code: 'no-shell', detail: 'no writable temporary directory on the host' });
});

test('only plain words reach the shell', async () => {
  const shell = await open(account('eval "$2"', standIns({}).env));
  expect(await failure(shell.request('gpus', 'index; reboot'))).toMatchObject({ code: 'internal' });
  expect(await failure(shell.request('gpus', 'index\nreboot'))).toMatchObject({ code: 'internal' });
});

test('the watcher ends a command whose client has gone without a word', async () => {
  const tool = standIns({ 'nvidia-smi': hanging });
  const transport = account('eval "$2"', tool.env);
  onTestFinished(() => transport.end());
  const channel = await transport.exec(shellCommand);
  const reader = createFrameReader('a'.repeat(32));
  const frames: Frame[] = [];
  channel.on('data', (chunk: Uint8Array) => frames.push(...reader.push(chunk)));
  channel.write(probeScript({ sentinel: 'a'.repeat(32), directory: 'vllm-tray-watch', limitSeconds: 1 }));
  channel.write('gpus 1 index\n');
  await vi.waitFor(() => expect(frames.map(({ number }) => number)).toEqual([0, 1]), { timeout: 20_000 });
  expect(frames[1]?.parts).toMatchObject([{ name: 'gpus', code: 137, text: '' }, { name: 'host' }]);
  channel.end();
  await transport.exited();
  expect(readdirSync(String(tool.env.TMPDIR))).toEqual([]);
});

test('a shell that is killed outright leaves a watcher that ends its command and cleans up', async () => {
  const tool = standIns({ 'nvidia-smi': hanging });
  const transport = account('eval "$2"', tool.env);
  const channel = await transport.exec(shellCommand);
  channel.resume();
  channel.write(probeScript({ sentinel: 'b'.repeat(32), directory: 'vllm-tray-killed', limitSeconds: 1 }));
  channel.write('gpus 1 index\n');
  await vi.waitFor(() => expect(existsSync(join(tool.directory, 'hanging'))).toBe(true));
  expect(tool.leftovers()).toEqual(['vllm-tray-killed']);
  transport.children[0]?.kill('SIGKILL');
  await vi.waitFor(() => expect(tool.leftovers()).toEqual([]), { timeout: 20_000 });
  await tool.hangingGone();
});
