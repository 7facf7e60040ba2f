import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { type CallRef, contract } from '#common/contract.ts';
import { menu } from '#common/menu.ts';
import type { MenuEntry } from '#common/menu-entry.ts';
import { aFailure } from '../../samples.ts';
import { busyGpu, failed, forward, gpu, host, server, snapshot } from './samples.ts';

const cluster = snapshot({
  source: { kind: 'demo' },
  hosts: [
    host('a', { gpus: [gpu(), busyGpu()] }),
    host('odd name', { gpus: [gpu()] }),
    host('down', { state: failed() }),
  ],
  servers: [server('a', 8000, ['llama']), server('a', 8001, ['qwen'])],
  forwards: [forward('a', 8001)],
});

function flatten(entries: readonly MenuEntry[]): MenuEntry[] {
  return entries.flatMap((entry) => [entry, ...(entry.kind === 'submenu' ? flatten(entry.entries) : [])]);
}

function outline(entries: readonly MenuEntry[], indent = ''): string[] {
  return entries.flatMap((entry) => {
    if (entry.kind === 'separator') return [`${indent}---`];
    const call = 'call' in entry ? ` -> ${entry.call.name} ${JSON.stringify(entry.call.input)}` : '';
    return [
      `${indent}${entry.label}${call}`,
      ...(entry.kind === 'submenu' ? outline(entry.entries, `${indent}  `) : []),
    ];
  });
}

const calls = (entries: readonly MenuEntry[]): CallRef[] =>
  flatten(entries).flatMap((entry) => ('call' in entry ? [entry.call] : []));

describe('what waits for a person', () => {
  const state = (code: 'auth-locked' | 'hostkey-unknown', kind: 'auth-needed' | 'hostkey-unknown') => ({
    kind,
    failure: aFailure(code, { step: 'authenticate', hostKeyId: 'k' }),
  });
  const key = { id: 'k', name: 'b', type: 'ssh-ed25519', fingerprint: 'SHA256:x', file: '/f' };

  it('is one entry that opens the window', () => {
    const hosts = [
      host('a', { state: state('auth-locked', 'auth-needed') }),
      host('b', { state: state('hostkey-unknown', 'hostkey-unknown') }),
    ];
    const entries = menu(snapshot({ hosts, hostKeys: [key] }), 'en');
    expect(outline(entries)[1]).toBe('1 new host key, 1 host to log in to… -> app.showWindow {}');
  });

  it('is not there when nothing waits', () => {
    const ids = menu(snapshot({ hosts: [host('a')], hostKeys: [key] }), 'en').map(
      (entry) => 'id' in entry && entry.id,
    );
    expect(ids).not.toContain('attention');
  });
});

describe('the tray menu', () => {
  it('does the whole main job', () => {
    expect(outline(menu(cluster, 'en'))).toMatchInlineSnapshot(`
      [
        "Demo cluster",
        "2 idle of 3 GPUs · 2 of 3 hosts · 2 models · 1 forward",
        "---",
        "Idle GPUs (2)",
        "  odd name   1 of 1 idle",
        "    1 × NVIDIA H100 80GB HBM3, 79.6 GiB",
        "    Copy ssh command -> app.copyText {"text":"ssh 'odd name'"}",
        "    Show in the window -> app.showWindow {"place":{"view":"gpus","id":"odd name"}}",
        "  a   1 of 2 idle",
        "    2 × NVIDIA H100 80GB HBM3, 79.6 GiB",
        "    Copy ssh command -> app.copyText {"text":"ssh a"}",
        "    Show in the window -> app.showWindow {"place":{"view":"gpus","id":"a"}}",
        "Models (2)",
        "  llama · a",
        "    Forward -> forward.open {"hostId":"a","remotePort":8000}",
        "    Show in the window -> app.showWindow {"place":{"view":"models","id":"a:8000"}}",
        "  qwen · a   localhost:16100",
        "    Listening, 0 connections",
        "    Copy http://localhost:16100/v1 -> app.copyText {"text":"http://localhost:16100/v1"}",
        "    Open the API pages -> app.openDocs {"forwardId":"a:8001"}",
        "    Stop -> forward.close {"forwardId":"a:8001"}",
        "    Show in the window -> app.showWindow {"place":{"view":"forwards","id":"a:8001"}}",
        "Forwards (1)",
        "  a:8001   localhost:16100",
        "    Listening, 0 connections",
        "    Copy http://localhost:16100/v1 -> app.copyText {"text":"http://localhost:16100/v1"}",
        "    Open the API pages -> app.openDocs {"forwardId":"a:8001"}",
        "    Stop -> forward.close {"forwardId":"a:8001"}",
        "    Show in the window -> app.showWindow {"place":{"view":"forwards","id":"a:8001"}}",
        "Auto-forward -> settings.update {"change":{"autoForward":{"enabled":true,"keepGone":false,"graceMs":60000,"allowHosts":[],"denyHosts":[],"allowModels":[],"denyModels":[],"tmux":false}}}",
        "---",
        "Rescan -> scan.start {}",
        "Open window -> app.showWindow {}",
        "Settings -> app.showWindow {"place":{"view":"settings"}}",
        "---",
        "Quit -> app.quit {}",
      ]
    `);
  });

  it('names only calls that the contract accepts', () => {
    for (const call of calls(menu(cluster, 'en'))) {
      expect(z.safeParse(contract.calls[call.name].input, call.input).success, JSON.stringify(call)).toBe(
        true,
      );
    }
  });

  it('gives every entry an id of its own, so that it can be found again', () => {
    const ids = flatten(menu(cluster, 'en')).flatMap((entry) =>
      entry.kind === 'separator' ? [] : [entry.id],
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('leads to the window before anybody may be contacted', () => {
    const { settings } = snapshot({});
    const first = (welcomed: boolean) =>
      outline(
        menu(
          snapshot({ source: { kind: 'ssh-config', path: '/c' }, settings: { ...settings, welcomed } }),
          'en',
        ),
      );
    expect(first(false)).toContain('Choose hosts and begin… -> app.showWindow {}');
    expect(first(false).join('\n')).not.toContain('scan.start');
    expect(first(true)).toContain('Rescan -> scan.start {}');
  });

  it('shows progress and cancel while a scan runs', () => {
    const scanning = snapshot({ scan: { kind: 'running', done: 3, total: 12, startedAt: 1 } });
    expect(outline(menu(scanning, 'en')).join('\n')).toContain(
      'Cancel scan (25 %, 3 of 12) -> scan.cancel {}',
    );
  });

  it('stays readable with hundreds of hosts', () => {
    const many = snapshot({ hosts: Array.from({ length: 300 }, (_, n) => host(`h${n}`, { gpus: [gpu()] })) });
    const idle = menu(many, 'en').find((entry) => entry.kind === 'submenu' && entry.id === 'idle');
    const entries = idle?.kind === 'submenu' ? idle.entries : [];
    expect(entries).toHaveLength(16);
    expect(outline(entries).at(-1)).toBe('285 more in the window -> app.showWindow {}');
  });

  it('does not offer what a host prohibits, and says why', () => {
    const prohibited = snapshot({
      hosts: [host('a', { forwarding: 'prohibited' })],
      servers: [server('a', 8000, ['llama'])],
    });
    const entry = flatten(menu(prohibited, 'en')).find(
      (each) => each.kind === 'action' && each.call.name === 'forward.open',
    );
    expect(entry).toMatchObject({ enabled: false });
    expect(outline(menu(prohibited, 'en')).join('\n')).toContain('The host does not allow forwarding');
  });

  it('tries a forward that is away again, and stops all of several', () => {
    const failure = aFailure('connection-lost', { step: 'forward', nextAttemptAt: 1 });
    const away = { kind: 'retrying', failure } as const;
    const forwards = [forward('a', 8000), forward('a', 8001, { state: away })];
    const lines = outline(menu(snapshot({ hosts: [host('a')], forwards }), 'en'));
    const retries = lines.filter((line) => line.includes('forward.retry'));
    expect(retries.map((line) => line.trim())).toEqual(['Try again -> forward.retry {"forwardId":"a:8001"}']);
    expect(lines).toContain('  Stop all forwards -> forward.closeAll {}');
    expect(outline(menu(cluster, 'en')).join('\n')).not.toContain('forward.closeAll');
  });

  it('shows a model id of any content as one bounded line', () => {
    const hostile = snapshot({
      hosts: [host('a')],
      servers: [server('a', 1, [`\u202e<b>\n${'x'.repeat(100_000)}`])],
    });
    for (const line of outline(menu(hostile, 'en'))) expect(line.length).toBeLessThan(400);
  });
});
