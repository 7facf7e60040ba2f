/** What the processes of the soak tell each other, and what is printed in the end. */

export type Fault =
  | 'session killed'
  | 'sshd killed'
  | 'sshd stopped'
  | 'network swallows everything'
  | 'away for 75 s'
  | 'jump host restarts'
  | 'strangers at a port';

export type HostsMessage =
  | { readonly kind: 'fault'; readonly fault: Fault; readonly alias: string; readonly localPort: number }
  | { readonly kind: 'connections' };

export interface AppReport {
  readonly forwards: readonly {
    readonly id: string;
    readonly hostId: string;
    readonly localPort: number;
    readonly listens: boolean;
    readonly openConnections: number;
  }[];
  readonly rssMiB: number;
  /** With what lies outside of V8's heap; after a garbage collection where the question was 'report'. */
  readonly heapMiB: number;
  readonly cpuSeconds: number;
  /** Open file descriptors. */
  readonly files: number;
  readonly resources: Readonly<Record<string, number>>;
  /** Of the process, such as that of too many listeners. */
  readonly warnings: readonly string[];
}

export function connectionsOf({ forwards }: AppReport): number {
  return forwards.reduce((sum, { openConnections }) => sum + openConnections, 0);
}

export interface LoadTarget {
  readonly name: string;
  readonly hostId: string;
  readonly localPort: number;
}

export interface LoadReport {
  sent: number;
  ok: number;
  /** A reply that counted as whole and was not what the server sent. */
  wrong: number;
  /** Neither an answer nor a failure. */
  hung: number;
  /** With when they were noticed, in milliseconds since the epoch. */
  readonly failures: { readonly hostId: string; readonly code: string; readonly at: number }[];
  /** Every forward had as many requests under way as clients allow themselves. */
  notSent: number;
  readonly latenciesMs: number[];
  bytes: number;
}

export const faultKinds: readonly Fault[] = [
  'session killed',
  'network swallows everything',
  'sshd killed',
  'sshd stopped',
  'away for 75 s',
  'jump host restarts',
  'strangers at a port',
];

/** A busy computer notices a reset late. */
const noticedWithinMs = 5000;

export interface PastFault {
  readonly fault: Fault;
  readonly hostId: string;
  readonly startedAt: number;
  readonly mendedAt: number;
  /** When all forwards of the host listened again. */
  readonly backAt: number;
}

/** Whether a request failed because of this fault. */
export function isOf({ hostId, at }: LoadReport['failures'][number], fault: PastFault): boolean {
  return hostId === fault.hostId && at >= fault.startedAt && at <= fault.backAt + noticedWithinMs;
}

export interface Results {
  readonly before: AppReport;
  readonly loaded: AppReport;
  readonly after: AppReport;
  readonly end: LoadReport;
  readonly faults: readonly PastFault[];
  /** Failures that no fault explains. */
  readonly strange: LoadReport['failures'];
  readonly seconds: number;
  /** How long after the last request no connection was left. */
  readonly idleAfterMs: number;
  readonly openConnections: number;
}

export function print({
  before,
  loaded,
  after,
  end,
  faults,
  strange,
  seconds,
  idleAfterMs,
  openConnections,
}: Results): void {
  console.table([
    { what: 'requests sent', value: `${end.sent} (${(end.sent / seconds).toFixed(0)} a second)` },
    { what: 'answered, each byte right', value: end.ok },
    { what: 'answered wrongly', value: end.wrong },
    { what: 'without an end', value: end.hung },
    {
      what: 'failed while their host was away',
      value: byCode(end.failures.filter((one) => !strange.includes(one))),
    },
    { what: 'failed while nothing was the matter', value: byCode(strange) },
    { what: 'not sent, all clients were busy', value: end.notSent },
    { what: 'moved', value: `${(end.bytes / 1e9).toFixed(1)} GB` },
    {
      what: 'latency p50, p99',
      value: [0.5, 0.99].map((part) => `${quantile(end.latenciesMs, part).toFixed(0)} ms`).join(', '),
    },
    {
      what: "the app's CPU",
      value: `${(((loaded.cpuSeconds - before.cpuSeconds) / seconds) * 100).toFixed(0)} % of one processor`,
    },
  ]);
  console.table(
    faultKinds.map((fault) => {
      const times = faults
        .filter((one) => one.fault === fault)
        .map(({ mendedAt, backAt }) => backAt - mendedAt);
      const worst = times.length === 0 ? '' : `${(Math.max(...times) / 1000).toFixed(1)} s`;
      return {
        fault,
        times: times.length,
        'back after, median': `${(quantile(times, 0.5) / 1000).toFixed(1)} s`,
        worst,
      };
    }),
  );
  const row = (what: string, of: (report: AppReport) => number): object => ({
    what,
    'before the load': Math.round(of(before)),
    'at its end': Math.round(of(loaded)),
    'when idle': Math.round(of(after)),
  });
  console.table([
    row('file descriptors', ({ files }) => files),
    row('sockets', ({ resources }) => resources.TCPSocketWrap ?? 0),
    row('listeners', ({ resources }) => resources.TCPServerWrap ?? 0),
    row('timers', ({ resources }) => resources.Timeout ?? 0),
    row('connections through forwards', connectionsOf),
    row('heap and buffers, MiB', ({ heapMiB }) => heapMiB),
    row('resident memory, MiB', ({ rssMiB }) => rssMiB),
  ]);
  console.log(
    `Idle ${(idleAfterMs / 1000).toFixed(1)} s after the last request. Connections at the servers then, one each for the load of the models: ${openConnections}. Warnings: ${after.warnings.join('; ') || 'none'}.`,
  );
}

function byCode(failures: LoadReport['failures']): string {
  const codes = new Set(failures.map(({ code }) => code));
  const counts = [...codes].map((code) => `${code} ${failures.filter((one) => one.code === code).length}`);
  return counts.join(', ') || 'none';
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
