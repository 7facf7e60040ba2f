import type { Duplex } from 'node:stream';
import ssh2, { type Client, type ConnectConfig } from 'ssh2';
import { AppError, type ConnectStep } from '#common/failure.ts';
import { plainText } from '#common/text.ts';
import { createAlarm } from '#common/timer.ts';
import type { Asking } from '../asking.ts';
import type { ResolvedHost } from '../config/resolved.ts';
import { connectFailure } from '../failure.ts';
import { KeyNotUnlocked } from '../keys/agent.ts';
import type { LoginKeys } from '../keys/auth.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { HostKeyCheck } from '../trust/host-key.ts';
import { gatherIdentification } from './identification.ts';
import { createLogin, type Login } from './login.ts';

export interface HandshakeOptions {
  readonly host: ResolvedHost;
  readonly socket: Duplex;
  readonly hostKey: HostKeyCheck;
  readonly keys: LoginKeys;
  readonly keyring: Keyring;
  readonly asking: Asking;
  readonly isJumpHost: boolean;
  /** From now until the host has shown its key, and from then until it has let the user in. */
  readonly timeouts: { readonly handshakeMs: number; readonly loginMs: number };
  readonly signal: AbortSignal;
  readonly onStep: (step: ConnectStep) => void;
}

export interface ReadyClient {
  readonly client: Client;
  /** Whether a person's answer was part of the login. */
  readonly answered: boolean;
}

/** As much of what came before the handshake as tells why there was none, such as "Exceeded MaxStartups". */
const maxHeadBytes = 4096;
/** Until the login is over: keys, lists of algorithms and messages for the user are a few kilobytes each. */
const maxLoginBytes = 1_000_000;

/**
 * Makes an authenticated ssh2 Client of a connected socket. Rejects with the codes of failure.ts or `cancelled`; the
 * socket is destroyed then. One failure may emit two errors, or none and only `close`: the first event decides.
 */
export function shakeHands(options: HandshakeOptions): Promise<ReadyClient> {
  const { host, socket, timeouts, signal, onStep } = options;
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    const alarm = createAlarm();
    const ended = new AbortController();
    let step: 'handshake' | 'authenticate' = 'handshake';

    const fail = (error: Error | null, timeoutMs: number | null = null): void => {
      const evidence = witness.evidence(login);
      done();
      socket.destroy();
      reject(connectFailure({ host, step, error: kept.refusal() ?? error, timeoutMs, ...evidence }));
    };
    const enter = (next: typeof step): void => {
      step = next;
      onStep(step);
    };
    const limit = (timeoutMs: number): void => alarm.after(timeoutMs, () => fail(null, timeoutMs));
    const onAbort = (): void => fail(new AppError('cancelled', { step }));
    const tooMuch = 'it sends without end before the login';
    const witness = watch(socket, client, {
      tooMuch: () => fail(new AppError('probe-garbled', { step, detail: tooMuch })),
      failed: fail,
      handshake() {
        limit(timeouts.loginMs);
        enter('authenticate');
      },
      ready() {
        done();
        resolve({ client, answered: login.answered() });
      },
    });
    limit(timeouts.handshakeMs);
    const login = createLogin({
      ...options,
      signal: AbortSignal.any([signal, ended.signal]),
      onAsking(waits) {
        // A person takes the time it takes; the host has a limit of its own (LoginGraceTime).
        alarm.cancel();
        if (!waits && !ended.signal.aborted) limit(timeouts.loginMs);
      },
    });
    const kept = keptParts(login, options.hostKey);
    const done = (): void => {
      witness.end();
      kept.loginIsOver();
      ended.abort();
      alarm.cancel();
      signal.removeEventListener('abort', onAbort);
    };

    enter('handshake');
    signal.addEventListener('abort', onAbort, { once: true });
    client.connect(connectConfig(options, kept));
    if (signal.aborted) onAbort();
  });
}

interface Turns {
  /** The host sends more than a login can need. */
  tooMuch(): void;
  /** Null is an end without a word. */
  failed(error: Error | null): void;
  handshake(): void;
  ready(): void;
}

/** What happens on the way to the login, and what of it tells afterwards why there was none. */
function watch(socket: Duplex, client: Client, { tooMuch, failed, handshake, ready }: Turns) {
  const greeting = watchGreeting(socket, tooMuch);
  const agentNotes: string[] = [];
  let banner = '';
  const unlisten = listen(client, {
    error(error) {
      // An agent that does not sign is no end: the next key is tried.
      if (error instanceof KeyNotUnlocked) return;
      if (error.level === 'agent') agentNotes.push(`the agent failed (${plainText(error.message, 80)})`);
      else failed(error);
    },
    close: () => failed(null),
    banner(text) {
      banner = plainText(text, 300);
    },
    handshake,
    ready,
  });
  return {
    evidence(login: Login) {
      const report = login.report();
      return {
        login: { ...report, notes: [...report.notes, ...agentNotes] },
        head: greeting.head(),
        banner,
      };
    },
    end(): void {
      greeting.end();
      unlisten();
    },
  };
}

/** The first bytes from the host, and a bound for all until the login is over. */
function watchGreeting(socket: Duplex, onTooMuch: () => void) {
  let received = 0;
  const count = (chunk: Buffer): void => {
    received += chunk.length;
    if (received > maxLoginBytes) onTooMuch();
  };
  const gathered = gatherIdentification(socket, count);
  return {
    head: () => gathered().toString('latin1', 0, maxHeadBytes),
    end: () => void socket.off('data', count),
  };
}

interface Listeners {
  error(error: Error & { level?: string }): void;
  close(): void;
  banner(text: string): void;
  handshake(): void;
  ready(): void;
}

/** Returns the removal. */
function listen(client: Client, { error, close, banner, handshake, ready }: Listeners): () => void {
  client.on('error', error).once('close', close).on('banner', banner).once('ready', ready);
  client.once('handshake', handshake);
  return () => {
    client.off('error', error).off('close', close).off('banner', banner).off('ready', ready);
    client.off('handshake', handshake);
    // ssh2 may report one failure several times, and an error without a listener would end the process.
    client.on('error', ignore);
  };
}

const ignore = (): void => undefined;

/**
 * What ssh2 keeps as long as the connection. Functions of their own, so that they do not keep what the login needed: keys, answers
 * of ssh, and what was tried.
 */
function keptParts(login: Login, { verify }: HostKeyCheck) {
  let current: Login | null = login;
  let refusal: AppError | null = null;
  return {
    authHandler: ((...asked) => current?.handler(...asked)) satisfies Login['handler'],
    hostVerifier(key: Buffer): boolean {
      refusal = verify(key);
      return refusal === null;
    },
    refusal: () => refusal,
    loginIsOver() {
      current = null;
    },
  };
}

function connectConfig(
  { host, socket, hostKey: { preferred } }: HandshakeOptions,
  { authHandler, hostVerifier }: Pick<ReturnType<typeof keptParts>, 'authHandler' | 'hostVerifier'>,
): ConnectConfig {
  return {
    sock: socket,
    username: host.user,
    authHandler,
    hostVerifier,
    // `remove` and then `prepend` is how ssh2 moves what its own list already has to the front.
    ...(preferred.length > 0 && {
      algorithms: { serverHostKey: { remove: [...preferred], prepend: [...preferred], append: [] } },
    }),
    // Both limits are kept above, where it is known how far the connection has come.
    readyTimeout: 0,
    keepaliveInterval: 0,
  };
}
