/** Handlers of our own and pushes on demand: what the contract carries, without an engine behind it. */

import type { Handlers } from '#common/contract.ts';
import type { About } from '#common/diagnostics.ts';
import { AppError } from '#common/failure.ts';
import type { Forward } from '#common/forwards.ts';
import type { Host } from '#common/hosts.ts';
import type { Patch } from '#common/patch.ts';
import { emptySnapshot } from '#common/reduce.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { aFailure, aForward, aHost } from '../samples.ts';
import { doubleHandlers } from './doubles.ts';

export const sampleHost: Host = {
  ...aHost,
  id: 'röck☂',
  alias: 'röck☂',
  endpoint: { hostname: '10.0.0.1', port: 22, user: 'ada' },
  state: {
    kind: 'unreachable',
    failure: aFailure('connection-refused', { detail: '"quoted" \\ and ✓', nextAttemptAt: 1 }),
  },
  measuredAt: null,
};

export const sampleSnapshot: Snapshot = {
  ...emptySnapshot({ kind: 'demo' }, defaultSettings),
  revision: 7,
  hosts: [sampleHost],
};

export const sampleForward: Forward = { ...aForward, id: 'a:8000', hostId: 'a', since: 5 };

export const sampleAbout: About = {
  version: '1.2.3',
  runtime: 'Node.js 20.20.2',
  platform: 'linux x64 6.8.0',
  settingsFile: '/home/me/.config/vllm-tray/config.json',
  historyFile: null,
};

export interface Sample {
  readonly handlers: Handlers;
  /** Every call that reached a handler, with its parsed input. */
  readonly calls: readonly { readonly name: string; readonly input: unknown }[];
  readonly subscribe: (listener: (patch: Patch) => void) => () => void;
  readonly push: (patch: Patch) => void;
  readonly listenerCount: () => number;
}

export function createSample(): Sample {
  const calls: { name: string; input: unknown }[] = [];
  const listeners = new Set<(patch: Patch) => void>();
  return {
    calls,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    push(patch) {
      for (const listener of listeners) listener(patch);
    },
    listenerCount: () => listeners.size,
    handlers: doubleHandlers({
      note: (name, input) => calls.push({ name, input }),
      answers: {
        'snapshot.get': () => sampleSnapshot,
        'scan.start': ({ hostIds }) => ({ total: hostIds?.length ?? 1 }),
        'history.get': () => [{ id: 'a', times: [1], columns: { 'GPU-0 utilPct': [null] } }],
        'forward.open': ({ hostId }) => {
          if (hostId === 'away') throw new AppError('connection-timeout', { detail: 'no answer' });
          if (hostId === 'broken') throw new TypeError('x is not a function\u001b[31m');
          return sampleForward;
        },
        'app.copyText': () => {
          throw new AppError('unsupported');
        },
      },
      otherwise: (name) => ({ answerTo: name }),
    }),
  };
}
