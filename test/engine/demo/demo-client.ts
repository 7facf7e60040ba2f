import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2';

export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** The value of a keyword in the block of one host of the demo cluster's configuration. */
export async function configured(sshConfigPath: string, alias: string, keyword: string): Promise<string> {
  const blocks = (await readFile(sshConfigPath, 'utf8')).split(/^Host /m);
  const block = blocks.find((text) => text.startsWith(`${alias}\n`));
  const value = block?.match(new RegExp(`^ +${keyword} (.*)$`, 'm'))?.[1];
  if (value === undefined) throw new Error(`no ${keyword} for ${alias}`);
  return value.replace(/^"|"$/g, '');
}

/** A connection with the cluster's own key, its host key checked against the cluster's known_hosts. */
export async function connectTo(
  sshConfigPath: string,
  alias: string,
  rest: Partial<ConnectConfig> = {},
): Promise<Client> {
  const port = Number(await configured(sshConfigPath, alias, 'Port'));
  const known = await readFile(await configured(sshConfigPath, alias, 'UserKnownHostsFile'), 'utf8');
  const hostKey = known.match(new RegExp(`^\\[127\\.0\\.0\\.1\\]:${port} ssh-ed25519 (\\S+)$`, 'm'))?.[1];
  const privateKey = await readFile(await configured(sshConfigPath, alias, 'IdentityFile'));
  const client = new ssh2.Client();
  const ready = new Promise<Client>((resolve, reject) => {
    client.once('ready', () => resolve(client));
    client.once('error', reject);
  });
  client.connect({
    sock: connect({ host: '127.0.0.1', port, noDelay: true }),
    username: 'demo',
    privateKey,
    hostVerifier: (key: Buffer) => key.toString('base64') === hostKey,
    ...rest,
  });
  return ready;
}

export function openChannel(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

export function openTunnel(client: Client, port: number, address = '127.0.0.1'): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, address, port, (error, channel) =>
      error ? reject(error) : resolve(channel),
    );
  });
}

/** Runs a command with `input` as the whole of its stdin. */
export async function run(client: Client, command: string, input = ''): Promise<Finished> {
  const channel = await openChannel(client, command);
  const code = once(channel, 'close').then(([status]) => (typeof status === 'number' ? status : null));
  channel.end(input);
  const [stdout, stderr] = await Promise.all([textOf(channel), textOf(channel.stderr)]);
  return { stdout, stderr, code: await code };
}

/** All that the stream reads, until its end. Unlike `for await` it leaves the other half of a Duplex open. */
export function textOf(stream: Readable): Promise<string> {
  const parts: Buffer[] = [];
  return new Promise((resolve, reject) => {
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
    stream.on('error', reject);
  });
}

/** An HTTP request over a channel; a body makes it a POST. */
export async function ask(channel: ClientChannel, path: string, body?: object): Promise<IncomingMessage> {
  const outgoing = request({
    path,
    method: body === undefined ? 'GET' : 'POST',
    headers: { host: 'localhost', connection: 'close' },
    createConnection: () => channel,
  });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return response;
}

/** The data of each server-sent event. */
export const eventsOf = (text: string): readonly string[] =>
  text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => event.replace(/^data: /, ''));

/** Whether the process runs; one that has ended and waits to be collected does not. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}
