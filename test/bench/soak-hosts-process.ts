// The hosts of the soak in a process of their own: sshd each in a network namespace, model servers, and what befalls them.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { startFleet } from '../lab/fleet.ts';
import { listenIn, swallow } from '../lab/namespaces.ts';
import { signalAll } from '../lab/processes.ts';
import { sshdProcesses } from '../lab/sshd-processes.ts';
import { blob, checksum, completionEvents, modelList, type ServerName } from './soak-payload.ts';
import type { Fault, HostsMessage } from './soak-report.ts';

const [hostCount = 0, portsPerHost = 0] = process.argv.slice(2).map(Number);
const aliases = Array.from({ length: hostCount }, (_, n) => `host-${n}`);
const ports = Array.from({ length: portsPerHost }, (_, n) => 8000 + n);
const betweenTokensMs = 10;

const fleet = await startFleet(aliases.map((alias) => ({ alias, gpus: [] })));
let openConnections = 0;
for (const alias of aliases) {
  const addresses = ports.map((port) => ({ host: '127.0.0.1', port }));
  const listeners = await listenIn(fleet.namespaceOf(alias), addresses);
  listeners.forEach((listener, at) => {
    const name = `${alias}:${ports[at]}`;
    const http = createServer((request, response) => void answer(name, request, response));
    http.keepAliveTimeout = 600_000;
    listener.on('connection', (socket) => {
      openConnections += 1;
      socket
        .on('error', () => undefined)
        .once('close', () => {
          openConnections -= 1;
        });
      http.emit('connection', socket);
    });
  });
}

async function answer(name: ServerName, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, what, number = '0'] = (request.url ?? '').split('/');
  response.on('error', () => undefined);
  if (what === 'blob') response.end(blob(name, Number(number)));
  else if (what === 'completions') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of completionEvents(name, Number(number))) {
      if (response.destroyed) return;
      response.write(event);
      await delay(betweenTokensMs);
    }
    response.end();
  } else if (what === 'sum') {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => response.end(`${name} ${checksum(Buffer.concat(chunks))}`));
  } else {
    response.setHeader('content-type', 'application/json');
    response.end(modelList(name));
  }
}

/** What a fault does, and what ends it. */
const faults: Readonly<Record<Fault, (alias: string) => Promise<void>>> = {
  'session killed': async (alias) => signalAll((await processesOf(alias)).sessions, 'SIGKILL'),
  'sshd killed': async (alias) => {
    const { listener, sessions } = await processesOf(alias);
    signalAll([...listener, ...sessions], 'SIGKILL');
    await delay(5000);
    fleet.restartSshd(alias);
  },
  'sshd stopped': async (alias) => {
    const { listener, sessions } = await processesOf(alias);
    signalAll([...listener, ...sessions], 'SIGSTOP');
    await delay(35_000);
    signalAll([...listener, ...sessions], 'SIGCONT');
  },
  'network swallows everything': async (alias) => {
    await swallow(fleet.namespaceOf(alias), true);
    await delay(35_000);
    await swallow(fleet.namespaceOf(alias), false);
  },
};

function processesOf(alias: string) {
  return sshdProcesses(fleet.namespaceOf(alias));
}

process.on('message', async (message: HostsMessage) => {
  if (message.kind === 'fault') {
    await faults[message.fault](message.alias);
    process.send?.({ kind: 'mended', alias: message.alias });
  } else process.send?.({ kind: 'connections', openConnections });
});
process.once('disconnect', async () => {
  await fleet.stop();
  process.exit();
});
process.send?.({ kind: 'ready', sshConfigPath: fleet.sshConfigPath, aliases, ports });
