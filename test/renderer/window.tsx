/** The whole window over the real contract: real answers, the engine's own store for patches, no mock in between. */

import { cleanup, render, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { expect } from 'vitest';
import { directTransport, type LinkState, type Transport } from '#common/bridge.ts';
import type { CallName, Handlers } from '#common/contract.ts';
import { AppError } from '#common/errors.ts';
import type { Snapshot } from '#common/model.ts';
import { hashOf, type View } from '#common/notices.ts';
import type { Event } from '#common/reduce.ts';
import type { Settings } from '#common/settings.ts';
import { createStore } from '#engine/store.ts';
import { App } from '../../renderer/App.tsx';
import { createServices, ServicesContext } from '../../renderer/state/services.ts';
import type { Face } from '../../renderer/transport/choose.ts';
import { sampleAbout } from '../contract/sample.ts';
import { forward } from './samples.ts';

export interface OpenOptions {
  readonly view?: View;
  /** What the address names in the view. */
  readonly row?: string;
  readonly handlers?: Partial<Handlers>;
  /** Default: a browser. */
  readonly face?: Face['kind'];
}

/** Opens the window on a Snapshot and waits until it shows it. Close it with {@link closeWindow}. */
export async function openWindow(
  initial: Snapshot,
  { view = 'gpus', row, handlers = {}, face = 'browser' }: OpenOptions = {},
) {
  window.location.hash = hashOf({ view, id: row });
  const store = createStore(initial);
  const calls: { readonly name: CallName; readonly input: unknown }[] = [];
  const link = new Set<(state: LinkState) => void>();
  const direct = directTransport({ ...answers(store), ...handlers }, store.subscribe);
  const transport: Transport = {
    on: direct.on,
    request: (name, input) => {
      calls.push({ name, input });
      return direct.request(name, input);
    },
    onLink: (listener) => {
      link.add(listener);
      return () => link.delete(listener);
    },
  };
  const user = userEvent.setup();
  const services = createServices({ kind: face, transport }, window);
  const { container } = render(
    <ServicesContext value={services}>
      <App />
    </ServicesContext>,
  );
  opened.push(() => {
    services.store.dispose();
    store.dispose();
  });
  if (handlers['snapshot.get'] === undefined)
    await waitFor(() => expect(services.store.get().snapshot).not.toBeNull());
  return {
    user,
    container,
    apply: (...events: readonly Event[]) => events.forEach(store.apply),
    setLink: (state: LinkState) => {
      for (const listener of link) listener(state);
    },
    /** What was called beside the Snapshot itself. */
    calls: () => calls.filter(({ name }) => name !== 'snapshot.get'),
    snapshotsAsked: () => calls.filter(({ name }) => name === 'snapshot.get').length,
  };
}

// happy-dom lays nothing out, and a list of which only the rows in view exist would have none, or all: lists are so high
// and their rows so low.
const sizes = { clientWidth: 600, clientHeight: 600, offsetWidth: 600, offsetHeight: 40 };
for (const [side, px] of Object.entries(sizes))
  Object.defineProperty(HTMLElement.prototype, side, { configurable: true, get: () => px });

const opened: (() => void)[] = [];

/** For `afterEach`: unmounts, stops timers and forgets what the window kept. */
export function closeWindow(): void {
  cleanup();
  for (const close of opened.splice(0)) close();
  window.localStorage.clear();
  delete document.documentElement.dataset.theme;
}

/** Colours need a real layout engine; everything else about accessibility is checked here. */
export async function expectAccessible(container: Element): Promise<void> {
  const { violations } = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
}

function answers(store: ReturnType<typeof createStore>): Handlers {
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
