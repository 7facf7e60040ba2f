/** The launches of one host, over its connection: asks, starts, ends. */

import { randomBytes } from 'node:crypto';
import { AppError, type ErrorCode } from '#common/failure.ts';
import type { HostId } from '#common/ids.ts';
import type { Launch } from '#common/launches.ts';
import { authorityOf, plainText } from '#common/text.ts';
import { createHttpClient } from '../models/http.ts';
import { parseModelList } from '../models/listing.ts';
import { runScript } from '../probe/run-script.ts';
import type { Pool } from '../ssh/pool.ts';
import type { Transport } from '../ssh/transport.ts';
import {
  type FoundFacts,
  type FoundLaunch,
  type LogPart,
  parseFacts,
  parseLog,
  parseLook,
  toLaunch,
} from './host-answers.ts';
import {
  extendScript,
  factsScript,
  logScript,
  lookScript,
  type StartFiles,
  startScript,
  stopScript,
} from './host-scripts.ts';

export interface HostLaunches {
  /** What launchers ask for, and a free port from `from` to `to`. */
  facts(ports: { readonly from: number; readonly to: number }): Promise<FoundFacts>;
  /** All launches of the user on this host. */
  look(): Promise<readonly Launch[]>;
  /** Errors: `gpus-busy`, `launch-refused`. */
  start(files: StartFiles): Promise<void>;
  /** Resolves when nothing of it runs any more. Errors: `not-found`, `launch-refused`. */
  stop(name: string): Promise<void>;
  /** Moves its end by so many seconds. Errors: `not-found`, `launch-refused` where it has none. */
  extend(name: string, seconds: number): Promise<void>;
  /** Its log from that byte on, at most 64 KiB. */
  log(name: string, after: number): Promise<LogPart>;
}

export interface HostLaunchesDeps {
  readonly pool: Pick<Pool, 'get'>;
  readonly hostId: HostId;
  readonly httpMs: number;
  readonly signal: AbortSignal;
}

const askMs = 30_000;
/** The lock of another start, the check of the GPUs, and the login shell's own time. */
const startMs = 90_000;
/** Twice 20 seconds between TERM and KILL, and some for a slow host. */
const stopMs = 100_000;

/** Every method rejects with an AppError: those below, of connecting, `probe-timeout` and `no-shell`. */
export function createHostLaunches({ pool, hostId, httpMs, signal }: HostLaunchesDeps): HostLaunches {
  const connection = async (): Promise<Transport> => (await pool.get(hostId, { signal })).transport;
  const ask = async (script: string, timeoutMs = askMs): Promise<string> =>
    await runScript(await connection(), script, { timeoutMs, signal });

  return {
    facts: async (ports) => parseFacts(await ask(factsScript(ports))),
    async look() {
      const sentinel = randomBytes(16).toString('hex');
      const answer = await ask(lookScript(sentinel));
      const found = parseLook(answer, { hostId, sentinel, nowMs: Date.now() });
      const transport = await connection();
      return await Promise.all(
        found.map(async (each) => toLaunch(each, await answers(each, { transport, httpMs, signal }))),
      );
    },
    async start(files) {
      demand('started', await ask(startScript(files), startMs));
    },
    async stop(name) {
      demand('ended', await ask(stopScript(name), stopMs));
    },
    async extend(name, seconds) {
      demand('extended', await ask(extendScript(name, seconds)));
    },
    log: async (name, after) => parseLog(await ask(logScript(name, after))),
  };
}

const refusals: Readonly<Record<string, readonly [ErrorCode, (what: string) => string]>> = {
  busy: ['launch-refused', () => 'another start on this host does not end'],
  name: ['launch-refused', () => 'a launch or session of this name runs already'],
  gpus: ['gpus-busy', (uuid) => `${uuid} is in use`],
  silent: ['launch-refused', (program) => `${program} does not say which GPUs are in use`],
  port: ['launch-refused', () => 'the port is taken'],
  start: ['launch-refused', () => 'the host could not start a program'],
  gone: ['not-found', () => 'the launch is not there any more'],
  endless: ['launch-refused', () => 'it has no end that could be moved'],
  stays: ['launch-refused', () => 'it still runs after it was killed'],
};

/** Errors: what the host refused, by its word. */
function demand(word: string, answer: string): void {
  const line = answer.trimEnd().split('\n').at(-1) ?? '';
  if (line === word) return;
  const [, reason = '', what = ''] = /^refused (\w+) ?(.*)$/.exec(line) ?? [];
  const [code, detailOf] = refusals[reason] ?? ['launch-refused' as const, () => plainText(line)];
  throw new AppError(code, { step: 'launch', detail: detailOf(plainText(what)) });
}

/** Whether `/v1/models` of a server that runs answers with a list; one that wants a key is up too. */
async function answers(
  { remotePort, facts }: FoundLaunch,
  {
    transport,
    httpMs,
    signal,
  }: { readonly transport: Transport; readonly httpMs: number; readonly signal: AbortSignal },
): Promise<boolean> {
  if (facts.program.kind === 'ended') return false;
  const address = '127.0.0.1';
  const client = createHttpClient({
    open: () => transport.stream(address, remotePort, { signal, timeoutMs: httpMs }),
    authority: authorityOf(address, remotePort),
    timeoutMs: httpMs,
  });
  try {
    const { status, body, contentType } = await client.get('/v1/models', signal);
    if (status === 401 || status === 403) return true;
    return status === 200 && parseModelList(body, contentType).models.length > 0;
  } catch (error) {
    // Nothing listens yet, or it is no model server: both mean that it is not ready.
    if (error instanceof AppError) return false;
    throw error;
  } finally {
    client.close();
  }
}
