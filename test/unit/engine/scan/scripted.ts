import { onTestFinished } from 'vitest';
import type { Host } from '#common/hosts.ts';
import { defaultSettings, type Settings } from '#common/settings.ts';
import { createInView } from '#engine/scan/in-view.ts';
import { createRetries, type Retries } from '#engine/scan/retries.ts';
import { createScanning, type Scanning } from '#engine/scan/scanning.ts';
import { createPrompts } from '#engine/secrets/prompts.ts';
import type { HostMeter, HostReading, MeterEvents, MeterSource } from '#engine/sources/host-meter.ts';
import { createStore, type Store } from '#engine/store.ts';
import { gpu, host, snapshot } from '../../../support/snapshot.ts';

/** A host that is well, with one idle GPU. */
export const oneGpu: HostReading = {
  gpus: [gpu()],
  driverVersion: '550.54',
  cudaVersion: '12.4',
  system: null,
  failure: null,
};

/** What a meter does, with the events of its host at hand; what is left out goes well. */
export type Script = (events: MeterEvents, hostId: string) => Partial<HostMeter>;

/** Measures every host by the script. */
export function scriptedSource(script: Script): MeterSource {
  return {
    meter: (hostId, events) => ({
      connect: async () => undefined,
      read: async () => oneGpu,
      servers: async ({ known }) => known,
      isConnected: () => false,
      command: () => null,
      close: () => undefined,
      ...script(events, hostId),
    }),
  };
}

export interface ScanOptions {
  readonly aliases?: readonly string[];
  readonly settings?: Partial<Settings>;
}

export interface Scanned {
  readonly store: Store;
  readonly retries: Retries;
  readonly scanning: Scanning;
  /** The host as it is now. */
  host(alias?: string): Host;
}

/** The real scanning over these sources; it ends with the test. */
export function scanWith(sources: readonly MeterSource[], options: ScanOptions = {}): Scanned {
  const { aliases = ['a'], settings } = options;
  const hosts = aliases.map((alias) => unseen(alias));
  const store = createStore(snapshot({ hosts, settings: { ...defaultSettings, ...settings } }));
  const retries = createRetries({ companions: () => [] });
  const prompts = createPrompts(store, null);
  const scanning = createScanning({
    store,
    sources,
    retries,
    prompts,
    inView: createInView(),
    log: () => undefined,
  });
  onTestFinished(async () => {
    await scanning.dispose();
    retries.dispose();
    store.dispose();
  });
  return {
    store,
    retries,
    scanning,
    host(alias = 'a') {
      const found = store.current().hosts.find(({ id }) => id === alias);
      if (found === undefined) throw new Error(`no host ${alias}`);
      return found;
    },
  };
}

/** A host that is named in the configuration, and of which nothing is known yet. */
export function unseen(alias: string): Host {
  return host(alias, {
    endpoint: null,
    state: { kind: 'unresolved' },
    gpus: [],
    measuredAt: null,
    driverVersion: null,
    cudaVersion: null,
    client: null,
    group: null,
  });
}

/** Ends a promise from outside. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}
