import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError } from '#common/failure.ts';
import { plainText } from '#common/text.ts';
import { after } from '#common/timer.ts';
import type { ResolvedHost } from '../config/resolved.ts';
import { socketFailure } from '../failure.ts';
import { killGroup, spawnGroup } from '../io/child.ts';
import { JoinedStream } from '../io/joined-stream.ts';

/** Node's own 250 ms give up on the first address of hosts that are merely far away. */
const addressAttemptMs = 2500;

/** A TCP connection to the host itself. Rejects with the codes of failure.ts, `connection-timeout` or `cancelled`. */
export function dialTcp(host: ResolvedHost, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: host.hostname,
      port: host.port,
      family: host.addressFamily,
      ...(host.bindAddress !== null && { localAddress: host.bindAddress }),
      noDelay: true,
      keepAlive: true,
      autoSelectFamilyAttemptTimeout: addressAttemptMs,
    });
    const fail = (error: AppError): void => {
      done();
      socket.destroy();
      reject(error);
    };
    const timer = after(timeoutMs, () => {
      const detail = `no answer from ${host.hostname} port ${host.port} within ${timeoutMs / 1000} s`;
      fail(new AppError('connection-timeout', { step: 'connect', detail, command: host.command }));
    });
    const onError = (error: Error): void => fail(socketFailure(error, host));
    const onAbort = (): void => fail(new AppError('cancelled', { step: 'connect' }));
    const onConnect = (): void => {
      done();
      resolve(socket);
    };
    const done = (): void => {
      timer.cancel();
      socket.off('connect', onConnect).off('error', onError);
      // Errors of a socket that is given up have no listener left.
      socket.on('error', ignore);
      signal.removeEventListener('abort', onAbort);
    };
    socket.once('connect', onConnect).once('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** Of its own, since a listener made above would keep all of the dialling as long as the socket. */
const ignore = (): void => undefined;

const maxStderrChars = 4000;

/**
 * Starts a ProxyCommand, as ssh does with `exec` in a shell; its stdin and stdout are the connection. When it ends before
 * it has sent anything, the stream fails with `proxy-failed` and the last line it wrote to stderr. Closing ends it.
 */
export function dialCommand(host: ResolvedHost, command: string, env: NodeJS.ProcessEnv): Duplex {
  const [shell, ...flags] = process.platform === 'win32' ? ['cmd.exe', '/d', '/s', '/c'] : ['/bin/sh', '-c'];
  const line = process.platform === 'win32' ? command : `exec ${command}`;
  const child = spawnGroup(shell ?? '', [...flags, line], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('a child without pipes');
  let said = '';
  let received = false;
  stderr.setEncoding('latin1').on('data', (text: string) => {
    said = `${said}${text}`.slice(-maxStderrChars);
  });
  stdout.once('data', () => {
    received = true;
  });
  const failed = (why: string): AppError =>
    new AppError('proxy-failed', { step: 'connect', detail: plainText(why), command: host.command });
  const ended = new Promise<AppError | null>((resolve) => {
    child.once('error', (error) => resolve(failed(error.message)));
    child.once('close', (code, signal) => {
      const lastLine = said.trim().split('\n').at(-1) ?? '';
      resolve(received ? null : failed(lastLine === '' ? `it ended with ${signal ?? code}` : lastLine));
    });
  });
  return new JoinedStream({
    readable: stdout,
    writable: stdin,
    whyEnded: () => ended,
    release: async () => {
      killGroup(child);
      // A pipe that is paused with data in it never ends, and the child closes only after its pipes.
      for (const pipe of [stdin, stdout, stderr]) pipe.destroy();
      await ended;
    },
  });
}
