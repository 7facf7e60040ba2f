import type { Handlers } from '#common/contract.ts';
import { AppError } from '#common/errors.ts';
import type { Settings } from '#common/settings.ts';
import type { createStore } from '#engine/store.ts';
import { sampleAbout } from '../contract/sample.ts';
import { forward } from './samples.ts';

/** An answer to every call, from the engine's own store where there is one to give. */
export function answers(store: ReturnType<typeof createStore>): Handlers {
  return {
    'snapshot.get': () => store.snapshot(),
    'scan.start': ({ hostIds }) => ({ total: hostIds?.length ?? store.current().hosts.length }),
    'scan.cancel': () => null,
    'host.login': () => null,
    'prompt.answer': () => null,
    'prompt.dismiss': () => null,
    'hostKey.accept': () => null,
    'server.setKey': () => null,
    'history.get': () => [],
    'export.file': () => ({ fileName: 'scan.json', mediaType: 'application/json', text: '{}' }),
    'forward.open': ({ hostId, remotePort, localPort }) => {
      const opening = forward(hostId, remotePort, localPort ?? 16_100);
      store.apply({ kind: 'forward-changed', forward: opening });
      return opening;
    },
    'forward.close': ({ forwardId }) => {
      store.apply({ kind: 'forward-closed', forwardId });
      return null;
    },
    'tmux.open': () => {
      throw new AppError('tmux-missing');
    },
    'elsewhere.refresh': () => null,
    'elsewhere.kill': () => null,
    'elsewhere.clean': () => [],
    'local.refresh': () => null,
    'model.test': () => 'test 1',
    'model.endTest': () => null,
    'forward.closeAll': () => null,
    'forward.retry': () => null,
    'forward.pin': () => null,
    'settings.update': ({ change }) => {
      const { settings } = store.current();
      store.apply({ kind: 'parts-changed', parts: { settings: { ...settings, ...change } as Settings } });
      // As the engine does: the patch comes before the answer.
      store.snapshot();
      return null;
    },
    'settings.reset': () => null,
    'settings.export': () => ({ fileName: 'settings.json', mediaType: 'application/json', text: '{}' }),
    'settings.import': () => [],
    'log.get': () => [],
    'about.get': () => sampleAbout,
    'report.get': () => ({ fileName: 'report.txt', mediaType: 'text/plain', text: '# vllm-tray' }),
    'app.showWindow': () => null,
    'app.copyText': () => null,
    'app.openDocs': () => null,
    'app.quit': () => null,
  };
}
