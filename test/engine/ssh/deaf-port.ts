import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface DeafPort {
  readonly port: number;
  /** It hears again: connections that were tried meanwhile come through at their next SYN. */
  hear(): void;
  close(): Promise<void>;
}

/**
 * A port that answers no connection, neither yes nor no, as on a host behind a firewall that drops packets: a stopped
 * program listens, and its queue is full. Linux drops further SYNs then (listen(2)); other systems refuse them.
 */
export async function startDeafPort(host = '127.0.0.1'): Promise<DeafPort> {
  const program = `
    const server = require('node:net').createServer((socket) => socket.on('error', () => undefined));
    server.listen({ port: 0, host: ${JSON.stringify(host)}, backlog: 1 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line);
  child.kill('SIGSTOP');
  // Two fit into a queue of one; nobody hears of the third.
  const queued: Socket[] = [];
  for (let place = 0; place < 2; place += 1) {
    const socket = connect({ host, port }).on('error', () => undefined);
    await once(socket, 'connect');
    queued.push(socket);
  }
  return {
    port,
    hear: () => void child.kill('SIGCONT'),
    async close() {
      for (const socket of queued) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
