import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { type CallRef, contract } from '#common/contract.ts';
import { type ErrorCode, type Failure, failedKind } from '#common/failure.ts';
import { type GatewayState, gatewayOff } from '#common/gateway.ts';
import type { HostState } from '#common/hosts.ts';
import type { Language } from '#common/language.ts';
import { menu } from '#common/menu.ts';
import type { MenuEntry } from '#common/menu-entry.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import { aFailure } from '../../support/samples.ts';
import { busyGpu, failed, forward, gpu, host, server, snapshot } from '../../support/snapshot.ts';

const cluster = snapshot({
  source: { kind: 'demo' },
  hosts: [
    host('a', { gpus: [gpu(), busyGpu({ index: 1, uuid: 'GPU-1' })] }),
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

describe('auto-forward', () => {
  const auto = { ...forward('a', 8001), origin: 'auto' } as const;
  const on = { ...cluster.settings, autoForward: { ...cluster.settings.autoForward, enabled: true } };
  const entryOf = (shot: Snapshot) => {
    const entry = menu(shot, 'en').find((one) => 'id' in one && one.id === 'auto-forward');
    return entry === undefined ? [] : outline([entry]);
  };

  it('is switched off by one of two entries where its rules have opened forwards', () => {
    expect(entryOf({ ...cluster, settings: on, forwards: [auto, forward('a', 8000)] })).toEqual([
      'Auto-forward: on, 1 forward',
      '  Switch off, keep 1 forward open -> autoForward.off {"stop":false}',
      '  Switch off, stop 1 forward -> autoForward.off {"stop":true}',
    ]);
  });

  it('is a switch where there is nothing to ask', () => {
    for (const forwards of [[], [forward('a', 8000)]])
      expect(entryOf({ ...cluster, settings: on, forwards })[0]).toMatch(/^Auto-forward -> settings.update/);
    expect(entryOf({ ...cluster, forwards: [auto] })[0]).toMatch(/^Auto-forward -> settings.update/);
  });
});

it('a forward with a name is listed by it', () => {
  const labels = flatten(
    menu({ ...cluster, forwards: [{ ...forward('a', 8001), label: 'eval' }] }, 'en'),
  ).map((entry) => ('label' in entry ? entry.label : ''));
  expect(labels.filter((label) => label.startsWith('eval · a:8001'))).toHaveLength(1);
});

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

describe('a failure offers its step', () => {
  const failing = (code: ErrorCode, fields: Partial<Failure> = {}): HostState => ({
    kind: failedKind(code),
    failure: aFailure(code, { command: 'ssh b true', ...fields }),
  });
  const entriesOf = (id: string, snap: Snapshot, language: Language = 'en') => {
    const found = flatten(menu(snap, language)).find((entry) => 'id' in entry && entry.id === id);
    return found?.kind === 'submenu' ? outline(found.entries) : [];
  };
  const again = 'Try again -> scan.start {"hostIds":["b"]}';
  const window = 'Show in the window -> app.showWindow {"place":{"view":"gpus","id":"b"}}';

  it.each<[ErrorCode, Partial<Failure>, readonly string[]]>([
    ['auth-locked', {}, ['Log in -> host.login {"hostIds":["b"]}', again, window]],
    [
      'hostkey-unknown',
      { hostKeyId: 'k' },
      ['Review key -> app.showWindow {"place":{"view":"gpus","id":"b"}}', window],
    ],
    ['hostkey-unknown', {}, ['Copy command -> app.copyText {"text":"ssh b true"}', again, window]],
    ['hostkey-changed', {}, ['Copy command -> app.copyText {"text":"ssh b true"}', again, window]],
  ])('%s of a host, with %o', (code, fields, expected) => {
    const hosts = [host('a'), host('b', { state: failing(code, fields) })];
    const snap = snapshot({ hosts });
    expect(outline(menu(snap, 'en'))).toContain('Hosts waiting for you (1)');
    expect(entriesOf('failed b', snap)).toEqual([errorsEn[code].title, ...expected]);
  });

  it('and a forward without a port leads to the range in the settings', () => {
    const state = { kind: 'failed', failure: aFailure('ports-exhausted', { step: 'forward' }) } as const;
    const snap = snapshot({ hosts: [host('a')], forwards: [forward('a', 8000, { state })] });
    expect(entriesOf('forwarded a:8000', snap)).toContain(
      'Open settings -> app.showWindow {"place":{"view":"settings","id":"forwards"}}',
    );
    expect(entriesOf('forwarded a:8000', snap, 'ru').join()).toContain('Открыть настройки');
    const without = snapshot({ ...snap, forwards: [forward('a', 8000, { state, localPort: null })] });
    expect(outline(menu(without, 'en'))).toContain('  a:8000   Failed');
  });

  it('in Russian too', () => {
    const snap = snapshot({ hosts: [host('b', { state: failing('auth-locked') })] });
    expect(entriesOf('failed b', snap, 'ru')[1]).toBe('Войти -> host.login {"hostIds":["b"]}');
  });

  it('but one that needs nothing from a person has no entry', () => {
    const hosts = [host('b', { state: failing('connection-refused') }), host('c', { state: { kind: 'up' } })];
    expect(outline(menu(snapshot({ hosts }), 'en')).join('\n')).not.toContain('waiting for you');
  });
});

describe('hosts in groups', () => {
  const grouped = (alias: string, group: string | null, idle: number, busy = 0) =>
    host(alias, {
      group,
      gpus: Array.from({ length: idle + busy }, (_, index) =>
        (index < idle ? gpu : busyGpu)({ index, uuid: `GPU-${index}` }),
      ),
    });
  const idleLines = (hosts: Snapshot['hosts'], language: Language = 'en') => {
    const lines = outline(menu(snapshot({ hosts }), language)).map((line) => line.replaceAll('\u00a0', ' '));
    const from = lines.findIndex((line) => /^(Idle GPUs|Свободные GPU|No idle GPU)/.test(line));
    const rest = lines.slice(from + 1);
    const end = rest.findIndex((line) => !line.startsWith(' '));
    return [lines[from], ...rest.slice(0, end)].filter((line = '') => !line.startsWith('    '));
  };

  it('stand below the headline of their group', () => {
    const hosts = [
      grouped('a1', 'a100', 0, 8),
      grouped('h1', 'h100', 4, 4),
      grouped('alone', null, 1),
      grouped('h2', 'h100', 8),
      host('down', { group: 'gone', state: failed() }),
    ];
    expect(idleLines(hosts)).toEqual([
      'Idle GPUs (3)',
      '  a100: 0 of 8 free',
      '  h100: 12 of 16 free',
      '  Other hosts: 1 of 1 free',
    ]);
    const [, a100, h100] = outline(menu(snapshot({ hosts }), 'en')).filter((line) =>
      / free$|GPUs \(/.test(line),
    );
    expect([a100, h100]).toEqual(['  a100: 0 of 8 free', '  h100: 12 of 16 free']);
    const group = flatten(menu(snapshot({ hosts }), 'en')).find(
      (entry) => 'id' in entry && entry.id === 'group h100',
    );
    expect(
      group?.kind === 'submenu' && group.entries.map((entry) => 'label' in entry && entry.label),
    ).toEqual(['h2   8 of 8 idle', 'h1   4 of 8 idle']);
    expect(idleLines(hosts, 'ru')).toContain('  h100: свободно 12 из 16');
    expect(idleLines(hosts, 'ru')).toContain('  Остальные хосты: свободно 1 из 1');
  });

  it('are no more than fit on a level, and the window has the rest', () => {
    const hosts = Array.from({ length: 40 }, (_, at) => grouped(`h${at}`, 'h100', 1));
    const entries = flatten(menu(snapshot({ hosts }), 'en'));
    const group = entries.find((entry) => 'id' in entry && entry.id === 'group h100');
    expect(group?.kind === 'submenu' && group.entries.length).toBe(16);
    expect(outline(entries)).toContain('25 more in the window -> app.showWindow {}');
  });

  it('have one line while no GPU is idle', () => {
    expect(idleLines([grouped('a1', 'a100', 0, 8)])).toEqual(['No idle GPU']);
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
        "    Copy shell on the idle GPU -> app.copyText {"text":"ssh -t 'odd name' 'exec env CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=0 \\"$SHELL\\" -l'"}",
        "    Show in the window -> app.showWindow {"place":{"view":"gpus","id":"odd name"}}",
        "  a   1 of 2 idle",
        "    2 × NVIDIA H100 80GB HBM3, 79.6 GiB",
        "    Copy ssh command -> app.copyText {"text":"ssh a"}",
        "    Copy shell on the idle GPU -> app.copyText {"text":"ssh -t a 'exec env CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=0 \\"$SHELL\\" -l'"}",
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
        "Gateway -> gateway.switch {"on":true}",
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

  it('says of a model that it is stuck', () => {
    const state = { kind: 'stuck', why: 'no-progress', since: 0 } as const;
    const stuck = snapshot({ hosts: [host('a')], servers: [{ ...server('a', 8000, ['llama']), state }] });
    expect(outline(menu(stuck, 'en')).join('\n')).toContain('llama · a (Stuck)');
    expect(outline(menu(stuck, 'ru')).join('\n')).toContain('llama · a (Завис)');
  });

  it('switches the gateway with one click, and says how it is', () => {
    const { settings } = snapshot();
    const enabled = { ...settings, gateway: { ...settings.gateway, enabled: true } };
    const lines = (state: GatewayState, language: Language = 'en') =>
      outline(menu(snapshot({ settings: enabled, gateway: { ...gatewayOff, state } }), language));
    const url = 'http://127.0.0.1:16000/v1';
    const listening = lines({ kind: 'listening', port: 16_000, url });
    const at = listening.indexOf('Gateway   localhost:16000 -> gateway.switch {"on":false}');
    expect(listening[at + 1]).toBe(`Copy ${url} -> app.copyText {"text":"${url}"}`);
    expect(lines({ kind: 'starting' })).toContain('Gateway   starting -> gateway.switch {"on":false}');
    const failed = lines({ kind: 'failed', failure: aFailure('port-in-use', { step: 'forward' }) });
    expect(failed).toContain(
      'Gateway   The local port is taken by another program -> gateway.switch {"on":false}',
    );
    expect(failed).toContain(
      'Show the gateway in the window -> app.showWindow {"place":{"view":"forwards"}}',
    );
    expect(lines({ kind: 'starting' }, 'ru').join()).toContain('Шлюз   запускается');
  });

  it('shows a model id of any content as one bounded line', () => {
    const hostile = snapshot({
      hosts: [host('a')],
      servers: [server('a', 1, [`\u202e<b>\n${'x'.repeat(100_000)}`])],
    });
    for (const line of outline(menu(hostile, 'en'))) expect(line.length).toBeLessThan(400);
  });
});
