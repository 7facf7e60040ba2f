/** What the scripts of host-scripts.ts print. It comes from a host, so every text in it is bounded and may be hostile. Pure. */

import * as z from 'zod/mini';
import {
  defaultLaunchName,
  type Launch,
  launcherKinds,
  launchId,
  launchNamePattern,
} from '#common/launches.ts';
import { plainBlock, plainText } from '#common/text.ts';
import { logTailBytes } from './host-scripts.ts';
import type { HostFacts } from './launchers/launcher.ts';
import { type LaunchFacts, lastLineOf, logLines, stageOf } from './stages.ts';

export interface FoundFacts extends HostFacts {
  /** The first free port of those that were asked for; null where none is. */
  readonly port: number | null;
}

/** Reads the answer of `factsScript`. */
export function parseFacts(text: string): FoundFacts {
  const values = (key: string): readonly string[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${key} `))
      .map((line) => line.slice(key.length + 1));
  const programs = values('program');
  const pathOf = (name: string): string | null => programs.find((path) => path.endsWith(`/${name}`)) ?? null;
  const tool = (['docker', 'podman'] as const).find((name) => pathOf(name) !== null);
  const port = Number(values('port')[0]);
  return {
    condaBases: values('conda'),
    condaEnvironments: values('environment'),
    vllm: pathOf('vllm'),
    uv: pathOf('uv') !== null,
    containerTool: tool ?? null,
    port: Number.isInteger(port) && port > 0 ? port : null,
  };
}

const port = z.int().check(z.gte(1), z.lte(65_535));
const text = z.string().check(z.maxLength(20_000));

/** meta.json as the app writes it; `startedAt` in seconds of the host's clock. */
const meta = z.object({
  model: text,
  remotePort: port,
  gpus: z.array(z.string().check(z.maxLength(200))).check(z.maxLength(1000)),
  launcher: z.enum(launcherKinds),
  command: text,
  startedAt: z.int().check(z.gte(0)),
});

/** A launch as the host has it, before its server was asked. */
export interface FoundLaunch extends Omit<Launch, 'stage' | 'lastLine'> {
  readonly facts: Omit<LaunchFacts, 'answers'>;
  readonly lines: readonly string[];
}

/**
 * Reads the answer of `lookScript`; a launch that is none of the app's, or whose meta.json says something else than the app writes,
 * is left out. Times are those of this computer, `nowMs` the moment of the answer.
 */
export function parseLook(
  answer: string,
  { hostId, sentinel, nowMs }: { readonly hostId: string; readonly sentinel: string; readonly nowMs: number },
): readonly FoundLaunch[] {
  const hostNow = Number(/^now (\d+)$/m.exec(answer.split('\nlaunch ', 1)[0] ?? '')?.[1] ?? Number.NaN);
  const atMs = (seconds: number): number =>
    Number.isNaN(hostNow) ? seconds * 1000 : Math.round(nowMs + (seconds - hostNow) * 1000);
  // Behind the last sentinel stands what was cut short.
  const whole = answer.split(`\n${sentinel}\n`).slice(0, -1);
  return whole.flatMap((text) => {
    // A log may hold lines that look like the beginning of a launch.
    const at = text.search(/^launch [^\n]*\nprogram /m);
    const found = at < 0 ? null : parseBlock(text.slice(at + 'launch '.length), { hostId, atMs });
    return found === null ? [] : [found];
  });
}

interface Reading {
  readonly hostId: string;
  readonly atMs: (seconds: number) => number;
}

function parseBlock(block: string, { hostId, atMs }: Reading): FoundLaunch | null {
  const [head = '', ...logged] = block.split('\nlog\n');
  const log = logged.join('\nlog\n');
  const [name = '', ...rows] = head.split('\n');
  if (!launchNamePattern.test(name)) return null;
  const values = new Map(rows.map((row) => [row.split(' ')[0], row.slice(row.indexOf(' ') + 1)]));
  const known = ofApp(values.get('meta'), atMs) ?? ofVllmctl(name, values.get('session'), atMs);
  if (known === null) return null;
  const ends = Number(values.get('ends') || Number.NaN);
  const code = Number(values.get('exit') || Number.NaN);
  const why = values.get('why');
  const runs = values.get('program') === 'runs';
  return {
    ...known,
    id: launchId(hostId, name),
    hostId,
    name,
    endsAt: Number.isNaN(ends) ? null : atMs(ends),
    facts: {
      program: runs ? { kind: 'runs' } : { kind: 'ended', code: Number.isNaN(code) ? null : code },
      endedFor: why === 'asked' || why === 'lifetime' ? why : null,
    },
    lines: logLines(log),
  };
}

type Known = Pick<Launch, 'model' | 'remotePort' | 'gpus' | 'launcher' | 'command' | 'startedAt'>;

function ofApp(json: string | undefined, atMs: Reading['atMs']): Known | null {
  if (json === undefined) return null;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // Cut short, or another program's.
    return null;
  }
  const { data } = meta.safeParse(value);
  if (data === undefined) return null;
  return {
    model: plainText(data.model, 300),
    remotePort: data.remotePort,
    gpus: data.gpus.map((uuid) => plainText(uuid)),
    launcher: data.launcher,
    command: plainText(data.command, 20_000),
    startedAt: atMs(data.startedAt),
  };
}

function ofVllmctl(name: string, created: string | undefined, atMs: Reading['atMs']): Known | null {
  const [, digits] = /^vllmctl_server_(\d{1,5})$/.exec(name) ?? [];
  if (created === undefined || digits === undefined || name !== defaultLaunchName(Number(digits)))
    return null;
  const remotePort = Number(digits);
  if (remotePort < 1 || remotePort > 65_535) return null;
  return {
    model: null,
    remotePort,
    gpus: [],
    launcher: null,
    command: null,
    startedAt: atMs(Number(created)),
  };
}

/** The launch with its stage, now that it is known whether its server answers. */
export function toLaunch({ facts, lines, ...launch }: FoundLaunch, answers: boolean): Launch {
  return { ...launch, stage: stageOf(lines, { ...facts, answers }), lastLine: lastLineOf(lines) };
}

/** Part of a log, as plain lines. */
export interface LogPart {
  readonly text: string;
  /** Where the next part begins, in bytes. */
  readonly next: number;
}

/** Reads the answer of `logScript`. */
export function parseLog(answer: string): LogPart {
  const at = answer.indexOf('\n');
  const size = Number(/^size (\d+)$/.exec(answer.slice(0, at))?.[1] ?? 0);
  // Where a bar goes on that was in the part before, it stands below itself.
  const text = answer.slice(at + 1).replace(/^\r+(?!\n)/, '\n');
  return { text: plainBlock(logLines(text).join('\n'), logTailBytes), next: size };
}
