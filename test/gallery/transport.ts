import type { Transport } from '#common/bridge.ts';
import { AppError } from '#common/failure.ts';
import { hostValues, serverValues, type Track } from '#common/history.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { directTransport } from '../support/contract/direct-transport.ts';
import { doubleHandlers } from '../support/contract/doubles.ts';
import { sampleAbout } from '../support/contract/sample.ts';
import { requests } from './gateway.ts';
import { launchLog, launchPlan } from './launches.ts';
import { pastOf } from './past.ts';
import { testOf } from './sources.ts';

const points = 180;
const stepMs = 10_000;

/** What the window of one state talks to: it has the Snapshot and a history of it, and changes nothing. */
export function transportOn(shown: Snapshot): Transport {
  const handlers = doubleHandlers({
    answers: {
      'snapshot.get': () => shown,
      'scan.start': () => ({ total: shown.hosts.length }),
      'history.get': ({ ids }) => historyOf(shown, new Set(ids)),
      'history.fromSources': (request) => pastOf(shown, request),
      'log.get': ({ after }) => log.filter(({ number }) => number > after),
      'gateway.access': () => ({ url: 'http://127.0.0.1:16000/v1', key: 'k'.repeat(43) }),
      'gateway.requests': ({ after }) => requests.filter(({ number }) => number > after),
      'about.get': () => sampleAbout,
      'launch.plan': () => launchPlan,
      'launch.log': ({ after }) => ({ text: after === 0 ? launchLog : '', next: launchLog.length }),
      'source.test': ({ source }) => testOf(source),
      'report.get': () => ({ fileName: 'report.txt', mediaType: 'text/plain', text: report }),
    },
    otherwise: () => {
      throw new AppError('unsupported', { detail: 'the gallery changes nothing' });
    },
  });
  return directTransport(handlers, () => () => undefined);
}

/** Half an hour up to now, in waves around what the Snapshot says. */
function historyOf(snapshot: Snapshot, ids: ReadonlySet<string>): readonly Track[] {
  const start = Date.now() - points * stepMs;
  const times = Array.from({ length: points }, (_, at) => start + at * stepMs);
  const wave = (value: number | null, phase: number) =>
    times.map((_, at) => (value === null ? null : value * (0.8 + 0.2 * Math.sin(at / 9 + phase))));
  const trackOf = (id: string, values: Readonly<Record<string, number | null>>): Track => ({
    id,
    times,
    columns: Object.fromEntries(
      Object.entries(values).map(([name, value], phase) => [name, wave(value, phase)]),
    ),
  });
  return [
    ...snapshot.hosts.filter(({ id }) => ids.has(id)).map((host) => trackOf(host.id, hostValues(host))),
    ...snapshot.servers
      .filter(({ id }) => ids.has(id))
      .map((server) => trackOf(server.id, serverValues(server))),
  ];
}

const log = (
  [
    ['info', 'started with 7 hosts of /home/me/.ssh/config'],
    ['debug', 'gpu01: connected by the built-in client'],
    ['warn', 'gpu07: connect ETIMEDOUT 10.0.0.7:22'],
    ['error', 'the history could not be written: ENOSPC'],
  ] as const
).map(([level, message], at) => ({
  number: at + 1,
  at: Date.now() - (10 - at) * 1000,
  level,
  message,
}));

const report = '# vllm-tray 1.2.3\n\nhost-1: up, 8 GPUs\nhost-2: connection-timeout\n';
