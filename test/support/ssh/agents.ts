/** SSH agents for tests: a real one, and those that people's computers have on bad days. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Agent {
  readonly socket: string;
  /** Makes the agent hold exactly these keys, in this order. */
  holds(keys: readonly string[]): Promise<void>;
  add(key: string, passphrase: string): Promise<void>;
  stop(): Promise<void>;
}

/** A real ssh-agent without keys. */
export async function startAgent(socket: string): Promise<Agent> {
  const child: ChildProcess = spawn('ssh-agent', ['-D', '-a', socket], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (child.stdout === null) throw new Error('no output');
  await once(child.stdout, 'data');
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  return {
    socket,
    async holds(keys) {
      await run('ssh-add', ['-q', '-D'], { env });
      for (const key of keys) await run('ssh-add', ['-q', key], { env });
    },
    async add(key, passphrase) {
      const askpass = `${socket}.askpass`;
      await writeFile(askpass, `#!/bin/sh\necho '${passphrase}'\n`, { mode: 0o700 });
      await run('ssh-add', ['-q', key], {
        env: { ...env, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' },
      });
    },
    async stop() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

export interface StandInAgent {
  readonly socket: string;
  /** Resolves when every connection to it has ended. */
  close(): Promise<void>;
}

/** Accepts and says nothing. */
export function startSilentAgent(socket: string): Promise<StandInAgent> {
  return listen(socket, (client) => client.resume());
}

/** SSH_AGENTC_SIGN_REQUEST (draft-ietf-sshm-ssh-agent), behind four bytes of length. */
const signRequest = 13;

/** Lists the keys of a real agent and never signs, as one does whose user is away from the keyboard. */
export function startUnattendedAgent(socket: string, agent: Agent): Promise<StandInAgent> {
  return listen(socket, (client) => {
    const real = connect(agent.socket).on('error', () => client.destroy());
    client.on('data', (request) => request[4] === signRequest || real.write(request));
    client.once('close', () => real.destroy());
    real.pipe(client);
  });
}

async function listen(socket: string, serve: (client: Socket) => void): Promise<StandInAgent> {
  const server = createServer((client) => serve(client.on('error', () => undefined)));
  server.listen(socket);
  await once(server, 'listening');
  return {
    socket,
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}
