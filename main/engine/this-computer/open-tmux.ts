import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '#common/failure.ts';
import { type HostId, type ServerId, serverId } from '#common/ids.ts';
import type { OtherForward, TmuxForwardRequest } from '#common/other-forwards.ts';
import type { Settings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { authorityOf, plainText } from '#common/text.ts';
import { type ChoosePort, type ChosenPort, createPortChoice } from '../forward/port-choice.ts';
import { heldBy, portTaken } from '../forward/ports.ts';
import { requireHost } from '../listed.ts';
import type { Resolver } from '../ssh/config/resolve.ts';
import { resolveRoute } from '../ssh/config/route.ts';
import { unattended, unattendedWords } from '../ssh/io/unattended.ts';
import { makeControlFolder } from '../ssh/system/control-folder.ts';
import { writeOwnConfig } from '../ssh/system/own-config.ts';
import { systemConnectFailure } from '../ssh/system/system-failure.ts';
import type { Store } from '../store.ts';
import type { Observer } from './observer.ts';
import { parseSessionName, sessionName } from './session-name.ts';
import type { Tmux } from './tmux.ts';

export interface TmuxOpenerDeps {
  readonly store: Store;
  readonly tmux: Tmux;
  readonly resolver: Resolver;
  readonly observer: Pick<Observer, 'look'>;
  readonly env: NodeJS.ProcessEnv;
}

/** Opens forwards that outlive the app: each is the user's own ssh in a tmux session, named as vllmctl names them. */
export interface TmuxOpener {
  /**
   * Resolves when the local port accepts; where a session forwards the same target already, or is being opened, that one is
   * answered. Leaves no session behind when it fails. Errors: `not-found`, `port-in-use`, `port-forbidden`, `ports-exhausted`,
   * `tmux-missing`, `tmux-failed`, those of connecting, `cancelled`.
   */
  openTmuxForward(request: TmuxForwardRequest): Promise<OtherForward>;
  dispose(): Promise<void>;
}

/** As long as a login may take that waits for a touch of a security key. */
const openMs = 30_000;
const stepMs = 100;

/**
 * Besides those of own-config.ts. Only this computer is to use the port; a shared connection would take the forward
 * over and let the session end.
 */
const options = [
  'ExitOnForwardFailure=yes',
  'ServerAliveInterval=15',
  'BatchMode=yes',
  'GatewayPorts=no',
  'ControlPath=none',
];

export function createTmuxOpener(deps: TmuxOpenerDeps): TmuxOpener {
  const { store, tmux, resolver, observer, env } = deps;
  const ended = new AbortController();
  const opening = new Map<ServerId, Promise<OtherForward>>();
  const choosePort = createPortChoice();

  const open = async (request: TmuxForwardRequest): Promise<OtherForward> => {
    const { hostId, remotePort } = request;
    requireHost(store.current(), hostId);
    await observer.look({
      only: ({ owner, ...of }) =>
        owner.kind === 'tmux' && of.hostId === hostId && of.remotePort === remotePort,
    });
    const known = alreadyOpen(store.current(), request);
    if (known !== undefined) return known;
    const { sessions } = await tmux.list();
    const claimed = new Set(sessions.map(({ name }) => parseSessionName(name)?.localPort));
    const { settings, servers } = store.current();
    const { port, release } = await choose(choosePort, {
      wanted: request.localPort,
      range: settings.localPorts,
      claimed,
    });
    const session = sessionName({ host: hostId, remotePort, localPort: port });
    const address = servers.find(({ id }) => id === serverId(hostId, remotePort))?.address;
    // The ssh of the session, and those of its jump hosts, have read it when the forward is open.
    const folder = await makeControlFolder();
    try {
      const target = `${port}:${authorityOf(remoteNameOf(address), remotePort)}`;
      const hostArgs = await ownConfig(folder, hostId);
      await tmux.start(session, sshWords(target, hostArgs));
      await holdOpen(session, hostId, port);
    } finally {
      release();
      await rm(folder, { recursive: true, force: true });
    }
    const opened = store.current().otherForwards.forwards.find(({ id }) => id === `tmux ${session}`);
    if (opened !== undefined) return opened;
    throw new AppError('tmux-failed', { step: 'forward', detail: 'the session has ended' });
  };

  const ownConfig = async (folder: string, hostId: HostId): Promise<readonly string[]> => {
    const host = await resolver.resolve(hostId, ended.signal);
    const route = await resolveRoute(host, resolver, ended.signal);
    return writeOwnConfig(folder, { route, forwards: 'as-configured', env: unattended(env) });
  };

  /** Waits until it is open; a session that fails is ended. */
  const holdOpen = async (session: string, hostId: HostId, port: number): Promise<void> => {
    try {
      await untilAccepting(session, hostId, port);
      await observer.look({ only: ({ id }) => id === `tmux ${session}` });
      ended.signal.throwIfAborted();
    } catch (error) {
      await tmux.kill(session).catch(() => undefined);
      throw ended.signal.aborted ? new AppError('cancelled', { step: 'forward' }) : error;
    }
  };

  const untilAccepting = async (session: string, hostId: HostId, port: number): Promise<void> => {
    const until = performance.now() + openMs;
    for (;;) {
      const accepts = await isAccepting(port);
      // In this order: an ssh that ends after it has listened is seen, before or after the session is let go.
      if (accepts) await tmux.letGo(session);
      const { runs, text } = await tmux.view(session);
      if (!runs) throw await failureOf(text, hostId);
      if (accepts) return;
      if (performance.now() > until)
        throw new AppError('connection-timeout', { step: 'forward', detail: plainText(lastLine(text)) });
      await delay(stepMs, undefined, { signal: ended.signal });
    }
  };

  const failureOf = async (text: string, hostId: HostId): Promise<AppError> => {
    if (/Address already in use|cannot listen to port|Could not request local forwarding/i.test(text))
      return new AppError('port-in-use', { step: 'forward', detail: plainText(lastLine(text)) });
    return systemConnectFailure(text, await resolver.resolve(hostId));
  };

  return {
    async openTmuxForward(request) {
      if (ended.signal.aborted) throw new AppError('cancelled', { step: 'forward' });
      const id = serverId(request.hostId, request.remotePort);
      const opened = opening.get(id) ?? open(request).finally(() => opening.delete(id));
      opening.set(id, opened);
      return await opened;
    },
    async dispose() {
      ended.abort();
      await Promise.allSettled(opening.values());
    },
  };
}

interface Choice {
  readonly wanted: number | undefined;
  readonly range: Settings['localPorts'];
  /** Ports of other sessions, which may be about to listen. */
  readonly claimed: ReadonlySet<number | undefined>;
}

/** The wanted port, or the next free one of the range; a refusal says who has it, as that of a forward of the app does. */
async function choose(choosePort: ChoosePort, { wanted, range, claimed }: Choice): Promise<ChosenPort> {
  const isAllowed = (port: number): boolean => !claimed.has(port);
  try {
    return await choosePort(wanted ?? range, isAllowed);
  } catch (error) {
    if (wanted === undefined || !(error instanceof AppError) || error.code !== 'port-in-use') throw error;
    const next = await choosePort(range, isAllowed).catch(() => null);
    next?.release();
    const by = isAllowed(wanted) ? await heldBy(wanted) : 'taken by another forward';
    throw portTaken({ port: wanted, by, free: next?.port ?? null, range });
  }
}

function alreadyOpen(
  { otherForwards }: Snapshot,
  { hostId, remotePort, localPort }: TmuxForwardRequest,
): OtherForward | undefined {
  return otherForwards.forwards.find(
    (forward) =>
      forward.owner.kind === 'tmux' &&
      forward.hostId === hostId &&
      forward.remotePort === remotePort &&
      forward.localPort === (localPort ?? forward.localPort) &&
      forward.state.kind !== 'dead',
  );
}

/** Word by word; what runs besides in the session, or in one that comes later, keeps the environment of its user. */
function sshWords(target: string, hostArgs: readonly string[]): readonly string[] {
  const settings = options.flatMap((option) => ['-o', option]);
  return [...unattendedWords, 'ssh', '-N', ...settings, '-L', target, ...hostArgs];
}

/** A server is reached by the host's own loopback, unless it is known to listen at another address alone. */
function remoteNameOf(address: string | undefined): string {
  return address === undefined || address === '::1' || address.startsWith('127.') ? 'localhost' : address;
}

function isAccepting(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (accepts: boolean): void => {
      socket.destroy();
      resolve(accepts);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
