/** Which of a host's listening ports are worth asking for models, and which must be left alone. Pure. */

import type { ListeningPort } from '../probe/ports.ts';
import { engineOfProcess, isOtherProcess } from './process-names.ts';

export interface Candidate {
  readonly port: number;
  /** In the order in which to try them. */
  readonly addresses: readonly string[];
  /** A model server should be here: when none answers, that is worth a row. */
  readonly expected: boolean;
  /** Who listens there, as far as it is known. */
  readonly process: string | null;
  readonly pid: number | null;
}

export interface PortRules {
  readonly extraPorts: readonly number[];
  readonly skipPorts: readonly number[];
}

const mostPorts = 64;
const usualPort = 8000;
/** From here on Linux hands out ports automatically (net.ipv4.ip_local_port_range). */
const firstEphemeralPort = 32_768;

/** Services that speak no HTTP, or serve no models, and log or suffer under a stray request. */
const otherServices = new Set([
  1433, 1521, 1883, 2049, 2181, 2375, 2376, 2377, 2379, 2380, 3260, 3306, 3389, 4369, 5037, 5060, 5355, 5432,
  5671, 5672, 5900, 5901, 6000, 6010, 6011, 6379, 6443, 6817, 6818, 6819, 7946, 9042, 9092, 9100, 9300, 9400,
  10_250, 10_255, 10_256, 11_211, 25_672, 26_257, 27_017, 29_400, 29_500,
]);

/** The given ports, each at the address where something is seen to listen, else at 127.0.0.1. */
export function explicitCandidates(
  ports: readonly number[],
  listening: readonly ListeningPort[] | null,
): readonly Candidate[] {
  const known = new Map(listening?.map((entry) => [entry.port, entry]));
  return [...new Set(ports)].sort((a, b) => a - b).map((port) => candidateAt(port, known.get(port), true));
}

/**
 * At most 64 of the listening ports: those where a model server is expected first, then the ones chosen by a user, then the
 * system's choice. Without a table, the usual port and the extra ones.
 */
export function likelyCandidates(
  listening: readonly ListeningPort[] | null,
  rules: PortRules,
): readonly Candidate[] {
  if (listening === null) {
    const ports = [usualPort, ...rules.extraPorts].filter((port) => !rules.skipPorts.includes(port));
    return explicitCandidates(ports, null);
  }
  const chosen = new Set(
    listening.flatMap(({ pid, port }) => (pid !== null && port < firstEphemeralPort ? pid : [])),
  );
  const candidates = listening
    .filter((entry) => !rules.skipPorts.includes(entry.port))
    .map((entry) => ({ ...entry, expected: isExpected(entry, rules) }))
    .filter((entry) => entry.expected || isPossible(entry, chosen));
  return candidates
    .sort((a, b) => rank(a) - rank(b) || a.port - b.port)
    .slice(0, mostPorts)
    .map((entry) => candidateAt(entry.port, entry, entry.expected));
}

/** Whether the system has chosen the port, as far as its number says. */
export function isOddPort({ port }: Pick<Candidate, 'port'>): boolean {
  return port >= firstEphemeralPort;
}

function candidateAt(port: number, entry: ListeningPort | undefined, expected: boolean): Candidate {
  const { process = null, pid = null } = entry ?? {};
  const addresses = entry === undefined ? ['127.0.0.1'] : [entry.address, ...entry.alternatives];
  return { port, addresses, expected, process, pid };
}

function isExpected({ port, process }: ListeningPort, { extraPorts }: PortRules): boolean {
  if (port === usualPort || extraPorts.includes(port)) return true;
  return port < firstEphemeralPort && engineOfProcess(process) !== null;
}

function isPossible({ port, address, process, pid }: ListeningPort, chosen: ReadonlySet<number>): boolean {
  if (port !== 80 && port < 1024) return false;
  if (otherServices.has(port) || isOtherProcess(process)) return false;
  if (port < firstEphemeralPort) return true;
  // NCCL listens on ports of the system's choice at the address of a network card, and a stray request can hang the
  // training job behind it; torch and ray open more of them. A server's own inner sockets are no servers either.
  const local = address === '::1' || address.startsWith('127.');
  const inner = pid !== null && chosen.has(pid);
  return (local || engineOfProcess(process) !== null) && !inner;
}

function rank({ port, process, expected }: ListeningPort & { readonly expected: boolean }): number {
  if (expected) return 0;
  return port < firstEphemeralPort || engineOfProcess(process) !== null ? 1 : 2;
}
