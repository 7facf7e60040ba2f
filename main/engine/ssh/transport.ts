import type { Duplex } from 'node:stream';
import type { AppError } from '#common/failure.ts';
import type { Host } from '#common/hosts.ts';

export interface OpenOptions {
  readonly signal?: AbortSignal;
  /** How long the host may take to open the channel; default 10,000 ms. ssh2 itself would wait for ever. */
  readonly timeoutMs?: number;
}

export interface ExecOptions extends OpenOptions {
  /** Called with how many bytes the command has written to stderr, which is not read. */
  readonly onStderr?: (bytes: number) => void;
}

/**
 * One authenticated connection to a host. Scan, probe and forwards share it and know nothing of how it was made.
 * Every method rejects with an AppError; after `onClose` has fired all of them reject with `connection-lost`.
 */
export interface Transport {
  /** What it runs over: the built-in client or the system's ssh. */
  readonly client: NonNullable<Host['client']>;
  /** Whether a person's answer was part of the login: it cannot be repeated automatically. */
  readonly answered: boolean;
  /**
   * Runs a fixed command (never one with text from outside) on a channel of its own. The Duplex writes to its stdin and
   * reads its stdout; stderr is drained. Ending the Duplex is EOF for the command.
   * Errors: `sessions-exhausted`, `no-shell`, `connection-lost`, `probe-timeout`.
   */
  exec(command: string, options?: ExecOptions): Promise<Duplex>;
  /**
   * Opens a direct-tcpip channel to an address as the host sees it; half-close is kept.
   * Errors: `forwarding-prohibited`, `target-refused`, `server-timeout`, `connection-lost`.
   */
  stream(address: string, port: number, options?: OpenOptions): Promise<Duplex>;
  /**
   * Opens a direct-streamlocal channel to a unix socket of the host; half-close is kept. The host does not say why it
   * refuses one. Errors: those of `stream`, `socket-unsupported` where this client cannot.
   */
  socket(path: string, options?: OpenOptions): Promise<Duplex>;
  /** Resolves when the server has answered anything; rejects with `connection-timeout` after `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  /** Bytes received on the socket so far: the sign of life that a slow link still gives. */
  bytesReceived(): number;
  /** Calls the listener once, when the connection has ended; at once when it already has. Returns the removal. */
  onClose(listener: (reason: AppError) => void): () => void;
  /** Ends the connection and all its channels, for the reason given if there is one. Safe to call twice. */
  close(reason?: AppError): void;
}
