/** The whole window over the real contract: real answers, the engine's own store for patches, no mock in between. */

import { cleanup, render, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { expect } from 'vitest';
import type { LinkState, Transport } from '#common/bridge.ts';
import type { CallName, Handlers } from '#common/contract.ts';
import { hashOf, type View } from '#common/place.ts';
import type { Event } from '#common/reduce.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { createStore } from '#engine/store.ts';
import { App } from '../../renderer/App.tsx';
import { fetchParts } from '../../renderer/components/later.tsx';
import { createServices, ServicesContext } from '../../renderer/state/services.ts';
import type { Face } from '../../renderer/transport/choose.ts';
import { directTransport } from '../support/contract/direct-transport.ts';
import { answers } from './answers.ts';

export interface OpenOptions {
  readonly view?: View;
  /** What the address names in the view. */
  readonly row?: string;
  readonly handlers?: Partial<Handlers>;
  /** Default: a browser. */
  readonly face?: Face['kind'];
}

/** What the window asks and says on its own, beside the Snapshot and the history where it is on the screen. */
const unasked: ReadonlySet<CallName> = new Set([
  'snapshot.get',
  'history.get',
  'history.fromSources',
  'host.inView',
]);

/** Opens the window on a Snapshot and waits until it shows it. Close it with {@link closeWindow}. */
export async function openWindow(
  initial: Snapshot,
  { view = 'gpus', row, handlers = {}, face = 'browser' }: OpenOptions = {},
) {
  window.location.hash = hashOf({ view, id: row });
  await fetchParts();
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
    services.history.dispose();
    services.inView.dispose();
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
    /** What was called beside the Snapshot and the history. */
    calls: () => calls.filter(({ name }) => !unasked.has(name)),
    snapshotsAsked: () => calls.filter(({ name }) => name === 'snapshot.get').length,
  };
}

// happy-dom lays nothing out, and a list of which only the rows in view exist would have none, or all: lists are so high,
// their rows so low, and tables wide enough for all columns.
const sizes = { clientWidth: 1600, clientHeight: 600, offsetWidth: 600, offsetHeight: 40 };
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
