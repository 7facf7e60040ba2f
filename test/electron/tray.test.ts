import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Reply } from '#common/answer.ts';
import type { CallRef } from '#common/contract.ts';
import type { Gpu, Host } from '#common/hosts.ts';
import { menu } from '#common/menu.ts';
import type { MenuEntry } from '#common/menu-entry.ts';
import type { Prompt } from '#common/prompts.ts';
import { emptySnapshot } from '#common/reduce.ts';
import type { ModelServer } from '#common/servers.ts';
import { defaultSettings } from '#common/settings.ts';
import { trayShape } from '#common/shape.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { headline } from '#common/words/states.ts';
import { createTray, type TrayDeps } from '../../main/electron/tray.ts';
import { sampleForward, sampleHost } from '../support/contract/sample.ts';
import { aFailure, aGpu, aServer } from '../support/samples.ts';
import { type Menu, resetDouble, type Tray } from './double.ts';
import { clickMenu, readMenu } from './double-menu.ts';
import { theTray } from './face.ts';

vi.mock('electron', () => import('./double.ts'));

const gpu: Gpu = { ...aGpu, name: 'NVIDIA H100', memTotalMiB: 81_920 };
const busy: Gpu = { ...gpu, index: 1, uuid: 'GPU-1', utilPct: 98, idleStreak: 0 };
const host: Host = {
  ...sampleHost,
  id: 'r&d',
  alias: 'r&d',
  state: { kind: 'up' },
  gpus: [gpu, busy],
  measuredAt: 1,
};
const server: ModelServer = {
  ...aServer,
  id: 'r&d:8000',
  hostId: 'r&d',
  models: [{ id: 'Qwen3', maxModelLen: 32_768, parent: null }],
};
const forward = { ...sampleForward, id: 'r&d:8000', hostId: 'r&d' };
const empty = emptySnapshot({ kind: 'demo' }, defaultSettings);
const scanned: Snapshot = {
  ...empty,
  hosts: [host],
  servers: [server],
  scan: { kind: 'done', done: 1, total: 1, startedAt: 1, finishedAt: 2 },
};
const forwarded: Snapshot = { ...scanned, forwards: [forward] };

let snapshot: Snapshot;
let changed: () => void;
let ran: CallRef[];
let reply: Reply;
let failures: unknown[];
let shown: number;
let tray: { dispose(): void } | null;

beforeEach(() => {
  vi.useFakeTimers();
  resetDouble();
  snapshot = scanned;
  ran = [];
  reply = { ok: true, value: null };
  failures = [];
  shown = 0;
  tray = null;
});
afterEach(() => {
  tray?.dispose();
  vi.useRealTimers();
});

function start(platform: TrayDeps['platform']): Tray {
  const listeners = new Set<() => void>();
  changed = () => {
    for (const listener of listeners) listener();
  };
  tray = createTray({
    snapshot: () => snapshot,
    language: () => 'en',
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    run: async (call) => {
      ran.push(call);
      return reply;
    },
    onFailure: (error) => failures.push(error),
    showWindow: () => {
      shown += 1;
    },
    iconsDir: '/icons',
    platform,
  });
  return theTray();
}

/** What a person must read in the menu, by the entries alone. */
function expected(entries: readonly MenuEntry[], above: readonly string[] = []): ReturnType<typeof readMenu> {
  return entries.flatMap((entry) => {
    if (entry.kind === 'separator') return [];
    const path = [...above, entry.label.replaceAll('&', '&&')];
    if (entry.kind === 'submenu') return expected(entry.entries, path);
    const enabled = entry.kind === 'check' || (entry.kind === 'action' && entry.enabled);
    return [{ path: path.join(' > '), enabled }];
  });
}

/** Every call that the entries name, in their order. */
function calls(entries: readonly MenuEntry[]): readonly CallRef[] {
  return entries.flatMap((entry) => {
    if (entry.kind === 'check') return [entry.call];
    if (entry.kind === 'action') return entry.enabled ? [entry.call] : [];
    return entry.kind === 'submenu' ? calls(entry.entries) : [];
  });
}

const latest = (drawn: Tray): Menu => drawn.menus.at(-1) as Menu;

describe('the menu', () => {
  it.each([
    ['an empty cluster', empty],
    ['idle GPUs and a model', scanned],
    ['a forward', forwarded],
    ['a running scan', { ...scanned, scan: { kind: 'running', done: 3, total: 8, startedAt: 1 } }],
  ] as const)('draws what menu.ts says of %s', (_name, of) => {
    snapshot = of;
    expect(readMenu(latest(start('linux')))).toEqual(expected(menu(of, 'en')));
  });

  it.each([scanned, forwarded])('makes the call of every entry that is clicked', (of) => {
    snapshot = of;
    const drawn = latest(start('linux'));
    for (const { path, enabled } of readMenu(drawn)) if (enabled) clickMenu(drawn, ...path.split(' > '));
    expect(ran).toEqual(calls(menu(of, 'en')));
    expect(ran.map((call) => call.name)).toContain(of === scanned ? 'forward.open' : 'forward.close');
  });

  it('logs in to a host with the window before the person, where its questions are asked', () => {
    const state = { kind: 'auth-needed', failure: aFailure('auth-locked') } as const;
    snapshot = { ...scanned, hosts: [{ ...host, state }] };
    clickMenu(latest(start('linux')), 'Hosts waiting for you (1)', 'r&&d', 'Log in');
    expect(ran).toEqual([{ name: 'host.login', input: { hostIds: [host.id] } }]);
    expect(shown).toBe(1);
  });

  it('reports a call that failed, once', async () => {
    reply = { ok: false, error: { code: 'port-in-use', detail: '16100' } };
    clickMenu(latest(start('linux')), 'Rescan');
    await vi.waitFor(() => expect(failures).toEqual([{ code: 'port-in-use', detail: '16100' }]));
  });
});

describe('on Linux', () => {
  it('hands over a new menu only when it reads differently', () => {
    const drawn = start('linux');
    snapshot = { ...scanned, revision: 9, hosts: [{ ...host, measuredAt: 7 }] };
    changed();
    vi.advanceTimersByTime(5000);
    expect(drawn.menus).toHaveLength(1);
    snapshot = forwarded;
    changed();
    expect(drawn.menus).toHaveLength(2);
  });

  it('draws at most once a second, and always the latest', () => {
    const drawn = start('linux');
    for (let done = 0; done < 30; done += 1) {
      snapshot = { ...scanned, scan: { kind: 'running', done, total: 30, startedAt: 1 } };
      changed();
      vi.advanceTimersByTime(100);
    }
    // The one at the start, the first change at once, then one for every full second.
    expect(drawn.menus).toHaveLength(5);
    vi.advanceTimersByTime(1000);
    expect(readMenu(latest(drawn)).map(({ path }) => path)).toContain('Cancel scan (96 %, 29 of 30)');
  });

  it('shows the window on a click on the icon', () => {
    start('linux').emit('click');
    expect(shown).toBe(1);
  });
});

describe.each(['darwin', 'win32'] as const)('on %s', (platform) => {
  it('builds the menu when it is opened, so that it never changes under the pointer', () => {
    const drawn = start(platform);
    snapshot = forwarded;
    changed();
    vi.advanceTimersByTime(2000);
    expect(drawn.menus).toHaveLength(0);
    drawn.emit('right-click');
    expect(drawn.popUps.map(readMenu)).toEqual([expected(menu(forwarded, 'en'))]);
  });

  it(`${platform === 'darwin' ? 'opens the menu' : 'shows the window'} on a plain click`, () => {
    const drawn = start(platform);
    drawn.emit('click');
    expect([drawn.popUps.length, shown]).toEqual(platform === 'darwin' ? [1, 0] : [0, 1]);
  });
});

describe('the icon', () => {
  const failure = aFailure('connection-lost', { step: 'forward' });
  const down: Host = { ...host, state: { kind: 'unreachable', failure } };
  const prompt: Prompt = {
    id: 'p',
    hostId: host.id,
    asker: { alias: host.alias, hostname: 'h', port: 22, user: 'me', isJumpHost: false },
    kind: 'password',
    text: '',
    fields: [],
    again: false,
    remember: false,
  };
  const shapes: readonly (readonly [string, Snapshot, ReturnType<typeof trayShape>])[] = [
    ['nothing is known yet', empty, 'none'],
    ['a GPU is idle', scanned, 'idle'],
    ['every GPU is busy', { ...scanned, hosts: [{ ...host, gpus: [busy] }] }, 'none'],
    ['one of two hosts is down', { ...scanned, hosts: [host, { ...down, id: 'b' }] }, 'idle'],
    ['the only host is down', { ...scanned, hosts: [down] }, 'attention'],
    ['the first scan still runs', { ...scanned, hosts: [down], scan: { kind: 'never' } }, 'none'],
    [
      'a host key has changed',
      { ...scanned, hosts: [host, { ...down, id: 'b', state: { kind: 'hostkey-changed', failure } }] },
      'attention',
    ],
    ['a login waits for an answer', { ...scanned, prompts: [prompt] }, 'attention'],
    [
      'a host key is unknown',
      { ...scanned, hosts: [host, { ...down, id: 'b', state: { kind: 'hostkey-unknown', failure } }] },
      'idle',
    ],
    [
      'a host is to be logged in to',
      { ...scanned, hosts: [host, { ...down, id: 'b', state: { kind: 'auth-needed', failure } }] },
      'idle',
    ],
    ['a forward works', forwarded, 'idle'],
    [
      'a forward retries',
      { ...scanned, forwards: [{ ...forward, state: { kind: 'retrying', failure } }] },
      'attention',
    ],
    [
      'a connection through it failed',
      { ...scanned, forwards: [{ ...forward, lastError: failure }] },
      'attention',
    ],
  ];

  it.each(shapes)('when %s', (_when, of, shape) => {
    expect(trayShape(of)).toBe(shape);
  });

  it.each([
    ['linux', '/icons/idle.png', '/icons/attention.png'],
    ['darwin', '/icons/idleTemplate.png', '/icons/attentionTemplate.png'],
    ['win32', '/icons/idle.ico', '/icons/attention.ico'],
  ] as const)('follows the state on %s, and the tooltip with it', (platform, before, after) => {
    const drawn = start(platform);
    expect([drawn.image, drawn.toolTip]).toEqual([before, headline(scanned, 'en')]);
    snapshot = { ...scanned, hosts: [down] };
    changed();
    expect([drawn.image, drawn.toolTip]).toEqual([after, headline(snapshot, 'en')]);
  });
});

it('is gone when disposed, and hears nothing more', () => {
  const drawn = start('linux');
  changed();
  snapshot = forwarded;
  changed();
  tray?.dispose();
  changed();
  expect(vi.getTimerCount()).toBe(0);
  expect([drawn.destroyed, drawn.menus.length]).toEqual([true, 1]);
});
