import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '#common/errors.ts';
import type { ForeignForward } from '#common/forwards.ts';
import { type HostId, type ServerId, type Source, serverId } from '#common/model.ts';
import { authorityOf, plainText } from '#common/text.ts';
import { requireHost } from '../listed.ts';
import type { ThisComputer } from '../local/this-computer.ts';
import type { Resolver } from '../ssh/resolve.ts';
import { systemConnectFailure } from '../ssh/system-failure.ts';
import type { Store } from '../store.ts';
import { createPortChoice } from './port-choice.ts';
import { parseSessionName, sessionName } from './session-name.ts';
import type { Tmux } from './tmux.ts';

export interface TmuxOpenerDeps {
  readonly store: Store;
  readonly tmux: Tmux;
  readonly resolver: Resolver;
  readonly computer: Pick<ThisComputer, 'look'>;
}

export interface TmuxForwardRequest {
  readonly hostId: HostId;
  readonly remotePort: number;
  /** Exactly this local port; without it the next free one of the range. */
  readonly localPort?: number | undefined;
}

/** Opens forwards that outlive the app: each is the user's own ssh in a tmux session, named as vllmctl names them. */
export interface TmuxOpener {
  /**
   * Resolves when the local port accepts; where a session forwards the same target already, or is being opened, that one is
   * answered. Leaves no session behind when it fails. Errors: `not-found`, `port-in-use`, `port-forbidden`, `ports-exhausted`,
   * `tmux-missing`, `tmux-failed`, those of connecting, `cancelled`.
   */
  openTmuxForward(request: TmuxForwardRequest): Promise<ForeignForward>;
  dispose(): Promise<void>;
}

/** As long as a login may take that waits for a touch of a security key. */
const openMs = 30_000;
const stepMs = 100;

/**
 * Nobody sees a question that ssh asks there, and nobody but this computer is to use the port. A shared connection would
 * take the forward over and let the session end; so would an ssh that goes to the background, which older ones cannot.
 */
const options = [
  'ExitOnForwardFailure=yes',
  'ServerAliveInterval=15',
  'BatchMode=yes',
  'GatewayPorts=no',
  'ControlPath=none',
  'IgnoreUnknown=ForkAfterAuthentication',
  'ForkAfterAuthentication=no',
];

export function createTmuxOpener({ store, tmux, resolver, computer }: TmuxOpenerDeps): TmuxOpener {
  const ended = new AbortController();
  const opening = new Map<ServerId, Promise<ForeignForward>>();
  const choosePort = createPortChoice();

  const alreadyOpen = ({ hostId, remotePort, localPort }: TmuxForwardRequest): ForeignForward | undefined =>
    store
      .current()
      .elsewhere.forwards.find(
        (forward) =>
          forward.owner.kind === 'tmux' &&
          forward.hostId === hostId &&
          forward.remotePort === remotePort &&
          forward.localPort === (localPort ?? forward.localPort) &&
          forward.state.kind !== 'dead',
      );

  const open = async (request: TmuxForwardRequest): Promise<ForeignForward> => {
    const { hostId, remotePort } = request;
    requireHost(store.current(), hostId);
    await computer.look();
    const known = alreadyOpen(request);
    if (known !== undefined) return known;
    const { sessions } = await tmux.list();
    const claimed = new Set(sessions.map(({ name }) => parseSessionName(name)?.localPort));
    const { settings, source, servers } = store.current();
    const wanted = request.localPort ?? settings.localPorts;
    const { port, release } = await choosePort(wanted, (candidate) => !claimed.has(candidate));
    const session = sessionName({ host: hostId, remotePort, localPort: port });
    const address = servers.find(({ id }) => id === serverId(hostId, remotePort))?.address;
    try {
      const target = `${port}:${authorityOf(remoteNameOf(address), remotePort)}`;
      await tmux.start(session, sshWords(hostId, target, source));
      await holdOpen(session, hostId, port);
    } finally {
      release();
    }
    const opened = store.current().elsewhere.forwards.find(({ id }) => id === `tmux ${session}`);
    if (opened !== undefined) return opened;
    throw new AppError('tmux-failed', { step: 'forward', detail: 'the session has ended' });
  };

  /** Waits until it is open; a session that fails is ended. */
  const holdOpen = async (session: string, hostId: HostId, port: number): Promise<void> => {
    try {
      await untilAccepting(session, hostId, port);
      await computer.look();
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

/** Word by word, and the alias where ssh takes it for nothing else than a host. */
function sshWords(alias: string, target: string, { configFile }: Source): readonly string[] {
  const config = configFile === undefined ? [] : ['-F', configFile];
  return ['ssh', '-N', ...options.flatMap((option) => ['-o', option]), ...config, '-L', target, '--', alias];
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
