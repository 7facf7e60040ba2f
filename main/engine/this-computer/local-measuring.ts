import { isMeasuredOnHost } from '#common/local-loads.ts';
import { hasLoad, type ModelServer } from '#common/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';
import type { Candidate } from '../models/candidates.ts';
import type { PortAnswer } from './ask.ts';
import { createLocalLoads, type LocalLoads, type LocalLoadsDeps } from './local-loads.ts';

export interface LocalMeasuringDeps extends LocalLoadsDeps {
  readonly snapshot: () => Snapshot;
  /** What the ports have answered, by port. */
  readonly answered: () => ReadonlyMap<number, PortAnswer>;
  /** Called when one was measured, and when some are forgotten. */
  readonly onChange: () => void;
}

/** Measures how busy the model servers of this computer are, as far as nothing else does. */
export interface LocalMeasuring extends Pick<LocalLoads, 'all' | 'close'> {
  /** Those among the ports that are known to be servers. Never rejects. */
  measure(candidates: readonly Candidate[]): Promise<void>;
  /** The same, and forgets all others. */
  measureOnly(candidates: readonly Candidate[]): Promise<void>;
}

export function createLocalMeasuring(deps: LocalMeasuringDeps): LocalMeasuring {
  const { snapshot, answered, onChange } = deps;
  const loads = createLocalLoads(deps);

  const serversAt = (candidates: readonly Candidate[]): readonly ModelServer[] => {
    const current = snapshot();
    const known = answered();
    return candidates.flatMap(({ port }) => {
      const answer = known.get(port);
      const shown = current.localServers.find((server) => server.port === port);
      if (answer?.kind !== 'server' || shown === undefined || isMeasuredOnHost(shown, current)) return [];
      return hasLoad(answer.server.state) ? answer.server : [];
    });
  };

  const measureAll = async (servers: readonly ModelServer[]): Promise<void> => {
    await Promise.all(servers.map((server) => loads.measure(server).then(onChange)));
  };

  return {
    all: loads.all,
    close: loads.close,
    measure: (candidates) => measureAll(serversAt(candidates)),
    measureOnly(candidates) {
      const servers = serversAt(candidates);
      loads.keep(new Set(servers.map(({ port }) => port)));
      onChange();
      return measureAll(servers);
    },
  };
}
