import type { Handlers } from '#common/contract.ts';
import type { Settings } from '#common/settings.ts';
import type { createStore } from '#engine/store.ts';
import { doubleHandlers } from '../support/contract/doubles.ts';
import { sampleAbout } from '../support/contract/sample.ts';
import { forward } from './samples.ts';

/** Answers from the engine's own store, where there is one to give; a test that needs another one brings it. */
export function answers(store: ReturnType<typeof createStore>): Handlers {
  return doubleHandlers({
    answers: {
      'snapshot.get': () => store.snapshot(),
      'scan.start': ({ hostIds }) => ({ total: hostIds?.length ?? store.current().hosts.length }),
      'history.get': () => [],
      'history.fromSources': () => [],
      'log.get': () => [],
      'about.get': () => sampleAbout,
      'forward.open': ({ hostId, localPort, ...target }) => {
        const remotePort = 'remotePort' in target ? target.remotePort : 0;
        const opening = forward(hostId, remotePort, localPort ?? 16_100);
        store.apply({ kind: 'forward-changed', forward: opening });
        return opening;
      },
      'forward.close': ({ forwardId }) => {
        store.apply({ kind: 'forward-closed', forwardId });
      },
      'settings.update': ({ change }) => {
        const { settings } = store.current();
        store.apply({ kind: 'parts-changed', parts: { settings: { ...settings, ...change } as Settings } });
        // As the engine does: the patch comes before the answer.
        store.snapshot();
      },
    },
  });
}
