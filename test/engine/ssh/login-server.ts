import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import ssh2, { type AuthContext, type KeyboardAuthContext } from 'ssh2';

/** What the server lets in: each step is one method, and all must pass in order. */
export interface LoginServerOptions {
  readonly hostKeyPath: string;
  readonly steps: readonly ('publickey' | 'keyboard-interactive' | 'password')[];
  readonly password?: string;
  /** Questions of keyboard-interactive, each round with the answers that pass. */
  readonly rounds?: readonly { readonly text: string; readonly prompts: readonly Asked[] }[];
}

interface Asked {
  readonly prompt: string;
  readonly echo: boolean;
  readonly answer: string;
}

export interface LoginServer {
  readonly port: number;
  /** Every attempt in order: `publickey`, `password`, ... */
  readonly attempts: readonly string[];
  close(): Promise<void>;
}

/** A real SSH server that takes any key and asks as told; its shell answers every command with `in`. */
export async function startLoginServer(options: LoginServerOptions): Promise<LoginServer> {
  const attempts: string[] = [];
  const sockets = new Set<Socket>();
  const hostKey = await readFile(options.hostKeyPath);
  const ssh = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    let step = 0;
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      const wanted = options.steps[step];
      const rejectHalf = (partial: boolean): void =>
        context.reject(options.steps.slice(step, step + 1), partial);
      const pass = (): void => {
        step += 1;
        if (step === options.steps.length) context.accept();
        else rejectHalf(true);
      };
      const probes = context.method === 'publickey' && context.signature === undefined;
      if (!probes) attempts.push(context.method);
      if (context.method !== wanted) return rejectHalf(false);
      if (probes) return context.accept();
      void passes(context, options).then((good) => (good ? pass() : rejectHalf(false)));
    });
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec) => {
        const channel = acceptExec();
        channel.end('in\n');
      });
    });
  });
  const tcp = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    ssh.injectSocket(socket);
  }).listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const address = tcp.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    attempts,
    async close() {
      for (const socket of sockets) socket.destroy();
      tcp.close();
      await once(tcp, 'close');
    },
  };
}

async function passes(context: AuthContext, options: LoginServerOptions): Promise<boolean> {
  if (context.method === 'publickey') return true;
  if (context.method === 'password') return context.password === options.password;
  if (context.method !== 'keyboard-interactive') return false;
  for (const { text, prompts } of options.rounds ?? []) {
    const answers = await askClient(context, text, prompts);
    if (!prompts.every(({ answer }, index) => answers[index] === answer)) return false;
  }
  return true;
}

function askClient(
  context: KeyboardAuthContext,
  text: string,
  prompts: readonly Asked[],
): Promise<readonly string[]> {
  const shown = prompts.map(({ prompt, echo }) => ({ prompt, echo }));
  return new Promise((resolve) => context.prompt(shown, 'Login', text, resolve));
}
