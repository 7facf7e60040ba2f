import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { run } from '../../../main/cli/program.ts';
import { createTerminal, type Terminal } from '../../support/terminal.ts';

const longMs = 30_000;

function openTerminal(isTerminal = true): Terminal {
  const home = mkdtempSync(join(tmpdir(), 'vllm-tray-cli-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return createTerminal({ home, ...(isTerminal && { size: { columns: 100, rows: 30 } }) });
}

const shows = (terminal: Terminal, text: string | RegExp) =>
  vi.waitFor(() => expect(terminal.err()).toMatch(text), { timeout: longMs });

const scan = ['gpu-idle-top', '--once', '--json', '--demo'];

test('a wrong code, then the right one, at the terminal and not in the output', {
  timeout: 2 * longMs,
}, async () => {
  const terminal = openTerminal();
  const code = run([...scan, '--login', '--host-regex', '^dgx-guest$'], terminal.io, '1');
  await shows(terminal, /Logging in to dgx-guest\n[\s\S]*second factor/);
  expect(terminal.keyboard()).toEqual({ raw: true, listeners: 1 });
  terminal.press('wrong-1\r');
  await shows(terminal, 'That was not right');
  await vi.waitFor(() => expect(terminal.keyboard().listeners).toBe(1));
  terminal.press('271\u0015828182\r');
  expect(await code).toBe(0);
  expect(JSON.parse(terminal.out())).toMatchObject({
    hosts: [{ alias: 'dgx-guest', state: { kind: 'up' } }],
  });
  expect(terminal.out()).not.toMatch(/wrong-1|828182/);
  expect(terminal.keyboard()).toEqual({ raw: false, listeners: 0 });
});

test.each([
  ['Ctrl-D', '\u0004', 3],
  ['Ctrl-C', '\u0003', 130],
])('%s gives the login up', { timeout: 2 * longMs }, async (_name, key, expected) => {
  const terminal = openTerminal();
  const code = run([...scan, '--login', '--host-regex', '^dgx-guest$'], terminal.io, '1');
  await shows(terminal, 'second factor');
  await vi.waitFor(() => expect(terminal.keyboard().listeners).toBe(1));
  terminal.press(key);
  expect(await code).toBe(expected);
  expect(terminal.keyboard()).toEqual({ raw: false, listeners: 0 });
});

test('a new host key is shown and added when the person says yes', { timeout: 2 * longMs }, async () => {
  const terminal = openTerminal();
  const code = run(['forward', 'h200-new', '8000', '--demo', '--json'], terminal.io, '1');
  await shows(terminal, /is not known \(1 host\):\n {2}ssh-ed25519 SHA256:\S+\nAdd it to \S+\? \[y\/N\]/);
  await vi.waitFor(() => expect(terminal.keyboard().listeners).toBe(1));
  terminal.press('y\r');
  await vi.waitFor(() => expect(terminal.out()).toContain('"alias":"h200-new"'), { timeout: longMs });
  terminal.interrupt();
  // h200-new serves no model: the forward is there, and nothing ever answered through it.
  expect(await code).toBe(1);
});

test('anything else than yes leaves the key unknown', { timeout: 2 * longMs }, async () => {
  const terminal = openTerminal();
  const code = run(['forward', 'h200-new', '8000', '--demo'], terminal.io, '1');
  await shows(terminal, /\[y\/N\]/);
  await vi.waitFor(() => expect(terminal.keyboard().listeners).toBe(1));
  terminal.press('\r');
  expect(await code).toBe(3);
  expect(terminal.err()).toContain('The host key is not known');
});

test('without a terminal nobody is asked', { timeout: 2 * longMs }, async () => {
  const terminal = openTerminal(false);
  const code = await run([...scan, '--login', '--host-regex', '^dgx-guest$'], terminal.io, '1');
  expect(code).toBe(3);
  expect(terminal.err()).toContain('--login has no terminal to ask at');
});
