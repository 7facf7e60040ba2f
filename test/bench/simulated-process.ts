// Simulated hosts in a process of their own: real SSH connections, on each a shell that answers the probe's requests and a
// model server, but no programs. So a thousand of them fit on one computer.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { newKey } from '../../main/demo/keys.ts';
import { answerProbe, type ProbePart } from '../../main/demo/probe-session.ts';
import { knownHosts, sshConfig } from '../../main/demo/ssh-files.ts';
import { type BenchModelServer, createModelServer } from './model-server.ts';
import { gpuTitles, ssOutput } from './stand-ins.ts';

const count = Number(process.argv[2]);
const [hostKey, clientKey] = [newKey(), newKey()];
const directory = await mkdtemp(join(tmpdir(), 'vllm-tray-simulated-'));

const hosts = await Promise.all(Array.from({ length: count }, (_, n) => startHost(`host-${n}`, n)));
const paths = { identity: join(directory, 'id'), knownHosts: join(directory, 'known_hosts') };
await writeFile(paths.identity, clientKey.private, { mode: 0o600 });
await writeFile(paths.knownHosts, knownHosts(hosts));
const sshConfigPath = join(directory, 'config');
await writeFile(sshConfigPath, sshConfig(hosts, paths));
process.once('disconnect', async () => {
  await rm(directory, { recursive: true, force: true });
  process.exit();
});
process.send?.({ sshConfigPath, links: [] });

async function startHost(alias: string, n: number) {
  const server = createModelServer(`org/model-${n}`, n);
  const ssh = new ssh2.Server({ hostKeys: [hostKey.private] }, (connection) =>
    serve(connection, alias, server),
  );
  const listener = createServer({ noDelay: true }, (socket) => ssh.injectSocket(socket));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return { alias, port: (listener.address() as AddressInfo).port, hostKey: hostKey.public, known: true };
}

function serve(connection: Connection, alias: string, server: BenchModelServer): void {
  connection.on('error', () => undefined);
  connection.on('authentication', (context) => {
    if (context.method === 'publickey') context.accept();
    else context.reject(['publickey']);
  });
  connection.on('session', (accept) => {
    accept().on('exec', (open) => answerRequests(open(), alias));
  });
  connection.on('tcpip', (accept, reject, { destPort }) => {
    if (destPort === server.port) server.accept(accept());
    else reject();
  });
}

function answerRequests(channel: ServerChannel, alias: string): void {
  let samples = 0;
  const part = (name: string, text: string): ProbePart => ({ name, code: 0, text });
  answerProbe(channel, channel, ({ verb }) => {
    switch (verb) {
      case 'gpus': {
        samples += 1;
        const availableKib = 1_500_000_000 + samples * 9000;
        const load = `${(samples % 700) / 100} 1 1 1/1 1\ncpus 0-127\nMemTotal: 2000000000 kB\nMemAvailable: ${availableKib} kB\n`;
        return [part('gpus', gpuTable(alias, samples)), part('host', load)];
      }
      case 'apps':
        return [part('apps', 'gpu_uuid, pid, process_name, used_gpu_memory [MiB]\n')];
      case 'facts':
        return [part('cuda', 'CUDA Version : 12.8\n')];
      case 'ports':
        return [part('ss', ssOutput)];
      default:
        return [];
    }
  });
  channel.on('end', () => channel.close());
}

function gpuTable(alias: string, n: number): string {
  const rows = Array.from({ length: 8 }, (_, gpu) => {
    const [used, celsius, watts] = [
      1000 + ((gpu * 9973) % 79_000) + (n % 100),
      40 + ((n + gpu) % 30),
      100 + ((n * 11 + gpu) % 550),
    ];
    return `${gpu}, GPU-${alias}-${gpu}, NVIDIA H100 80GB HBM3, ${(n * 7 + gpu * 13) % 101}, ${used}, 81559, ${celsius}, ${watts}.25, 570.133.20, Disabled, 700.00, [N/A], ${1980 - ((n + gpu) % 4) * 15}, 2619, 0, 0x0000000000000000, 00000000:1${gpu}:00.0`;
  });
  return [gpuTitles, ...rows, ''].join('\n');
}
