import path from 'node:path';
import type { FaceHandlers } from '#common/contract.ts';
import { AppError } from '#common/errors.ts';
import type { Source } from '#common/model.ts';
import { createEngine, type EngineDeps } from '#engine/engine.ts';
import { readAliases } from '#engine/ssh/config.ts';
import { openSource } from '../demo/source.ts';
import type { WebOptions } from './options.ts';
import { startWebServer } from './server.ts';

type OwnEngineDeps =
  | 'settings'
  | 'settingsProblems'
  | 'settingsFile'
  | 'saveSettings'
  | 'dataFolder'
  | 'home'
  | 'env'
  | 'log';

export interface BrowserFaceDeps extends Pick<EngineDeps, OwnEngineDeps> {
  /** The folder of the built window. */
  readonly rendererDir: string;
  /** Called when somebody quits the app from its window. */
  readonly onQuit: () => void;
}

export interface BrowserFace {
  readonly source: Source;
  /** The address to open, with the token. */
  readonly url: string;
  /** An address that works once, for a program's command line. */
  ticketUrl(): string;
  /** Resolves when no connection, port or timer is left. Safe to call twice. */
  stop(): Promise<void>;
}

type FaceOptions = Pick<WebOptions, 'sshConfig' | 'demo' | 'hostRegex' | 'port'>;

/** Starts engine and server, and the first scan. Errors: those of {@link startWebServer} and of the demo cluster. */
export async function startBrowserFace(options: FaceOptions, deps: BrowserFaceDeps): Promise<BrowserFace> {
  const { home, log, rendererDir, onQuit, ...engineDeps } = deps;
  const sshConfigPath = path.resolve(options.sshConfig ?? path.join(home, '.ssh', 'config'));
  const source = await openSource({
    sshConfigPath,
    demo: options.demo,
    hasHosts: async () => (await readAliases(sshConfigPath, { home })).aliases.length > 0,
    log,
  });
  let ownPort: number | null = null;
  const engine = createEngine({
    source: source.source,
    sshConfigPath: source.sshConfigPath,
    ...engineDeps,
    log,
    home,
    hostRegex: options.hostRegex ?? undefined,
    ownPorts: () => (ownPort === null ? [] : [ownPort]),
  });
  const closeSource = async () => {
    await engine.dispose();
    await source.dispose();
  };
  const server = await startWebServer({
    handlers: { ...engine.handlers, ...faceHandlers(onQuit) },
    subscribe: engine.subscribe,
    rendererDir,
    port: options.port,
    log,
    onClients: (count) => engine.setShown(count > 0),
  }).catch(async (error: unknown) => {
    await closeSource();
    throw error;
  });
  ownPort = server.port;
  engine.setShown(false);
  await engine.loadHosts();
  // Progress and every host's failure are in the Snapshot.
  engine.begin();
  let stopped: Promise<void> | undefined;
  return {
    source: source.source,
    url: server.url,
    ticketUrl: () => server.ticketUrl(),
    stop() {
      stopped ??= server.close().then(closeSource);
      return stopped;
    },
  };
}

function faceHandlers(onQuit: () => void): FaceHandlers {
  return {
    // The page is the window, and it is open where this was clicked.
    'app.showWindow': () => null,
    'app.copyText': () => {
      throw new AppError('unsupported', { detail: 'a browser copies by itself' });
    },
    'app.openDocs': () => {
      throw new AppError('unsupported', { detail: 'a browser follows the link by itself' });
    },
    'app.quit': () => {
      // The answer goes out first.
      setImmediate(onQuit);
      return null;
    },
  };
}
