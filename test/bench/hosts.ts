import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FirstHostCounts, FleetReady } from './fleet-process.ts';

export interface BenchHosts {
  readonly sshConfigPath: string;
  readonly aliases: readonly string[];
  /** Bytes that have crossed the links to the hosts, both ways and with all headers, whoever sent them. */
  wireBytes(): number;
  /** What the first host has been asked so far. */
  firstHost(): Promise<FirstHostCounts>;
  stop(): Promise<void>;
}

/**
 * Starts that many hosts in another process: real sshd hosts, each in a network namespace of its own, or simulated ones,
 * whose wire bytes and requests are not counted.
 */
export async function startHosts(count: number, kind: 'fleet' | 'simulated' = 'fleet'): Promise<BenchHosts> {
  const fleet = fork(fileURLToPath(new URL(`${kind}-process.mjs`, import.meta.url)), [String(count)]);
  const ended = once(fleet, 'exit').then(([code]) => {
    throw new Error(`the hosts ended with ${code}`);
  });
  ended.catch(() => undefined);
  const [{ sshConfigPath, links }] = (await Promise.race([once(fleet, 'message'), ended])) as [FleetReady];
  // What is written so shortly before it is read counts as changed since then, and would be read once more.
  await delay(100);
  return {
    sshConfigPath,
    aliases: Array.from({ length: count }, (_, n) => `host-${n}`),
    wireBytes: () =>
      links.reduce((sum, link) => sum + statistic(link, 'rx_bytes') + statistic(link, 'tx_bytes'), 0),
    async firstHost() {
      fleet.send('counts');
      const [counts] = (await once(fleet, 'message')) as [FirstHostCounts];
      return counts;
    },
    async stop() {
      fleet.disconnect();
      await once(fleet, 'exit');
    },
  };
}

function statistic(link: string, name: 'rx_bytes' | 'tx_bytes'): number {
  return Number(readFileSync(`/sys/class/net/${link}/statistics/${name}`, 'utf8'));
}
