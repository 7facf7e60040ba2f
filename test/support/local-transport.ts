import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { AppError } from '#common/failure.ts';
import type { Transport } from '#engine/ssh/transport.ts';

export interface LocalTransportOptions {
  /** What stands for the user's login shell; it gets `-c` and the command. */
  readonly loginShell?: readonly [file: string, ...args: string[]];
  readonly env?: NodeJS.ProcessEnv;
  /** Addresses and ports that the "server" refuses to open channels to. */
  readonly prohibits?: (address: string, port: number) => boolean;
}

export interface LocalTransport extends Transport {
  readonly children: readonly ChildProcessWithoutNullStreams[];
  readonly opened: readonly string[];
  /** Resolves when every shell that was started has exited. */
  exited(): Promise<void>;
  /** Closes the connection, ends what does not mind that, and resolves when nothing is left. */
  end(): Promise<void>;
}

/** A Transport to this very machine: channels are child processes and TCP connections, nothing is simulated. */
export function createLocalTransport(options: LocalTransportOptions = {}): LocalTransport {
  const [file, ...args] = options.loginShell ?? ['/bin/sh'];
  const children: ChildProcessWithoutNullStreams[] = [];
  const exits: Promise<void>[] = [];
  const streams = new Set<Duplex>();
  const opened: string[] = [];
  const closeListeners = new Set<(reason: AppError) => void>();
  const keep = (stream: Duplex): Duplex => {
    streams.add(stream);
    stream.once('close', () => streams.delete(stream));
    return stream;
  };

  const close = (): void => {
    const reason = new AppError('connection-lost', { detail: 'closed' });
    for (const listener of [...closeListeners]) listener(reason);
    closeListeners.clear();
    for (const stream of streams) stream.destroy();
  };
  const exited = async (): Promise<void> => void (await Promise.all(exits));

  return {
    client: 'built-in',
    answered: false,
    children,
    opened,
    exited,
    async end() {
      close();
      for (const child of children) {
        child.kill('SIGTERM');
        child.kill('SIGCONT');
      }
      await exited();
    },
    async exec(command, { onStderr } = {}) {
      const child = spawn(file, [...args, '-c', command], { env: { ...process.env, ...options.env } });
      children.push(child);
      exits.push(new Promise((resolve) => child.once('close', () => resolve())));
      child.stderr.on('data', (chunk: Buffer) => onStderr?.(chunk.length));
      return keep(childChannel(child));
    },
    async stream(address, port) {
      opened.push(`${address}:${port}`);
      if (options.prohibits?.(address, port))
        throw new AppError('forwarding-prohibited', { step: 'forward', detail: `${address}:${port}` });
      const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
      return await new Promise<Duplex>((resolve, reject) => {
        socket.once('connect', () => resolve(keep(socket)));
        socket.once('error', (cause) =>
          reject(new AppError('target-refused', { step: 'forward', detail: cause.message, cause })),
        );
      });
    },
    async socket(path) {
      const socket = connect({ path, allowHalfOpen: true });
      return await new Promise<Duplex>((resolve, reject) => {
        socket.once('connect', () => resolve(keep(socket)));
        socket.once('error', (cause) =>
          reject(new AppError('target-refused', { step: 'forward', detail: 'open failed', cause })),
        );
      });
    },
    ping: async () => undefined,
    bytesReceived: () => 0,
    onClose(listener) {
      closeListeners.add(listener);
      return () => closeListeners.delete(listener);
    },
    close,
  };
}

/** The stdin and stdout of a child as one Duplex; destroying it closes both, as the end of an SSH channel does. */
function childChannel(child: ChildProcessWithoutNullStreams): Duplex {
  const channel = new Duplex({
    read: () => void child.stdout.resume(),
    write: (chunk, _encoding, done) => void child.stdin.write(chunk, () => done()),
    final: (done) => void child.stdin.end(() => done()),
    destroy(error, done) {
      child.stdin.destroy();
      child.stdout.destroy();
      done(error);
    },
  });
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk) => {
    if (!channel.push(chunk)) child.stdout.pause();
  });
  child.stdout.on('end', () => channel.push(null));
  return channel;
}
