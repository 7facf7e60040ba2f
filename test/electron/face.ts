/** The desktop face with everything that the app itself brings, on the double of Electron and an engine of our own. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { diff, type Patch } from '#common/patch.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import type { Engine } from '#engine/engine.ts';
import { createAutostart } from '../../main/electron/autostart.ts';
import { startDesktop } from '../../main/electron/desktop.ts';
import { type DesktopDeps, desktopFiles } from '../../main/electron/face.ts';
import type { DesktopOptions } from '../../main/electron/options.ts';
import { listenToOtherStarts } from '../../main/electron/other-starts.ts';
import { openSettingsStore } from '../../main/electron/settings-store.ts';
import { watchTrayHost } from '../../main/electron/tray-host.ts';
import { createSample, sampleSnapshot } from '../support/contract/sample.ts';
import { app, BrowserWindow, Tray } from './double.ts';

export const index = '<!doctype html><title>window</title>';

/** A start on the demo cluster. */
export const demoOptions: DesktopOptions = {
  demo: true,
  hidden: false,
  place: null,
};

/** Settings that nobody stores. */
export const aStore = {
  path: '/nonexistent/config.json',
  settings: defaultSettings,
  problems: [],
  save: async () => undefined,
  follow: () => () => undefined,
  settle: async () => undefined,
};

/** A root like that of a checkout, with a built renderer; and what is left of it when the test is over. */
export async function createRoot(): Promise<{ readonly root: string; remove(): Promise<void> }> {
  const root = await mkdtemp(path.join(tmpdir(), 'vllm-tray-electron-'));
  const rendererDir = path.join(root, 'dist', 'renderer');
  await mkdir(path.join(rendererDir, 'assets'), { recursive: true });
  await writeFile(path.join(rendererDir, 'index.html'), index);
  await writeFile(path.join(rendererDir, 'assets', 'index-1a2b.js'), 'export {};');
  await writeFile(path.join(rendererDir, 'assets', 'index-1a2b.js.map'), '{}');
  await writeFile(path.join(rendererDir, '.stamp'), 'x');
  return { root, remove: () => rm(root, { recursive: true }) };
}

/** An engine that only keeps what it was told, and publishes the Snapshots it is given. */
export interface ScriptedEngine extends Engine {
  readonly told: string[];
  publish(snapshot: Snapshot): void;
  readonly calls: ReturnType<typeof createSample>['calls'];
}

export function createScriptedEngine(first: Snapshot = sampleSnapshot): ScriptedEngine {
  const sample = createSample();
  const listeners = new Set<(patch: Patch) => void>();
  const told: string[] = [];
  let current = first;
  const tell = async (what: string) => {
    told.push(what);
  };
  return {
    told,
    calls: sample.calls,
    handlers: { ...sample.handlers, 'snapshot.get': () => current },
    snapshot: () => current,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    publish(snapshot) {
      const patch = diff(current, snapshot);
      current = { ...snapshot, revision: patch?.revision ?? current.revision };
      if (patch !== null) for (const listener of listeners) listener(patch);
    },
    loadHosts: () => tell('loadHosts'),
    resolveHosts: () => tell('resolveHosts').then(() => true),
    history: { read: () => [] },
    logIn: () => tell('logIn'),
    refresh: () => tell('refresh'),
    autoForward: () => tell('autoForward'),
    openGateway: () => tell('openGateway').then(() => ({ url: 'http://127.0.0.1:16000/v1', key: 'planted' })),
    scan: () => tell('scan'),
    begin: () => void tell('begin'),
    watch: () => void tell('watch'),
    wake: () => tell('wake'),
    lookAround: () => tell('lookAround'),
    report({ code }) {
      told.push(`problem ${code}`);
    },
    withdraw: (code) => void told.push(`no more ${code}`),
    setOnBattery: (onBattery) => void tell(onBattery ? 'on battery' : 'on mains'),
    setShown: (shown) => void tell(shown ? 'shown' : 'hidden'),
    dispose: () => tell('dispose'),
  };
}

export type FaceOptions = Partial<Omit<DesktopDeps, 'openEngine' | 'store'>> & {
  readonly root: string;
  readonly openEngine: DesktopDeps['openEngine'];
};

/** Starts the face on Linux with a tray unless told otherwise; returns its log. */
export async function startFace({ root, openEngine, ...options }: FaceOptions): Promise<readonly string[]> {
  const lines: string[] = [];
  const log = options.log ?? ((level, message) => void lines.push(`${level}: ${message}`));
  await startDesktop({
    files: desktopFiles(root),
    hidden: false,
    place: null,
    platform: 'linux',
    autostart: createAutostart({
      app,
      platform: 'linux',
      env: { XDG_CONFIG_HOME: root },
      home: root,
      execPath: '/opt/vllm-tray/vllm-tray',
      root,
    }),
    trayHost: watchTrayHost(async () => 'shown'),
    otherStarts: listenToOtherStarts(app),
    sandboxed: true,
    wayland: false,
    onTermination: () => undefined,
    ...options,
    log,
    store: openSettingsStore(root, log),
    openEngine,
  });
  return lines;
}

/** The one window; fails where there are none or several. */
export function theWindow(): BrowserWindow {
  expect(BrowserWindow.all).toHaveLength(1);
  return BrowserWindow.all[0] as BrowserWindow;
}

export function theTray(): Tray {
  expect(Tray.all).toHaveLength(1);
  return Tray.all[0] as Tray;
}
