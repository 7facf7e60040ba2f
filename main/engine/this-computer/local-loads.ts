import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { ModelServer } from '#common/servers.ts';
import type { Log } from '../diagnostics/log.ts';
import { createLoadReader, type LoadAnswer, type LoadReader, type Streams } from '../models/load-reader.ts';
import { connectTo } from './ask.ts';

export interface LocalLoadsDeps {
  readonly timeoutMs: () => number;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** How busy the model servers on ports of this computer are, measured over connections of its own. */
export interface LocalLoads {
  /**
   * Asks a server that is known to be one; one that is still being asked is left alone. Each port has its own reader, so that
   * none waits for another. Resolves when it has answered or was given up. Never rejects.
   */
  measure(server: ModelServer): Promise<void>;
  /** Forgets the servers at all other ports. */
  keep(ports: ReadonlySet<number>): void;
  /** By port, what was answered last. */
  all(): ReadonlyMap<number, LoadAnswer>;
  close(): void;
}

interface Entry {
  readonly reader: LoadReader;
  reading: Promise<void> | null;
}

const streams: Streams = {
  stream: (address, port, { signal } = {}) => connectTo(address, port, signal),
};

export function createLocalLoads({ timeoutMs, signal, log }: LocalLoadsDeps): LocalLoads {
  setMaxListeners(0, signal);
  const entries = new Map<number, Entry>();
  const answers = new Map<number, LoadAnswer>();

  const entryOf = (port: number): Entry => {
    const known = entries.get(port);
    if (known !== undefined) return known;
    const reader = createLoadReader({ limit: pLimit(1), timeoutMs, apiKeyFor: () => null, log });
    const entry = { reader, reading: null };
    entries.set(port, entry);
    return entry;
  };

  const read = async (entry: Entry, server: ModelServer): Promise<void> => {
    const { id, port } = server;
    // What ends a connection of this computer ends what was known with it.
    const found = await entry.reader
      .read([server], streams, signal)
      .catch(() => new Map<string, LoadAnswer>());
    if (entries.get(port) !== entry) return;
    const answer = found.get(id);
    if (answer === undefined) answers.delete(port);
    else answers.set(port, answer);
  };

  return {
    async measure(server) {
      const entry = entryOf(server.port);
      entry.reading ??= read(entry, server).finally(() => {
        entry.reading = null;
      });
      await entry.reading;
    },
    keep(ports) {
      for (const [port, { reader }] of entries) {
        if (ports.has(port)) continue;
        reader.close();
        entries.delete(port);
        answers.delete(port);
      }
    },
    all: () => answers,
    close() {
      for (const { reader } of entries.values()) reader.close();
      entries.clear();
      answers.clear();
    },
  };
}
