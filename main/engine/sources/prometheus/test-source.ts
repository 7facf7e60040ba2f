/** Asks a source once, as the person sets it up, and says what was found. */

import type { PrometheusSource, SourceReport } from '#common/prometheus.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { after } from '#common/timer.ts';
import { createClient, type PrometheusClient } from './client.ts';
import { nameSetOf, oldUtilisation } from './exporters/dcgm.ts';
import { createJoiner } from './join.ts';
import { poll } from './poll.ts';
import { exportersOf, type Survey, survey } from './survey.ts';
import type { OpenStream, SourceSecrets } from './way.ts';

export interface SourceTestDeps {
  readonly source: PrometheusSource;
  readonly secrets: SourceSecrets;
  readonly stream: OpenStream;
  readonly timeoutMs: number;
  /** To say how many of its hosts are known by SSH. */
  readonly hosts: Pick<Snapshot, 'hosts'>;
}

/** For all questions together. */
const mostMs = 45_000;

/** Errors: those of the client and of {@link survey}. */
export async function testSource(deps: SourceTestDeps): Promise<SourceReport> {
  const client = createClient(deps);
  const ending = new AbortController();
  const timer = after(mostMs, () => ending.abort());
  try {
    const clockDifferenceMs = await clockDifference(client, ending.signal);
    const version = await client.version(ending.signal).catch(() => null);
    const known = await survey(client, deps.source, ending.signal);
    const found = await poll(client, known, ending.signal, deps.source.hostLabel);
    return {
      version,
      exporters: exportersOf(known.names),
      gpus: [...found.hosts.values()].reduce((sum, { gpus }) => sum + gpus.length, 0),
      hosts: found.hosts.size,
      joined: joinedOf(found.hosts.keys(), deps),
      series: known.series,
      scrapeMs: known.scrapeMs,
      nameSet: nameSetOf(known.names.keys()),
      utilUnit: unitOf(known),
      clockDifferenceMs,
      partial: found.partial,
    };
  } finally {
    timer.cancel();
    client.close();
  }
}

function unitOf({ names, utilFactor }: Survey): SourceReport['utilUnit'] {
  if (!names.has(oldUtilisation)) return null;
  return utilFactor === 100 ? 'ratio' : 'percent';
}

/** The server's clock less this computer's, at the middle of the question; within the time that it took. */
async function clockDifference(client: PrometheusClient, signal: AbortSignal): Promise<number> {
  const before = Date.now();
  const { items } = await client.instant('time()', signal);
  const middle = (before + Date.now()) / 2;
  const serverS = Number(items[0]?.value[1] ?? Number.NaN);
  return Number.isFinite(serverS) ? Math.round(serverS * 1000 - middle) : 0;
}

function joinedOf(names: Iterable<string>, { source, hosts: { hosts } }: SourceTestDeps): number {
  const ssh = hosts.filter((host) => host.source.kind === 'ssh');
  const join = createJoiner(
    ssh.map(({ alias, endpoint }) => ({ alias, hostname: endpoint?.hostname ?? null })),
  );
  return [...names].filter((name) => join(name, source.joins[name]).kind === 'joined').length;
}
