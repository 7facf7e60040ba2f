/** Handlers of our own and pushes on demand: what the contract carries, without an engine behind it. */

import type { Handlers } from '#common/contract.ts';
import type { About } from '#common/diagnostics.ts';
import { AppError } from '#common/errors.ts';
import type { ForeignForward, Forward } from '#common/forwards.ts';
import type { Host, Snapshot } from '#common/model.ts';
import { emptySnapshot, type Patch } from '#common/reduce.ts';
import { defaultSettings } from '#common/settings.ts';
import { aFailure, aForeign, aForward, aHost } from '../samples.ts';

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

const sampleForeign: ForeignForward = {
  ...aForeign,
  id: 'tmux vllmctl_a_8000_16100',
  owner: { kind: 'tmux', session: 'vllmctl_a_8000_16100' },
  destination: 'a',
  hostId: 'a',
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
  const note = (name: string, input: unknown) => calls.push({ name, input });
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
    handlers: {
      'snapshot.get': (input) => {
        note('snapshot.get', input);
        return sampleSnapshot;
      },
      'scan.start': async (input) => {
        note('scan.start', input);
        return { total: input.hostIds?.length ?? 1 };
      },
      'scan.cancel': (input) => {
        note('scan.cancel', input);
        return null;
      },
      'host.login': (input) => {
        note('host.login', input);
        return null;
      },
      'prompt.answer': (input) => {
        note('prompt.answer', input);
        return null;
      },
      'prompt.dismiss': (input) => {
        note('prompt.dismiss', input);
        return null;
      },
      'history.get': (input) => {
        note('history.get', input);
        return [{ id: 'a', times: [1], columns: { 'GPU-0 utilPct': [null] } }];
      },
      'export.file': (input) => {
        note('export.file', input);
        return { fileName: 'scan.csv', mediaType: 'text/csv', text: 'a\r\n' };
      },
      'server.setKey': (input) => {
        note('server.setKey', input);
        return null;
      },
      'hostKey.accept': (input) => {
        note('hostKey.accept', input);
        return null;
      },
      'forward.open': async (input) => {
        note('forward.open', input);
        if (input.hostId === 'away') throw new AppError('connection-timeout', { detail: 'no answer' });
        if (input.hostId === 'broken') throw new TypeError('x is not a function\u001b[31m');
        return sampleForward;
      },
      'forward.close': (input) => {
        note('forward.close', input);
        return null;
      },
      'tmux.open': (input) => {
        note('tmux.open', input);
        return sampleForeign;
      },
      'elsewhere.refresh': () => null,
      'elsewhere.kill': (input) => {
        note('elsewhere.kill', input);
        return null;
      },
      'elsewhere.clean': (input) => {
        note('elsewhere.clean', input);
        return [{ id: sampleForeign.id, session: 'vllmctl_a_8000_16100', reason: 'Nothing listens' }];
      },
      'local.refresh': () => null,
      'model.test': () => 'test 1',
      'model.endTest': () => null,
      'forward.closeAll': () => null,
      'forward.pin': () => null,
      'forward.retry': (input) => {
        note('forward.retry', input);
        return null;
      },
      'settings.update': (input) => {
        note('settings.update', input);
        return null;
      },
      'settings.reset': () => null,
      'settings.export': () => ({ fileName: 'settings.json', mediaType: 'application/json', text: '{}' }),
      'settings.import': () => [],
      'log.get': () => [],
      'about.get': () => sampleAbout,
      'report.get': () => ({ fileName: 'report.txt', mediaType: 'text/plain', text: '# vllm-tray' }),
      'app.showWindow': () => null,
      'app.copyText': () => {
        throw new AppError('unsupported');
      },
      'app.openDocs': () => null,
      'app.quit': () => null,
    },
  };
}
