/** One demo host: a real SSH server on loopback that lets one key in. */

import { type AddressInfo, createServer, type Socket } from 'node:net';
import ssh2, {
  type AuthContext,
  type AuthenticationType,
  type Connection,
  type KeyboardAuthContext,
  type ParsedKey,
  type ServerChannel,
  type Session,
} from 'ssh2';
import { after } from '#common/timer.ts';
import type { RunShell, Shell } from './host-shell.ts';
import { openTunnel } from './host-tunnel.ts';
import type { Behaviour } from './specs.ts';
import { demoUser } from './ssh-files.ts';

export interface SshHostOptions {
  /** Private key in OpenSSH's format. */
  readonly hostKey: string;
  /** The only key that is let in. */
  readonly clientKey: ParsedKey;
  readonly behaviour: Behaviour;
  readonly runShell: RunShell;
  /** The port on this computer that stands for an address and port of the host; null: nothing listens there. */
  readonly service: (address: string, port: number) => number | null;
}

export interface SshHost {
  readonly port: number;
  /** Ends the shells at once; for the end of the process, when nothing asynchronous runs any more. */
  kill(): void;
  /** Ends all connections and shells; resolves when the port is free. */
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. Rejects with the error of `listen`. */
export async function startSshHost(options: SshHostOptions): Promise<SshHost> {
  const sockets = new Set<Socket>();
  const shells = new Set<Shell>();
  const ssh = new ssh2.Server({ hostKeys: [options.hostKey] }, (connection) =>
    serve(connection, options, shells),
  );
  const tcp = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    ssh.injectSocket(socket);
  });
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen(0, '127.0.0.1', resolve);
  });
  // No more files can be opened, for one: without a listener it would end the app.
  tcp.on('error', () => undefined);
  const kill = () => {
    for (const shell of shells) shell.kill();
  };
  return {
    port: (tcp.address() as AddressInfo).port,
    kill,
    async close() {
      const closed = new Promise((resolve) => tcp.close(resolve));
      const ended = [...shells].map((shell) => shell.ended);
      kill();
      for (const socket of sockets) socket.destroy();
      await Promise.all([closed, ...ended]);
    },
  };
}

function serve(connection: Connection, options: SshHostOptions, shells: Set<Shell>): void {
  const { behaviour } = options;
  const endings = new Set<() => void>();
  const delayMs = behaviour.kind === 'slow' ? behaviour.delayMs : 0;
  const afterDelay = (then: () => void) => {
    if (delayMs === 0) return then();
    const timer = after(delayMs, () => {
      endings.delete(timer.cancel);
      then();
    });
    endings.add(timer.cancel);
  };

  connection.on('error', () => undefined); // a client that vanishes is no news here
  connection.on('close', () => {
    for (const end of endings) end();
  });
  let hasKey = false;
  connection.on('authentication', (context) => {
    if (hasKey && context.method === 'keyboard-interactive') return askCode(context);
    if (!isAllowed(context, options.clientKey)) return context.reject(remaining(hasKey));
    if (isQuestion(context)) return context.accept();
    hasKey = true;
    if (behaviour.kind === 'asks-code') context.reject(remaining(true), true);
    else afterDelay(() => context.accept());
  });
  connection.on('session', (accept) => {
    const session = accept() as Session;
    const run = (open: () => ServerChannel, command: string | null) => {
      // Opened at once: ssh2 forgets a request whose input has ended before it is answered.
      const channel: ServerChannel | undefined = open();
      if (channel === undefined) return; // a second request on the same session, whatever the types say
      afterDelay(() => {
        const shell = options.runShell(channel, { command, delayMs });
        shells.add(shell);
        endings.add(shell.hangUp);
        void shell.ended.then(() => {
          shells.delete(shell);
          endings.delete(shell.hangUp);
        });
      });
    };
    session.on('exec', (open, _refuse, info) => run(open, info.command));
    session.on('shell', (open) => run(open, null));
  });
  // Without a listener ssh2 refuses every such channel as administratively prohibited, which is what is wanted.
  if (behaviour.kind === 'no-forwarding') return;
  connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
    const port = options.service(destIP, destPort);
    if (port === null) return reject();
    afterDelay(() => {
      const socket = openTunnel(port, { accept, reject });
      const end = () => socket.destroy();
      endings.add(end);
      socket.on('close', () => endings.delete(end));
    });
  });
}

/** What a client may try next; a code is asked for only beside the key. */
const remaining = (hasKey: boolean): AuthenticationType[] => [hasKey ? 'keyboard-interactive' : 'publickey'];

function askCode(context: KeyboardAuthContext): void {
  const question = { prompt: 'Code (any six digits will do): ', echo: true };
  context.prompt([question], 'Demo cluster', 'This host wants a second factor.', ([code = '']) => {
    if (/^\d{6}$/.test(code.trim())) context.accept();
    else context.reject(remaining(true));
  });
}

/** A client first asks whether a key would do, then signs with it. */
const isQuestion = (context: AuthContext): boolean =>
  context.method === 'publickey' && context.signature === undefined;

/** Whether the request names the demo user and is made with, or asks about, the one key. */
function isAllowed(context: AuthContext, key: ParsedKey): boolean {
  if (context.method !== 'publickey' || context.username !== demoUser) return false;
  if (!context.key.data.equals(key.getPublicSSH())) return false;
  if (context.signature === undefined || context.blob === undefined) return isQuestion(context);
  return key.verify(context.blob, context.signature, context.hashAlgo) === true;
}
