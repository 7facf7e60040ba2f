import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import type { LogLine } from '#common/diagnostics.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { createReporter, ownNames } from '#engine/diagnostics/report.ts';
import { createStore } from '#engine/store.ts';
import { sampleAbout } from '../../../support/contract/sample.ts';
import { aForward, aGpu, aHost, aProcess, aServer } from '../../../support/samples.ts';
import { launch, snapshot } from '../../../support/snapshot.ts';

const home = '/home/wilhelmine';
const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const planted = [
  'wilhelmine',
  'zeus01',
  'zeus02',
  'zeus01.olymp.example.org',
  'olymp.example.org',
  'hera-jump',
  'athena',
  '10.20.30.40',
  'left-out',
  'muted-one',
  'own-client',
  'dione',
  'acme/secret-7b',
  'gone-host',
];

function reporterOf(change: Partial<Snapshot>, log: readonly LogLine[] = []) {
  const store = createStore(snapshot(change));
  const about = () => sampleAbout;
  const own = [{ kind: 'home', text: home } as const, { kind: 'user', text: 'wilhelmine' } as const];
  const reporter = createReporter({ store, about, readLog: () => log, own, now: () => now });
  return { store, text: () => reporter.report().text };
}

const failure = {
  code: 'connection-refused',
  step: 'connect',
  detail:
    'jump host HERA-JUMP: connect ECONNREFUSED 10.20.30.40:22 as athena, key /home/wilhelmine/.ssh/id_rsa',
  command: "ssh -J hera-jump zeus02 'true'",
  nextAttemptAt: now + 12_400,
  hop: 'hera-jump',
} as const;

const everything: Partial<Snapshot> = {
  hosts: [
    {
      ...aHost,
      id: 'zeus01',
      alias: 'zeus01',
      endpoint: { hostname: 'zeus01.olymp.example.org', port: 22, user: 'athena' },
      gpus: [{ ...aGpu, processes: [{ ...aProcess, user: 'dione' }] }],
      client: 'built-in',
    },
    {
      ...aHost,
      id: 'zeus02',
      alias: 'zeus02',
      endpoint: { hostname: '10.20.30.40', port: 2222, user: 'athena' },
      state: { kind: 'unreachable', failure },
    },
  ],
  excludedAliases: ['left-out'],
  servers: [{ ...aServer, models: [{ id: 'acme/secret-7b', maxModelLen: null, parent: null }] }],
  problems: [{ code: 'config-unreadable', detail: `${home}/.ssh/config line 3: zeus01` }],
  settings: {
    ...defaultSettings,
    theme: 'dark',
    cadence: { ...defaultSettings.cadence, gpusMs: 2000 },
    hostPattern: '^zeus',
    excludedHosts: ['left-out'],
    modelPorts: { extra: [9000], skip: [] },
    notifications: { ...defaultSettings.notifications, mutedHosts: ['muted-one'] },
    ssh: { transport: 'auto', hosts: { 'own-client': 'system' } },
    autoForward: { ...defaultSettings.autoForward, denyModels: ['acme/*'] },
  },
};

const line = (number: number, message: string): LogLine => ({ number, at: now, level: 'info', message });
const log = [
  line(1, 'zeus02: connection-refused at connect'),
  line(2, 'Zeus01: dione on zeus01.OLYMP.example.org'),
  line(3, 'the banner says: welcome, athe…'),
];

it('says what there is to say, with a word for every name', () => {
  const { text } = reporterOf(everything, log);
  expect(text()).toMatchInlineSnapshot(`
    "# vllm-tray 1.2.3

    Node.js 20.20.2, linux x64 6.8.0
    Written 2026-01-02T03:04:05.000Z; names are replaced.

    ## Hosts

    Source: ssh-config
    Scan: never
    States: 1 up, 1 unreachable; 1 left out
    Clients: 1 built-in
    Forwarding: 2 unknown
    Problem: config-unreadable: ~/.ssh/config line 3: host-1

    host-2: unreachable; address-1 port 2222, client none, forwarding unknown
      connection-refused at connect of host-3; next attempt in 12 s
      jump host host-3: connect ECONNREFUSED address-1:22 as user-2, key ~/.ssh/id_rsa
      $ ssh -J host-3 host-2 'true'

    ## Models and forwards

    Servers: 1 up
    Engines: 1 vllm 0.11.0
    Forwards: none; 0 other, tmux unknown

    ## Settings other than the defaults

    theme: dark
    cadence.gpusMs: 2000
    modelPorts.extra: 9000
    excludedHosts: list of 1
    hostPattern: set
    autoForward.denyModels: list of 1
    notifications.mutedHosts: list of 1
    ssh.hosts: list of 1

    ## Log

    2026-01-02T03:04:05.000Z info host-2: connection-refused at connect
    2026-01-02T03:04:05.000Z info host-1: user-3 on hostname-1
    2026-01-02T03:04:05.000Z info the banner says: welcome, user-2…
    "
  `);
});

it('shows no name of a host, user, model, address or home folder', () => {
  const text = reporterOf(everything, log).text().toLowerCase();
  for (const name of planted) expect(text, name).not.toContain(name);
  expect(text).not.toContain('athe');
});

it('still knows the names of hosts that are gone, for the log has them', () => {
  const { store, text } = reporterOf({}, [line(1, 'gone-host: connection-lost at probe')]);
  const gone = { ...aHost, id: 'gone-host', alias: 'gone-host' };
  store.apply({ kind: 'hosts-listed', hosts: [gone], excludedAliases: [], problems: [] });
  store.snapshot();
  store.apply({ kind: 'hosts-listed', hosts: [], excludedAliases: [], problems: [] });
  store.snapshot();
  expect(text()).not.toContain('gone-host');
  expect(text()).toContain('info host-1: connection-lost at probe');
});

it('knows what forwards lead to beyond their hosts, and launches, also when they are gone', () => {
  const { store, text } = reporterOf({}, [
    line(1, 'gpu1:nodeseven:8000: forward lost, retrying: connection-lost'),
    line(2, 'gpu1:/run/acme.sock: forward failed: socket-missing'),
    line(3, 'gpu1:acme-pilot is ready: no channel to acme/pilot-7b'),
  ]);
  const behind = { ...aForward, id: 'gpu1:nodeseven:8000', remoteHost: 'nodeseven' };
  const socket = { ...aForward, id: 'gpu1:/run/acme.sock', remotePort: null, remoteSocket: '/run/acme.sock' };
  for (const forward of [behind, socket]) store.apply({ kind: 'forward-changed', forward });
  store.apply({
    kind: 'launches-found',
    hostId: 'gpu1',
    launches: [launch('gpu1', 'acme-pilot', { model: 'acme/pilot-7b' })],
  });
  store.snapshot();
  expect(text()).not.toMatch(/nodeseven|acme/);
  for (const { id } of [behind, socket]) store.apply({ kind: 'forward-closed', forwardId: id });
  store.apply({ kind: 'launches-found', hostId: 'gpu1', launches: [] });
  store.snapshot();
  expect(text()).not.toMatch(/nodeseven|acme/);
});

it('names the person and this computer', () => {
  const names = ownNames(home, { USER: 'wilhelmine' });
  expect(names).toContainEqual({ kind: 'home', text: home });
  expect(names).toContainEqual({ kind: 'user', text: 'wilhelmine' });
  if (hostname() !== 'localhost') expect(names.map(({ text }) => text)).toContain(hostname());
});

it('stays short with a thousand hosts that fail and a long log', () => {
  const hosts = Array.from({ length: 1000 }, (_, n) => ({
    ...aHost,
    id: `h${n}`,
    alias: `h${n}`,
    state: { kind: 'unreachable', failure } as const,
  }));
  const many = Array.from({ length: 2000 }, (_, n) => line(n + 1, `h${n}: ${'x'.repeat(400)}`));
  const text = reporterOf({ hosts }, many).text();
  expect(text).toContain('States: 1000 unreachable; 0 left out');
  expect(text).toContain('and 900 more');
  expect(text.length).toBeLessThan(300_000);
});
