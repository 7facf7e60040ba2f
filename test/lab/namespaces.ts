import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { signalAll } from '../support/processes.ts';

const run = promisify(execFile);

/** A "host": a network namespace with its own loopback, reached at `address` from here. */
export interface Namespace {
  readonly name: string;
  readonly address: string;
}

/** Why namespaces cannot be made here, or null when they can. */
export function namespacesMissing(): string | null {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  try {
    execFileSync('ip', ['netns', 'add', probeName()], { stdio: 'pipe' });
    execFileSync('ip', ['netns', 'del', probeName()], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return `network namespaces cannot be made: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  }
}

const probeName = (): string => `vt${process.pid}probe`;

/** The part of 198.18.0.0/15 (benchmarks, RFC 2544) that is this process's: two labs may run side by side. */
const blocks = 64;
const netsPerBlock = 512;

/** The n-th /30 of this process: the near end's address and the far one's. */
function addressesOf(n: number): { readonly near: string; readonly far: string } {
  if (n >= netsPerBlock) throw new Error(`at most ${netsPerBlock} namespaces`);
  const base = ((process.pid % blocks) * netsPerBlock + n) * 4;
  const at = (offset: number): string =>
    [198, 18 + (base >> 16), (base >> 8) & 255, (base & 255) + offset].join('.');
  return { near: at(1), far: at(2) };
}

/**
 * Makes one namespace per entry, each joined to this one by a veth pair, of its name here, with a /30 of its own; an entry
 * that is a number is joined to the namespace of that index instead, and reached from there only. Those left behind by a
 * process that has died are removed first.
 */
export async function addNamespaces(gateways: readonly (number | null)[]): Promise<Namespace[]> {
  await removeOrphans();
  const name = (index: number): string => `vt${process.pid}n${index + 1}`;
  const indexes = [...gateways.keys()];
  await ipBatch(
    [],
    indexes.map((index) => `netns add ${name(index)}`),
  );
  for (const gateway of new Set(gateways)) {
    await ipBatch(
      gateway === null ? [] : ['-n', name(gateway)],
      indexes
        .filter((index) => gateways[index] === gateway)
        .flatMap((index) => [
          `link add ${name(index)} type veth peer name eth0 netns ${name(index)}`,
          `addr add ${addressesOf(index).near}/30 dev ${name(index)}`,
          `link set ${name(index)} up`,
        ]),
    );
  }
  await Promise.all(
    indexes.map((index) =>
      ipBatch(
        ['-n', name(index)],
        ['link set lo up', `addr add ${addressesOf(index).far}/30 dev eth0`, 'link set eth0 up'],
      ),
    ),
  );
  return indexes.map((index) => ({ name: name(index), address: addressesOf(index).far }));
}

/** Files that stand in the place of those in /etc for every program started inside afterwards (ip-netns(8)). */
export async function writeEtc({ name }: Namespace, files: Readonly<Record<string, string>>): Promise<void> {
  if (Object.keys(files).length === 0) return;
  for (const [file, text] of Object.entries(files)) {
    const path = join(etcOf(name), file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode: file === 'shadow' ? 0o600 : 0o644 });
  }
}

const etcOf = (name: string): string => join('/etc/netns', name);

/** Ends whatever still runs inside, too: sessions that sshd has forked outlive it. */
export async function removeNamespaces(namespaces: readonly Namespace[]): Promise<void> {
  for (const { name } of namespaces) signalAll(await pidsIn({ name }), 'SIGKILL');
  await ipBatch(
    [],
    namespaces.map(({ name }) => `netns del ${name}`),
  );
  for (const { name } of namespaces) await rm(etcOf(name), { recursive: true, force: true });
}

async function removeOrphans(): Promise<void> {
  const { stdout } = await run('ip', ['netns', 'list']);
  const orphans = stdout.split('\n').flatMap((line) => {
    const match = /^(vt(\d+)n\d+)/.exec(line);
    return match?.[1] !== undefined && !isAlive(Number(match[2])) ? [match[1]] : [];
  });
  await ipBatch(
    [],
    orphans.map((name) => `netns del ${name}`),
  );
  for (const name of orphans) await rm(etcOf(name), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // ESRCH: no such process.
    return false;
  }
}

async function ipBatch(options: readonly string[], lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const child = spawn('ip', [...options, '-batch', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  child.stdin.end(`${lines.join('\n')}\n`);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`ip ${options.join(' ')} -batch: ${complaint}`);
}

/** The processes that run inside. */
export async function pidsIn({ name }: Pick<Namespace, 'name'>): Promise<number[]> {
  const { stdout } = await run('ip', ['netns', 'pids', name]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

/** Cuts the way to a namespace, so that packets vanish as they do on a dead link, or mends it. */
export async function setLink({ name }: Namespace, state: 'up' | 'down'): Promise<void> {
  await run('ip', ['-n', name, 'link', 'set', 'eth0', state]);
}

/** Lets everything vanish that the namespace sends here, as on a dead link whose ends look well, or ends that. */
export async function swallow({ name, address }: Namespace, swallows: boolean): Promise<void> {
  await run('ip', ['-n', name, 'route', swallows ? 'add' : 'del', 'blackhole', nearOf(address)]);
}

/** The other end of its /30. */
function nearOf(address: string): string {
  return address.replace(/\d+$/, (last) => String(Number(last) - 1));
}

/**
 * Has the router pass packets between here and the namespaces that are joined to it, so that they are reached over two
 * links: what happens to the second one is not seen at an interface of this computer.
 */
export async function routeThrough(router: Namespace, namespaces: readonly Namespace[]): Promise<void> {
  await run('ip', ['netns', 'exec', router.name, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
  for (const { name, address } of namespaces) {
    await run('ip', ['-n', name, 'route', 'add', 'default', 'via', nearOf(address)]);
    // Gone with the link to the router.
    await run('ip', ['route', 'add', address, 'via', router.address]);
  }
}

/** Pulls the plug between the router and the namespace: the router says that it cannot be reached. */
export async function unplug(router: Namespace, { name }: Namespace, isOut: boolean): Promise<void> {
  // At the router's end: the routes of the namespace itself would be lost with its own.
  await run('ip', ['-n', router.name, 'link', 'set', name, isOut ? 'down' : 'up']);
}

/** Lets all packets to and from the namespace vanish at its router without a word, or ends that. */
export async function cut(router: Namespace, { address }: Namespace, isCut: boolean): Promise<void> {
  const verb = isCut ? 'add' : 'del';
  await ipBatch(
    ['-n', router.name],
    ['from', 'to'].map((way) => `rule ${verb} ${way} ${address} blackhole`),
  );
}

/** Starts a program inside the namespace; its pid is the program's own. */
export function spawnIn({ name }: Namespace, command: string, args: readonly string[]): ChildProcess {
  return spawn('ip', ['netns', 'exec', name, command, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Listening sockets inside the namespace, owned by this process; in the order of the addresses. */
export async function listenIn(
  { name }: Namespace,
  addresses: readonly { readonly host: string; readonly port: number }[],
): Promise<Server[]> {
  if (addresses.length === 0) return [];
  const script = fileURLToPath(new URL('listen-in-namespace.mjs', import.meta.url));
  const child = spawn('ip', ['netns', 'exec', name, process.execPath, script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const servers: Server[] = [];
  child.on('message', (_message, handle) => servers.push(handle as Server));
  child.send(addresses);
  // The messages are all here when the channel has ended, which may be after the process.
  const [[code]] = await Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  if (code !== 0 || servers.length !== addresses.length) throw new Error(`could not listen in ${name}`);
  return servers;
}
