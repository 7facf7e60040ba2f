/** `gateway` over the demo cluster: real SSH, and models that answer at one address. */

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../../main/cli/program.ts';
import { quietPort } from '../../support/launch-host.ts';
import { createTerminal } from '../../support/terminal.ts';
import { expectFree } from '../../support/through.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'vllm-tray-gateway-'));
});
afterAll(() => rm(home, { recursive: true }));

function start(port: number, ...args: readonly string[]) {
  const terminal = createTerminal({ home });
  const code = run(['gateway', '--demo', '--port', String(port), ...args], terminal.io, '1');
  return { terminal, code };
}

describe('gateway', () => {
  it('prints one object with address and key, answers for the models there, and frees the port at Ctrl-C', async () => {
    const port = await quietPort();
    const { terminal, code } = start(port, '--json');
    await vi.waitFor(() => expect(terminal.out()).toContain('\n'), { timeout: 60_000 });
    const printed = JSON.parse(terminal.out());
    expect(Object.keys(printed)).toEqual(['url', 'key']);
    expect(printed.url).toBe(`http://127.0.0.1:${port}/v1`);
    const ask = (at: string, init: RequestInit = {}) =>
      fetch(`${printed.url}${at}`, { ...init, headers: { authorization: `Bearer ${printed.key}` } });
    const { data } = await (await ask('/models')).json();
    expect(data.length).toBeGreaterThan(2);
    const model = data.find(({ owned_by }: { owned_by: string }) => owned_by === 'vllm').id;
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }] });
    const chat = await ask('/chat/completions', { method: 'POST', body });
    expect(chat.status).toBe(200);
    expect(chat.headers.get('x-vllm-tray-host')).toMatch(/./);
    expect(await chat.json()).toMatchObject({ model });
    expect((await fetch(`${printed.url}/models`)).status).toBe(401);
    terminal.interrupt();
    expect(await code).toBe(0);
    expect(terminal.out().trim().split('\n')).toHaveLength(1);
    await expectFree(port);
  });

  it('says to people what a shell needs', async () => {
    const port = await quietPort();
    const { terminal, code } = start(port, '--host-regex', '^h100-0');
    await vi.waitFor(() => expect(terminal.out()).toContain('ANTHROPIC'), { timeout: 60_000 });
    expect(terminal.out()).toMatch(
      new RegExp(
        `^The gateway answers at http://127\\.0\\.0\\.1:${port}/v1 for \\d+ models? on \\d+ hosts?, until Ctrl-C\\.
export OPENAI_BASE_URL=http://127\\.0\\.0\\.1:${port}/v1 OPENAI_API_KEY=[\\w-]{43}
export ANTHROPIC_BASE_URL=http://127\\.0\\.0\\.1:${port} ANTHROPIC_API_KEY=[\\w-]{43}\n$`,
      ),
    );
    terminal.interrupt();
    expect(await code).toBe(0);
  });

  it('says that its port is taken', async () => {
    const port = await quietPort();
    const other = createServer().listen(port, '127.0.0.1');
    await vi.waitFor(() => expect(other.listening).toBe(true));
    const { terminal, code } = start(port, '--json');
    expect(await code).toBe(1);
    expect(terminal.out()).toBe('');
    expect(terminal.err()).toContain(
      `The local port is taken by another program (127.0.0.1:${port}: EADDRINUSE)`,
    );
    await new Promise((resolve) => other.close(resolve));
  });
});
