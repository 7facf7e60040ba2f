/** Which ports of this computer are worth asking for models. Pure. */

import type { Snapshot } from '#common/model.ts';
import type { Settings } from '#common/settings.ts';
import type { Findings } from '../elsewhere/find.ts';
import { addressesOfSpec } from '../elsewhere/forward-spec.ts';
import type { LocalProcess } from '../elsewhere/process-list.ts';
import { type Candidate, isOddPort } from '../models/candidates.ts';
import { engineOfProcess } from '../models/process-names.ts';
import type { ListeningPort } from '../probe/ports.ts';
import { programName } from '../probe/processes.ts';

/** Where the engines listen unless they are told otherwise, and the next one of two of them on one computer. */
const usualPorts = new Set([
  1234, 1337, 3000, 4891, 5000, 5001, 8000, 8001, 8080, 8081, 9997, 11_434, 23_333, 30_000,
]);

export interface LocalPortsOptions {
  readonly findings: Pick<Findings, 'forwards' | 'list'>;
  /** What listens; null where nothing tells it. */
  readonly listening: readonly ListeningPort[] | null;
  readonly snapshot: Pick<Snapshot, 'forwards' | 'settings'>;
  /** This process, whose own listeners are never asked, and ports that are its own where nobody tells who listens. */
  readonly ownPid: number;
  readonly ownPorts: readonly number[];
}

/**
 * The ports of processes that look like model servers, those at which other programs forward, and those that model servers
 * use by default; of the ports that the system has chosen only what a forward or the settings name. A port is `expected`
 * to answer where its process, a forward or the settings say so.
 */
export function portsToAsk(options: LocalPortsOptions): readonly Candidate[] {
  const { findings, listening, snapshot, ownPid, ownPorts } = options;
  const { modelPorts } = snapshot.settings;
  const own = snapshot.forwards.map(({ localPort }) => localPort);
  const skip = new Set([...own, ...ownPorts, ...modelPorts.skip]);
  const forwards = findings.forwards
    .map(({ forward }) => forward)
    .filter(({ localPort }) => !skip.has(localPort));
  const named = new Set([...modelPorts.extra, ...forwards.map(({ localPort }) => localPort)]);
  const byPid = new Map(findings.list.map((one) => [one.pid, one]));
  const candidates = new Map<number, Candidate>();
  for (const entry of listening ?? []) {
    if (entry.pid === ownPid || skip.has(entry.port)) continue;
    const candidate = candidateOf(entry, { process: serverName(entry, byPid), named });
    if (candidate.expected || isUsual(entry, snapshot.settings)) candidates.set(entry.port, candidate);
  }
  // What the table does not have may have begun to listen since, and without a table nobody knows.
  for (const { localPort: port, localAddress } of forwards) {
    const addresses = addressesOfSpec(localAddress);
    if (!candidates.has(port) && !isOwn(port, options))
      candidates.set(port, { port, addresses, expected: true, process: null, pid: null });
  }
  return [...candidates.values()];
}

function candidateOf(
  { port, pid, address, alternatives }: ListeningPort,
  { process, named }: { readonly process: string | null; readonly named: ReadonlySet<number> },
): Candidate {
  const expected = named.has(port) || (!isOddPort({ port }) && engineOfProcess(process) !== null);
  return { port, addresses: [address, ...alternatives], expected, process, pid };
}

/** An ssh that listens forwards, also where nobody knows what: as the master of a shared connection. */
function isUsual({ port, process }: ListeningPort, { localPorts }: Settings): boolean {
  return usualPorts.has(port) || (port >= localPorts.from && port <= localPorts.to) || process === 'ssh';
}

function isOwn(port: number, { listening, ownPid }: LocalPortsOptions): boolean {
  return listening?.some((entry) => entry.port === port && entry.pid === ownPid) ?? false;
}

/** What an interpreter runs tells more than its own name: `vllm` of `python3 /opt/venv/bin/vllm serve`. */
function serverName(
  { process, pid }: ListeningPort,
  byPid: ReadonlyMap<number, LocalProcess>,
): string | null {
  const words = programName(byPid.get(pid ?? 0)?.args ?? '').split(' ');
  const names = [process, words[0] ?? null, words.at(-1) ?? null];
  return names.find((name) => engineOfProcess(name) !== null) ?? process;
}
