import { type OpenEngineDeps, openEngine } from '#app/open-engine.ts';
import type { SharedOptions } from '#app/options.ts';
import type { FaceHandlers } from '#common/contract.ts';
import { AppError, type Problem } from '#common/failure.ts';
import type { Source } from '#common/snapshot.ts';
import { startDemoCluster } from '../demo/cluster.ts';
import type { WebOptions } from './options.ts';
import { startWebServer, type TicketAddress } from './server.ts';

type OwnEngineDeps =
  | 'settings'
  | 'settingsProblems'
  | 'settingsFile'
  | 'saveSettings'
  | 'followSettings'
  | 'dataFolder'
  | 'home'
  | 'log';

export interface BrowserFaceDeps extends Pick<OpenEngineDeps, OwnEngineDeps> {
  readonly env: NodeJS.ProcessEnv;
  /** The folder of the built window. */
  readonly rendererDir: string;
  /** Default: a random one. */
  readonly token?: string | undefined;
  /** Called when the app is quit from its window. */
  readonly onQuit: () => void;
  /** What the owner must hear at once, beside the window. */
  readonly onProblem?: (problem: Problem) => void;
}

export interface BrowserFace {
  readonly source: Source;
  /** The address to open, with the token. */
  readonly url: string;
  /** An address that works once and soon, for the browser that the app opens. */
  ticket(): TicketAddress;
  /** Resolves when no connection, port or timer is left. Safe to call twice. */
  stop(): Promise<void>;
}

type FaceOptions = SharedOptions & Pick<WebOptions, 'port'>;

/** Starts engine and server, and the first scan. Errors: those of {@link openEngine} and {@link startWebServer}. */
export async function startBrowserFace(options: FaceOptions, deps: BrowserFaceDeps): Promise<BrowserFace> {
  const { env, log, rendererDir, token, onQuit, onProblem, ...engineDeps } = deps;
  const demo = createDemoPage(deps);
  let ownPort: number | null = null;
  const { engine, source, dispose } = await openEngine(options, {
    ...engineDeps,
    log,
    // It is started from a terminal, and has what the shell there has.
    env: () => env,
    startDemo: startDemoCluster,
    withoutHosts: 'demo',
    ownPorts: () => (ownPort === null ? [] : [ownPort]),
  });
  const report = (problem: Problem): void => {
    engine.report(problem);
    onProblem?.(problem);
  };
  const server = await startWebServer({
    handlers: { ...engine.handlers, ...faceHandlers(onQuit, demo.open) },
    subscribe: engine.subscribe,
    rendererDir,
    port: options.port,
    // It comes from a file, and is the same at the next start.
    ...(token !== undefined && { token, keepKey: true }),
    log,
    onTicketReused: once(() => report({ code: 'ticket-reused', detail: '' })),
    onConnectionsCut: () => report({ code: 'connections-cut', detail: 'browser face' }),
    onClients: (count) => engine.setShown(count > 0),
  }).catch(async (error: unknown) => {
    await dispose();
    throw error;
  });
  ownPort = server.port;
  engine.setShown(false);
  await engine.loadHosts();
  // Progress and every host's failure are in the Snapshot.
  engine.begin();
  let stopped: Promise<void> | undefined;
  return {
    source,
    url: server.url,
    ticket: () => server.ticket(),
    stop() {
      stopped ??= Promise.all([demo.stop(), server.close()]).then(dispose);
      return stopped;
    },
  };
}

/** What is said once is heard; said at every attempt, it would fill the window. */
function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}

/** The demo cluster beside the user's own hosts: a face of its own, whose settings last as long as it. */
function createDemoPage(deps: BrowserFaceDeps) {
  const { saveSettings: _save, followSettings: _follow, dataFolder: _folder, token: _token, ...own } = deps;
  let face: Promise<BrowserFace> | null = null;
  return {
    async open(): Promise<string> {
      face ??= startBrowserFace({ demo: true, port: 0 }, own);
      try {
        return (await face).ticket().url;
      } catch (error) {
        face = null;
        throw error;
      }
    },
    stop: async (): Promise<void> => (await face)?.stop(),
  };
}

function faceHandlers(onQuit: () => void, openDemo: () => Promise<string>): FaceHandlers {
  return {
    // The page is the window, and it is open where this was clicked.
    'app.showWindow': () => undefined,
    'app.copyText': () => {
      throw new AppError('unsupported', { detail: 'a browser copies the text' });
    },
    'app.openDocs': () => {
      throw new AppError('unsupported', { detail: 'a browser follows the link' });
    },
    'app.openTerminal': () => {
      throw new AppError('unsupported', { detail: 'a browser starts no terminal' });
    },
    'app.openDemo': openDemo,
    'app.quit': () => {
      // The answer goes out first.
      setImmediate(onQuit);
    },
  };
}
