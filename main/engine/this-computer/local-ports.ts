/** Which ports of this computer are worth asking for models. Pure. */

import type { HostId } from '#common/ids.ts';
import type { Settings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { type Candidate, isOddPort } from '../models/candidates.ts';
import { engineOfProcess } from '../models/process-names.ts';
import type { ListeningPort } from '../probe/ports.ts';
import { programName } from '../probe/processes.ts';
import type { Findings } from './find.ts';
import { addressesOfSpec } from './forward-spec.ts';
import type { LocalProcess } from './local-process.ts';

/** Where the engines listen by default, and the next one of two of them on one computer. */
const usualPorts = new Set([
  1234, 1337, 3000, 4891, 5000, 5001, 8000, 8001, 8080, 8081, 9997, 11_434, 23_333, 30_000,
]);

/** A forward that another copy of the app, which runs as this process, has open. */
export interface Copy {
  readonly hostId: HostId;
  readonly remotePort: number;
  readonly localPort: number;
  readonly pid: number;
}

/** The copy whose forward this port is; null for any other one. */
export function copyAt(
  { port, pid }: Pick<ListeningPort, 'port' | 'pid'>,
  copies: readonly Copy[],
): Copy | null {
  return copies.find((copy) => copy.localPort === port && (pid ?? copy.pid) === copy.pid) ?? null;
}

export interface LocalPortsOptions {
  readonly findings: Pick<Findings, 'forwards' | 'list'>;
  /** What listens; null where nothing tells it. */
  readonly listening: readonly ListeningPort[] | null;
  readonly snapshot: Pick<Snapshot, 'forwards' | 'settings'>;
  /** The forwards of other copies of the app. */
  readonly copies: readonly Copy[];
  /** This process, whose own listeners are never asked, and ports that are its own where the listener is unknown. */
  readonly ownPid: number;
  readonly ownPorts: readonly number[];
}

/**
 * The ports of processes that look like model servers, those of other forwards, and those that model servers
 * use by default; of the ports that the system has chosen only what a forward or the settings name. A port is `expected`
 * to answer where its process, a forward or the settings say so.
 */
export function portsToAsk(options: LocalPortsOptions): readonly Candidate[] {
  const { findings, listening, snapshot, copies, ownPid, ownPorts } = options;
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
    const isNamed = named.has(entry.port) || copyAt(entry, copies) !== null;
    const candidate = candidateOf(entry, { process: serverName(entry, byPid), isNamed });
    if (candidate.expected || isUsual(entry, snapshot.settings)) candidates.set(entry.port, candidate);
  }
  // What the table does not have may have begun to listen since, and without a table it is unknown.
  for (const { localPort: port, localAddress } of forwards) {
    const addresses = addressesOfSpec(localAddress);
    if (!candidates.has(port) && !isOwn(port, options))
      candidates.set(port, { port, addresses, expected: true, process: null, pid: null });
  }
  return [...candidates.values()];
}

function candidateOf(
  { port, pid, address, alternatives }: ListeningPort,
  { process, isNamed }: { readonly process: string | null; readonly isNamed: boolean },
): Candidate {
  const expected = isNamed || (!isOddPort({ port }) && engineOfProcess(process) !== null);
  return { port, addresses: [address, ...alternatives], expected, process, pid };
}

/** An ssh that listens forwards, also where its target is unknown: as the master of a shared connection. */
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
