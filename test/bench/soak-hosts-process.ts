// The hosts of the soak in a process of their own: sshd each in a network namespace, model servers, and what befalls them.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { startFleet } from '../lab/fleet.ts';
import { listenIn, swallow } from '../lab/namespaces.ts';
import { sshdProcesses } from '../lab/sshd-processes.ts';
import { signalAll } from '../support/processes.ts';
import { blob, checksum, completionEvents, modelList, type ServerName } from './soak-payload.ts';
import type { Fault, HostsMessage } from './soak-report.ts';

const [hostCount = 0, portsPerHost = 0] = process.argv.slice(2).map(Number);
const aliases = Array.from({ length: hostCount }, (_, n) => `host-${n}`);
const ports = Array.from({ length: portsPerHost }, (_, n) => 8000 + n);
const betweenTokensMs = 10;
/** Connections that say nothing and are held. */
const strangers = 600;

/** The only way to the last one, and one that writes to stderr without an end whenever its GPUs are asked for. */
const [gate, flood] = ['gate', 'flood'];
const behindGate = aliases.at(-1);
const fleet = await startFleet([
  { alias: gate, gpus: null },
  { alias: flood, gpus: [], nvidiaSmi: '#!/bin/sh\nexec yes "out of order" >&2\n' },
  ...aliases.map((alias) => ({ alias, gpus: [], ...(alias === behindGate && { behind: gate }) })),
]);
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
const faults: Readonly<Record<Fault, (alias: string, localPort: number) => Promise<void>>> = {
  'session killed': async (alias) => signalAll((await processesOf(alias)).sessions, 'SIGKILL'),
  'sshd killed': (alias) => restart(alias, 5000),
  'away for 75 s': (alias) => restart(alias, 75_000),
  // The others see theirs restart, which comes to the same.
  'jump host restarts': (alias) => restart(alias === behindGate ? gate : alias, 5000),
  'strangers at a port': async (_alias, localPort) => {
    const sockets = Array.from({ length: strangers }, () =>
      connect({ host: '127.0.0.1', port: localPort }).on('error', () => undefined),
    );
    await delay(20_000);
    for (const socket of sockets) socket.destroy();
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

async function restart(alias: string, awayMs: number): Promise<void> {
  const { listener, sessions } = await processesOf(alias);
  signalAll([...listener, ...sessions], 'SIGKILL');
  await delay(awayMs);
  fleet.restartSshd(alias);
}

function processesOf(alias: string) {
  return sshdProcesses(fleet.namespaceOf(alias));
}

process.on('message', async (message: HostsMessage) => {
  if (message.kind === 'fault') {
    await faults[message.fault](message.alias, message.localPort);
    process.send?.({ kind: 'mended', alias: message.alias });
  } else process.send?.({ kind: 'connections', openConnections });
});
process.once('disconnect', async () => {
  await fleet.stop();
  process.exit();
});
process.send?.({ kind: 'ready', sshConfigPath: fleet.sshConfigPath, aliases, ports });
