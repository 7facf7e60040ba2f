/** What the whole Snapshot adds up to. */

import type { Snapshot } from '../snapshot.ts';
import { hostSummary, isUp } from './hosts.ts';

export interface Totals {
  readonly idleGpus: number;
  readonly gpus: number;
  readonly hostsUp: number;
  readonly hosts: number;
  readonly models: number;
  readonly forwards: number;
}

const made = new WeakMap<Snapshot, Totals>();

/** Made once per Snapshot: several places of a face show parts of it. */
export function totals(snapshot: Snapshot): Totals {
  const known = made.get(snapshot) ?? count(snapshot);
  made.set(snapshot, known);
  return known;
}

function count(snapshot: Snapshot): Totals {
  let idleGpus = 0;
  let gpus = 0;
  let hostsUp = 0;
  for (const host of snapshot.hosts) {
    if (!isUp(host.state)) continue;
    const { idle, total } = hostSummary(host, snapshot.settings.idleRule);
    idleGpus += idle;
    gpus += total;
    hostsUp += 1;
  }
  return {
    idleGpus,
    gpus,
    hostsUp,
    hosts: snapshot.hosts.length,
    models: snapshot.servers.reduce(
      (sum, { state, models }) => sum + (state.kind === 'lost' ? 0 : models.length),
      0,
    ),
    forwards: snapshot.forwards.length,
  };
}
