/** The scenarios on the double of Electron, with the real engine over the real SSH servers of the demo cluster. */

import { afterAll, beforeAll, vi } from 'vitest';
import '../../preload/preload.ts';
import { hashOf, type Place } from '#common/place.ts';
import { openDesktopEngine } from '../../main/electron/open-engine.ts';
import { handOver, readOptions } from '../../main/electron/options.ts';
import type { WindowTransport } from '../../preload/preload.ts';
import * as double from './double.ts';
import { aStore, createRoot, demoOptions, startFace } from './face.ts';
import { installProbe, type Probe } from './probe.ts';
import { type Desktop, describeDesktop, type ProbeAnswer } from './scenarios.ts';

vi.mock('electron', () => import('./double.ts'));

const { app, contextBridge, resetDouble } = double;
const transport = contextBridge.exposed.get('vllmTray') as WindowTransport;

let folder: Awaited<ReturnType<typeof createRoot>>;
let probe: Probe;
let place = '';

const desktop: Desktop = {
  async probe(name, ...args) {
    const run = probe[name] as (...given: typeof args) => unknown;
    return structuredClone(await run(...structuredClone(args))) as ProbeAnswer<typeof name>;
  },
  request: (name, input) => transport.request(name, input),
  place: async () => place,
  async startAgain(...args) {
    app.emit('second-instance', {}, args, '/', structuredClone(handOver(readOptions(args))));
  },
  ended: () => vi.waitFor(() => expectEnded(), 20_000),
};

function expectEnded(): void {
  if (app.ended !== 0) throw new Error('the app still runs');
}

beforeAll(async () => {
  resetDouble();
  probe = installProbe(double as never);
  folder = await createRoot();
  transport.on('reveal', (shown) => {
    place = hashOf(shown as Place);
  });
  await startFace({
    root: folder.root,
    openEngine: () => openDesktopEngine(demoOptions, aStore, { log: () => undefined, secrets: null }),
  });
});
afterAll(async () => {
  probe.answer(0);
  if (app.ended === null) app.quit();
  await desktop.ended();
  await folder.remove();
});

describeDesktop(() => desktop);
