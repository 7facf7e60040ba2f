import { execFileSync } from 'node:child_process';
import { afterEach, expect, test, vi } from 'vitest';
import { createBridge } from '#common/bridge.ts';
import type { CallName } from '#common/contract.ts';
import { errors } from '#common/errors.ts';
import { sshCommand } from '#common/select.ts';
import { forwardWords } from '../../renderer/forwards/words.ts';
import { createCopyText } from '../../renderer/lib/clipboard.ts';
import { curlCommand, exportBaseUrl } from '../../renderer/lib/commands.ts';
import { createMatcher, hostTexts } from '../../renderer/lib/filter.ts';
import { donePct, gpuKinds, shortModelName } from '../../renderer/lib/format.ts';
import { fieldErrorsOf, readForwardForm } from '../../renderer/lib/forward-form.ts';
import { aProcess } from '../samples.ts';
import { gpu, host } from './samples.ts';

const ownHosts = { kind: 'ssh-config', path: '/home/me/.ssh/config' } as const;

afterEach(() => vi.unstubAllGlobals());

/** The arguments that a POSIX shell hands to the program named in the command line. */
function wordsOf(program: string, command: string): readonly string[] {
  const script = `${program}() { printf '%s\\0' "$@"; }\n${command}`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

test('a pasted curl line carries the model id whole, whatever is in it', () => {
  const id = `it's "a" $(touch /tmp/x) \`id\` \\ model; rm -rf ~`;
  const words = wordsOf('curl', curlCommand('http://localhost:16100/v1', id));
  expect(words[0]).toBe('http://localhost:16100/v1/chat/completions');
  expect(words.slice(1, 4)).toEqual(['-H', 'Content-Type: application/json', '-d']);
  expect(JSON.parse(words[4] ?? '')).toEqual({ model: id, messages: [{ role: 'user', content: 'Hello' }] });
  expect(wordsOf('curl', curlCommand('http://localhost:16100/v1', null))).toEqual([
    'http://localhost:16100/v1/models',
  ]);
});

test('an alias is one word of the ssh line; the export line is plain', () => {
  expect(wordsOf('ssh', sshCommand(ownHosts, host('gpu; reboot', 0, 0)))).toEqual(['gpu; reboot']);
  expect(sshCommand(ownHosts, host('gpu-01.example', 0, 0))).toBe('ssh gpu-01.example');
  const elsewhere = { ...ownHosts, configFile: '/my configs/gpus' };
  expect(sshCommand(elsewhere, host('gpu-01', 0, 0))).toBe("ssh -F '/my configs/gpus' gpu-01");
  expect(exportBaseUrl('http://localhost:1/v1')).toBe('export OPENAI_BASE_URL=http://localhost:1/v1');
});

test('the form reads ports strictly', () => {
  const read = (remotePort: string, localPort = '', hostId = 'a') =>
    readForwardForm({ hostId, remotePort, localPort }, forwardWords.en);
  expect(read(' 8000 ')).toEqual({ ok: true, input: { hostId: 'a', remotePort: 8000 } });
  expect(read('1', '65535')).toEqual({ ok: true, input: { hostId: 'a', remotePort: 1, localPort: 65_535 } });
  for (const bad of ['', '0', '65536', '-1', '80.5', '1e3', '0x50', 'http']) {
    const reading = read(bad);
    expect(!reading.ok && Object.keys(reading.errors), bad).toEqual(['remotePort']);
  }
  const all = read('x', 'y', '');
  expect(!all.ok && Object.keys(all.errors)).toEqual(['hostId', 'remotePort', 'localPort']);
});

test('what the engine refuses finds its field', () => {
  expect(fieldErrorsOf('port-in-use', 'en').localPort).toContain(errors['port-in-use'].title);
  expect(fieldErrorsOf('target-refused', 'en').remotePort).toContain(errors['target-refused'].hint);
  expect(Object.keys(fieldErrorsOf('connection-lost', 'en'))).toEqual(['form']);
});

test('the filter wants every word somewhere, in any case', () => {
  const process = { ...aProcess, user: 'Alice', command: 'python' };
  const texts = hostTexts(
    host('gpu01', 0, 0, { gpus: [gpu(0, { processes: [process] })] }),
    ['org/Llama'],
    'en',
  );
  expect(createMatcher('')(texts)).toBe(true);
  expect(createMatcher('  ')(texts)).toBe(true);
  expect(createMatcher('GPU01 alice llama h100')(texts)).toBe(true);
  expect(createMatcher('gpu01 bob')(texts)).toBe(false);
  expect(createMatcher('me@gpu01.example.org')(texts)).toBe(true);
});

test('numbers and names as people read them', () => {
  expect(donePct({ done: 199, total: 200 })).toBe(99);
  expect(donePct({ done: 0, total: 0 })).toBe(100);
  expect(shortModelName('meta-llama/Llama-3.1-8B')).toBe('Llama-3.1-8B');
  expect(shortModelName('gemma3:27b')).toBe('gemma3:27b');
  expect(shortModelName('/')).toBe('/');
  const gpus = [gpu(0), gpu(1), gpu(2, { name: 'Tesla V100' })];
  expect(gpuKinds(host('a', 0, 0, { gpus }))).toBe('2 × H100 80GB HBM3, 1 × Tesla V100');
});

const bridgeOf = (request: (name: CallName, input: unknown) => boolean) =>
  createBridge({
    request: async (name, input) =>
      request(name, input)
        ? { ok: true, value: null }
        : { ok: false, error: { code: 'unsupported', detail: '' } },
    on: () => () => undefined,
    onLink: () => () => undefined,
  });

function pageOf(parts: {
  readonly desktop: boolean;
  readonly writeText?: (text: string) => Promise<void>;
}): Window {
  const clipboard = parts.writeText === undefined ? undefined : { writeText: parts.writeText };
  return { document, navigator: { clipboard }, ...(parts.desktop && { vllmTray: {} }) } as unknown as Window;
}

test('the desktop app copies by the contract, a browser by its clipboard', async () => {
  const request = vi.fn(() => true);
  const writeText = vi.fn(async () => undefined);
  const desktop = createCopyText(bridgeOf(request), pageOf({ desktop: true, writeText }));
  expect(await desktop('one')).toBe(true);
  expect(request).toHaveBeenCalledWith('app.copyText', { text: 'one' });
  expect(writeText).not.toHaveBeenCalled();
  const browser = createCopyText(bridgeOf(request), pageOf({ desktop: false, writeText }));
  expect(await browser('two')).toBe(true);
  expect(writeText).toHaveBeenCalledWith('two');
  expect(request).toHaveBeenCalledTimes(1);
});

test('where every other way is refused it selects and copies, and says when that fails too', async () => {
  const refused = async () => {
    throw new Error('NotAllowedError');
  };
  let selected = '';
  let works = true;
  const execCommand = () => {
    selected = document.querySelector('textarea')?.value ?? '';
    return works;
  };
  const page = pageOf({ desktop: true, writeText: refused });
  Object.assign(page.document, { execCommand });
  const copy = createCopyText(
    bridgeOf(() => false),
    page,
  );
  expect(await copy('three')).toBe(true);
  expect(selected).toBe('three');
  expect(document.querySelector('textarea')).toBeNull();
  works = false;
  expect(await copy('four')).toBe(false);
});
