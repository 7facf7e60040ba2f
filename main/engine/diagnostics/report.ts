/** The report for an issue or a colleague: what the app sees, without the names of what it looks at. */

import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import type { About, LogLine } from '#common/diagnostics.ts';
import type { ExportedFile } from '#common/export.ts';
import type { Failure } from '#common/failure.ts';
import type { Forward } from '#common/forwards.ts';
import { asOf } from '#common/freshness.ts';
import type { Host } from '#common/hosts.ts';
import type { Launch } from '#common/launches.ts';
import { touched } from '#common/patch.ts';
import { failureOf } from '#common/select/failures.ts';
import { usersOf } from '#common/select/gpus.ts';
import { isUp } from '#common/select/hosts.ts';
import { defaultSettings, type Settings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import type { Store } from '../store.ts';
import { createRedactor, hostnameParts, type PrivateKind, type PrivateName } from './redact.ts';

export interface ReporterDeps {
  readonly store: Pick<Store, 'current' | 'subscribe'>;
  readonly about: () => About;
  readonly readLog: () => readonly LogLine[];
  /** Of the person at this computer: the home folder, the account, the computer's own name. */
  readonly own: readonly PrivateName[];
  readonly now?: () => number;
}

export interface Reporter {
  /** A text in which no name of a host, user, model, address or home folder stands. */
  report(): ExportedFile;
}

/** More would not be read, nor fit into an issue. */
const mostHosts = 100;
const mostLines = 400;

/** Remembers all hosts, forwards and launches that were ever listed: the log still has their names when they are gone. */
export function createReporter({ store, about, readLog, own, now = Date.now }: ReporterDeps): Reporter {
  const hosts = new Map<string, Host>();
  const forwards = new Map<string, Forward>();
  const launches = new Map<string, Launch>();
  store.subscribe((patch) => {
    const now = store.current();
    for (const host of touched(now.hosts, patch.hosts)) hosts.set(host.id, host);
    for (const forward of touched(now.forwards, patch.forwards)) forwards.set(forward.id, forward);
    for (const launch of touched(now.launches, patch.launches)) launches.set(launch.id, launch);
  });
  const metNames = (): readonly PrivateName[] => [
    ...[...hosts.values()].flatMap(namesOf),
    ...[...forwards.values()].flatMap(namesBehind),
    ...[...launches.values()].flatMap(namesOfLaunch),
  ];
  return {
    report() {
      const at = now();
      const snapshot = asOf(store.current(), at);
      const redact = createRedactor([...own, ...namesIn(snapshot), ...metNames()]);
      const stamp = new Date(at).toISOString();
      const text = [
        ...head(about(), stamp),
        ...hostLines(snapshot, { redact, at }),
        ...serviceLines(snapshot, redact),
        ...settingsLines(snapshot.settings),
        ...logLines(readLog(), redact),
      ].join('\n');
      const fileName = `vllm-tray-report-${stamp.replace(/[:.]/g, '-').slice(0, 19)}.txt`;
      return { fileName, mediaType: 'text/plain', text: `${text}\n` };
    },
  };
}

type Redact = ReturnType<typeof createRedactor>;

function namesIn(snapshot: Snapshot): readonly PrivateName[] {
  const { hosts, excludedAliases, settings, hostKeys, servers, localServers, otherForwards } = snapshot;
  const { excludedHosts, favourites, notifications, ssh } = settings;
  const aliases = [
    ...excludedAliases,
    ...excludedHosts,
    ...favourites.hosts,
    ...notifications.mutedHosts,
    ...Object.keys(ssh.hosts),
  ];
  const models = [
    ...favourites.models,
    ...servers.flatMap((server) => server.models.map(({ id }) => id)),
    ...localServers.flatMap((server) => server.models),
    ...otherForwards.forwards.flatMap((forward) => forward.models),
  ];
  return [
    ...hosts.flatMap(namesOf),
    ...snapshot.forwards.flatMap(namesBehind),
    ...snapshot.launches.flatMap(namesOfLaunch),
    ...named('host', [...aliases, ...otherForwards.forwards.map(({ destination }) => destination)]),
    ...hostKeys.flatMap(({ name }) => hostnameParts(name.replace(/^\[(.*)\]:\d+$/, '$1'))),
    ...named('model', models),
  ];
}

function namesOf({ alias, endpoint, state, gpus }: Host): readonly PrivateName[] {
  const { hop } = failureOf(state) ?? {};
  return [
    ...named('host', [alias, ...(hop === undefined ? [] : [hop])]),
    ...(endpoint === null ? [] : [...hostnameParts(endpoint.hostname), ...named('user', [endpoint.user])]),
    ...named(
      'user',
      gpus.flatMap((gpu) => [...usersOf(gpu), ...(gpu.job?.pod?.split('/') ?? [])]),
    ),
  ];
}

/** What a forward leads to beyond its host. */
function namesBehind({ remoteHost, remoteSocket }: Forward): readonly PrivateName[] {
  return [
    ...(remoteHost === null ? [] : hostnameParts(remoteHost)),
    ...named('id', remoteSocket === null ? [] : [remoteSocket]),
  ];
}

function namesOfLaunch({ name, model }: Launch): readonly PrivateName[] {
  return [...named('id', [name]), ...named('model', model === null ? [] : [model])];
}

const named = (kind: PrivateKind, texts: readonly string[]): readonly PrivateName[] =>
  texts.map((text) => ({ kind, text }));

function head({ version, runtime, platform }: About, stamp: string): readonly string[] {
  return [
    `# vllm-tray ${version}`,
    '',
    `${runtime}, ${platform}`,
    `Written ${stamp}; names are replaced.`,
    '',
  ];
}

interface HostContext {
  readonly redact: Redact;
  readonly at: number;
}

function hostLines(snapshot: Snapshot, { redact, at }: HostContext): readonly string[] {
  const { hosts, excludedAliases, scan, problems, source } = snapshot;
  const bad = hosts.filter(({ state }) => failureOf(state) !== null);
  const up = hosts.filter(({ state }) => isUp(state));
  const left = bad.length - mostHosts;
  return [
    '## Hosts',
    '',
    `Source: ${source.kind}`,
    `Scan: ${scan.kind}${'done' in scan ? `, ${scan.done} of ${scan.total}` : ''}`,
    `States: ${tally(hosts.map(({ state }) => state.kind))}; ${excludedAliases.length} left out`,
    `Clients: ${tally(up.map(({ client }) => client ?? 'none'))}`,
    `Forwarding: ${tally(hosts.map(({ forwarding }) => forwarding))}`,
    ...problems.map(({ code, detail }) => `Problem: ${code}: ${redact(detail)}`),
    ...bad.slice(0, mostHosts).flatMap((host) => ['', ...badHost(host, redact, at)]),
    ...(left > 0 ? ['', `and ${left} more`] : []),
    '',
  ];
}

function badHost(
  { alias, endpoint, state, client, forwarding }: Host,
  redact: Redact,
  at: number,
): readonly string[] {
  const failure = failureOf(state);
  const where = endpoint === null ? 'not resolved' : `${redact(endpoint.hostname)} port ${endpoint.port}`;
  return [
    `${redact(alias)}: ${state.kind}; ${where}, client ${client ?? 'none'}, forwarding ${forwarding}`,
    ...(failure === null ? [] : failureLines(failure, redact, at)),
  ];
}

function failureLines(failure: Failure, redact: Redact, at: number): readonly string[] {
  const { code, step, detail, command, nextAttemptAt, hop } = failure;
  const next =
    nextAttemptAt === null
      ? 'none scheduled'
      : `in ${Math.max(0, Math.round((nextAttemptAt - at) / 1000))} s`;
  return [
    `  ${code} at ${step}${hop === undefined ? '' : ` of ${redact(hop)}`}; next attempt ${next}`,
    ...(detail === '' ? [] : [`  ${redact(detail)}`]),
    ...(command === null ? [] : [`  $ ${redact(command)}`]),
  ];
}

function serviceLines({ servers, forwards, otherForwards }: Snapshot, redact: Redact): readonly string[] {
  const broken = forwards.flatMap(({ state }) => failureOf(state) ?? []);
  return [
    '## Models and forwards',
    '',
    `Servers: ${tally(servers.map(({ state }) => failureOf(state)?.code ?? state.kind))}`,
    `Engines: ${tally(servers.map(({ engine, version }) => `${engine ?? 'unknown'} ${version ?? ''}`.trim()))}`,
    `Forwards: ${tally(forwards.map(({ state }) => state.kind))}; ${otherForwards.forwards.length} other, tmux ${otherForwards.tmux}`,
    ...broken.map(({ code, detail }) => `  ${code}: ${redact(detail)}`),
    '',
  ];
}

/** What differs from the defaults; of lists of names only how long they are. */
function settingsLines(settings: Settings): readonly string[] {
  const lines = Object.entries(settings).flatMap(([key, value]) => {
    const standard: unknown = defaultSettings[key as keyof Settings];
    if (isDeepStrictEqual(value, standard)) return [];
    if (typeof value !== 'object' || Array.isArray(value)) return [`${key}: ${shown(key, value)}`];
    return Object.entries(value)
      .filter(([name, part]) => !isDeepStrictEqual(part, (standard as Record<string, unknown>)[name]))
      .map(([name, part]) => `${key}.${name}: ${shown(name, part)}`);
  });
  return ['## Settings other than the defaults', '', ...(lines.length === 0 ? ['none'] : lines), ''];
}

function shown(name: string, value: unknown): string {
  if (name === 'rules') return tally((value as Settings['notifications']['rules']).map(({ kind }) => kind));
  if (name === 'hostPattern') return 'set';
  if (Array.isArray(value) && value.some((one) => typeof one !== 'number')) return `list of ${value.length}`;
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return `list of ${Object.keys(value).length}`;
  return String(value);
}

function logLines(log: readonly LogLine[], redact: Redact): readonly string[] {
  return [
    '## Log',
    '',
    ...log
      .slice(-mostLines)
      .map(({ at, level, message }) => `${new Date(at).toISOString()} ${level} ${redact(message)}`),
  ];
}

/** `12 up, 2 unreachable`, in the order in which they come. */
function tally(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts.size === 0 ? 'none' : [...counts].map(([value, count]) => `${count} ${value}`).join(', ');
}

/** What names the person at this computer, and it. */
export function ownNames(home: string, env: NodeJS.ProcessEnv): readonly PrivateName[] {
  return [
    { kind: 'home', text: home },
    ...named('user', [env.USER ?? env.USERNAME ?? '']),
    ...hostnameParts(hostname()),
  ];
}
