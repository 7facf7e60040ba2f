/** Debian's prometheus, VictoriaMetrics, node_exporter, Pushgateway and nginx for tests: each on a high port of 127.0.0.1, in a folder of its own. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const programs = {
  prometheus: ['/usr/bin/prometheus', '/usr/local/bin/prometheus'],
  promtool: ['/usr/bin/promtool', '/usr/local/bin/promtool'],
  'prometheus-node-exporter': ['/usr/bin/prometheus-node-exporter'],
  'prometheus-pushgateway': ['/usr/bin/prometheus-pushgateway'],
  'victoria-metrics': ['/usr/bin/victoria-metrics'],
  nginx: ['/usr/sbin/nginx'],
} as const;

export type Program = keyof typeof programs;

const pathOf = (program: Program): string | undefined => programs[program].find((path) => existsSync(path));

/** Whether all of them are installed; prints which is not, for `describe.skipIf(!haveAll('prometheus'))`. */
export function haveAll(...wanted: readonly Program[]): boolean {
  const missing = wanted.filter((program) => pathOf(program) === undefined);
  if (missing.length > 0) console.warn(`skipped: there is no ${missing.join(' and no ')} here`);
  return missing.length === 0;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** What one instance shows at `/metrics`; it can be changed, and be switched off. */
export interface Exporter {
  readonly port: number;
  text: string;
  /** Answers with 503 while false. */
  isUp: boolean;
  stop(): Promise<void>;
}

/** A server of metrics, which are a text of the test. */
export async function startExporter(text: string): Promise<Exporter> {
  const server: Server = createHttpServer((_request, response) => {
    response.writeHead(exporter.isUp ? 200 : 503, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(exporter.isUp ? exporter.text : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const exporter: Exporter = {
    port: (server.address() as AddressInfo).port,
    text,
    isUp: true,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return exporter;
}

export interface Running {
  readonly port: number;
  readonly url: string;
  /** Ends it, and starts it anew with the same data and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface ScrapeTarget {
  readonly port: number;
  /** What Prometheus calls it; default: its address. */
  readonly instance?: string;
  readonly job?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Its job's series keep the `instance` that they come with. */
  readonly honorLabels?: boolean;
}

/** A Prometheus that scrapes these targets every two seconds, by default, and has this past (OpenMetrics text) of them. */
export async function startPrometheus(
  targets: readonly ScrapeTarget[],
  args: readonly string[] = [],
  scrapeS = 2,
  past: string | null = null,
): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'vt-prometheus-'));
  await writeFile(join(folder, 'prometheus.yml'), configuration(targets, scrapeS));
  if (past !== null) {
    const file = join(folder, 'past.txt');
    await writeFile(file, past);
    const blocks = ['tsdb', 'create-blocks-from', 'openmetrics', file, join(folder, 'data')];
    await promisify(execFile)(pathOf('promtool') ?? 'promtool', blocks);
  }
  const port = await freePort();
  return keepRunning(folder, port, 'prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
    ...args,
  ]);
}

/** VictoriaMetrics in its place. */
export async function startVictoriaMetrics(targets: readonly ScrapeTarget[]): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'vt-victoria-'));
  await writeFile(join(folder, 'prometheus.yml'), configuration(targets));
  const port = await freePort();
  return keepRunning(folder, port, 'victoria-metrics', [
    `-promscrape.config=${join(folder, 'prometheus.yml')}`,
    `-storageDataPath=${join(folder, 'data')}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    '-search.latencyOffset=1s',
    '-loggerLevel=ERROR',
  ]);
}

/** node_exporter with only its textfile collector, over the files of a folder that the test writes. */
export async function startNodeExporter(textfiles: string): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'vt-node-exporter-'));
  const port = await freePort();
  return keepRunning(folder, port, 'prometheus-node-exporter', [
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
    '--collector.disable-defaults',
    '--collector.textfile',
    '--collector.loadavg',
    '--collector.meminfo',
    '--collector.uname',
    '--collector.cpu',
    `--collector.textfile.directory=${textfiles}`,
  ]);
}

/** A Pushgateway; `push` gives it the series of an instance, in place of those before. */
export async function startPushgateway(): Promise<
  Running & { push(instance: string, text: string): Promise<void> }
> {
  const folder = await mkdtemp(join(tmpdir(), 'vt-pushgateway-'));
  const port = await freePort();
  const running = await keepRunning(folder, port, 'prometheus-pushgateway', [
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ]);
  return {
    ...running,
    async push(instance, text) {
      const url = `${running.url}/metrics/job/pushed/instance/${instance}`;
      const { status } = await fetch(url, { method: 'PUT', body: text });
      if (status >= 300) throw new Error(`the Pushgateway answers ${status}`);
    },
  };
}

/** nginx with this body of its `server` block; `ssl` after its port takes TLS. */
export async function startNginx(
  body: string,
  ssl: 'ssl' | '' = '',
): Promise<Running & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'vt-nginx-'));
  await mkdir(join(folder, 'temp'));
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, 'temp')};`)
    .join(' ');
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${join(folder, 'pid')}; error_log stderr crit; events {}
     http { access_log off; ${temporary} server { listen 127.0.0.1:${port} ${ssl}; ${body} } }`,
  );
  const running = await keepRunning(folder, port, 'nginx', [
    '-e',
    'stderr',
    '-p',
    folder,
    '-c',
    join(folder, 'nginx.conf'),
  ]);
  return { ...running, folder };
}

async function keepRunning(
  folder: string,
  port: number,
  program: Program,
  args: readonly string[],
): Promise<Running> {
  let child: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    child = spawn(pathOf(program) ?? program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    await untilAnswers(port);
  };
  const end = async (): Promise<void> => {
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  await start();
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async restart() {
      await end();
      await start();
    },
    async stop() {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Polls until it listens and is ready; a server that never is fails the test that waits for it. */
async function untilAnswers(port: number): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => null);
    if (answer !== null && answer.status !== 503) return;
    await delay(50);
  }
  throw new Error(`nothing answers at ${port}`);
}

function configuration(targets: readonly ScrapeTarget[], scrapeS = 2): string {
  const every = `${scrapeS}s`;
  const jobs = new Map<string, ScrapeTarget[]>();
  for (const target of targets) {
    const job = target.job ?? 'exporters';
    jobs.set(job, [...(jobs.get(job) ?? []), target]);
  }
  const configs = [...jobs].map(([job_name, group]) => ({
    job_name,
    honor_labels: group.some(({ honorLabels }) => honorLabels === true),
    static_configs: group.map(({ port, instance, labels }) => ({
      targets: [`127.0.0.1:${port}`],
      labels: { ...labels, ...(instance !== undefined && { instance }) },
    })),
  }));
  // JSON is YAML.
  return JSON.stringify({
    global: { scrape_interval: every, scrape_timeout: every },
    scrape_configs: configs,
  });
}

/** The UUID of a GPU that {@link dcgmText} shows. */
export function uuidOf(host: string, gpu: number): string {
  const digits = host.replace(/[^0-9a-f]/gi, '').padStart(8, '0');
  return `GPU-00000000-0000-0000-0000-${digits}${String(gpu).padStart(4, '0')}`;
}

/** What dcgm-exporter shows of GPUs up to 4.8, or from 4.9. */
export function dcgmText(
  nameSet: 'old' | 'new',
  gpus: readonly {
    readonly util: number;
    readonly usedMiB: number;
    readonly hostname?: string;
    readonly host?: string;
    readonly more?: string;
  }[],
): string {
  const lines = gpus.flatMap(({ util, usedMiB, hostname = 'localhost', host = 'h', more = '' }, gpu) => {
    const uuid = uuidOf(host, gpu);
    const driver = nameSet === 'old' ? 'DCGM_FI_DRIVER_VERSION' : 'DCGM_FI_SYSTEM_DRIVER_VERSION';
    const name = nameSet === 'old' ? 'Hostname' : 'hostname';
    const labels = `{gpu="${gpu}",UUID="${uuid}",pci_bus_id="00000000:0${gpu}:00.0",device="nvidia${gpu}",modelName="NVIDIA H100 80GB HBM3",${name}="${hostname}",${driver}="570.86"${more}}`;
    const mib = 1_048_576;
    return nameSet === 'old'
      ? [
          `DCGM_FI_DEV_GPU_UTIL${labels} ${util}`,
          `DCGM_FI_DEV_FB_USED${labels} ${usedMiB}`,
          `DCGM_FI_DEV_FB_FREE${labels} ${81_000 - usedMiB}`,
          `DCGM_FI_DEV_FB_RESERVED${labels} 559`,
          `DCGM_FI_DEV_GPU_TEMP${labels} 41`,
          `DCGM_FI_DEV_POWER_USAGE${labels} 120.5`,
          `DCGM_FI_DEV_XID_ERRORS${labels} 0`,
        ]
      : [
          `DCGM_FI_DEV_GPU_UTIL_RATIO${labels} ${util / 100}`,
          `DCGM_FI_DEV_FB_USED_BYTES${labels} ${usedMiB * mib}`,
          `DCGM_FI_DEV_FB_CAPACITY_BYTES${labels} ${81_559 * mib}`,
          `DCGM_FI_DEV_GPU_TEMP_CELSIUS${labels} 41`,
          `DCGM_FI_DEV_BOARD_POWER_WATTS${labels} 120.5`,
          `DCGM_FI_DEV_XID_ERROR${labels} 0`,
        ];
  });
  return `${lines.join('\n')}\n`;
}
