import type { Duplex } from 'node:stream';
import ssh2, { type Client } from 'ssh2';
import { AppError } from '#common/errors.ts';
import type { ConnectStep } from '#common/model.ts';
import { plainText } from '#common/text.ts';
import { KeyNotUnlocked } from './agent.ts';
import type { Asking } from './asking.ts';
import type { LoginKeys } from './auth.ts';
import { connectFailure } from './failure.ts';
import type { HostKeyCheck } from './host-key.ts';
import { gatherIdentification } from './identification.ts';
import type { Keyring } from './keyring.ts';
import { createLogin } from './login.ts';
import type { ResolvedHost } from './resolved.ts';

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

/**
 * Makes an authenticated ssh2 Client of a connected socket. Rejects with the codes of failure.ts or `cancelled`; the
 * socket is destroyed then. One failure may emit two errors, or none and only `close`: the first event decides.
 */
export function shakeHands(options: HandshakeOptions): Promise<ReadyClient> {
  const { host, socket, hostKey, timeouts, signal, onStep } = options;
  const client = new ssh2.Client();
  const agentNotes: string[] = [];
  let step: 'handshake' | 'authenticate' = 'handshake';
  let refusal: AppError | null = null;
  const gathered = gatherIdentification(socket);
  let banner = '';

  return new Promise((resolve, reject) => {
    const fail = (error: Error | null, timeoutMs: number | null = null): void => {
      const report = login.report();
      done();
      socket.destroy();
      const evidence = {
        login: { ...report, notes: [...report.notes, ...agentNotes] },
        head: gathered().toString('latin1', 0, maxHeadBytes),
        banner,
      };
      reject(connectFailure({ host, step, error: refusal ?? error, timeoutMs, ...evidence }));
    };
    const limit = (timeoutMs: number): NodeJS.Timeout => setTimeout(() => fail(null, timeoutMs), timeoutMs);
    let timer = limit(timeouts.handshakeMs);
    const ended = new AbortController();
    const login = createLogin({
      ...options,
      signal: AbortSignal.any([signal, ended.signal]),
      onAsking: (waits) => {
        // A person takes the time it takes; the host has a limit of its own (LoginGraceTime).
        clearTimeout(timer);
        if (!waits && !ended.signal.aborted) timer = limit(timeouts.loginMs);
      },
    });

    const onError = (error: Error & { level?: string }): void => {
      // An agent that does not sign is no end: the next key is tried.
      if (error instanceof KeyNotUnlocked) return;
      if (error.level === 'agent') agentNotes.push(`the agent failed (${plainText(error.message, 80)})`);
      else fail(error);
    };
    const onClose = (): void => fail(null);
    const onAbort = (): void => fail(new AppError('cancelled', { step }));
    const onBanner = (text: string): void => {
      banner = plainText(text, 300);
    };
    const onHandshake = (): void => {
      clearTimeout(timer);
      timer = limit(timeouts.loginMs);
      step = 'authenticate';
      onStep(step);
    };
    const onReady = (): void => {
      done();
      resolve({ client, answered: login.answered() });
    };
    const done = (): void => {
      ended.abort();
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      client.off('error', onError).off('close', onClose).off('banner', onBanner).off('ready', onReady);
      client.off('handshake', onHandshake);
      // ssh2 may report one failure several times, and an error without a listener would end the process.
      client.on('error', () => undefined);
    };

    onStep(step);
    client.on('error', onError).once('close', onClose).on('banner', onBanner).once('ready', onReady);
    client.once('handshake', onHandshake);
    signal.addEventListener('abort', onAbort, { once: true });
    const { preferred } = hostKey;
    client.connect({
      sock: socket,
      username: host.user,
      authHandler: login.handler,
      hostVerifier: (key: Buffer) => {
        refusal = hostKey.verify(key);
        return refusal === null;
      },
      // `remove` and then `prepend` is how ssh2 moves what its own list already has to the front.
      ...(preferred.length > 0 && {
        algorithms: { serverHostKey: { remove: [...preferred], prepend: [...preferred], append: [] } },
      }),
      // Both limits are kept above, where it is known how far the connection has come.
      readyTimeout: 0,
      keepaliveInterval: 0,
    });
    if (signal.aborted) onAbort();
  });
}
