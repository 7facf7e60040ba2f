import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { errors } from '#common/errors.ts';
import type { Problem, Snapshot } from '#common/model.ts';
import { isUp } from '#common/select.ts';
import type { Settings } from '#common/settings.ts';
import { createEngine, type Engine } from '#engine/engine.ts';
import { openSource } from '../demo/source.ts';
import { logInAtTerminal } from './asking.ts';
import { exitCodes, type Io, stderrLog, wantsColour } from './io.ts';
import { hasPerson } from './line-reader.ts';
import { type CommonOptions, withOptions } from './options.ts';
import { withProgress } from './progress.ts';
import type { TextStyle } from './table.ts';

/** One run of a command: an engine with the hosts listed, none of them contacted yet. */
export interface Session {
  readonly engine: Engine;
  readonly cadenceMs: number;
  /** Somebody wants to be asked at the terminal, and sits there. */
  readonly login: boolean;
}

interface SessionOptions extends CommonOptions {
  readonly remotePort?: readonly number[];
  /** What the command's own options say about the settings. */
  readonly change?: (settings: Settings) => Settings;
}

/** Opens the hosts, runs `work` and closes everything again, whatever happened. Returns the exit code. */
export async function withSession(
  options: SessionOptions,
  io: Io,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  const sshConfigPath = path.resolve(options.sshConfig ?? path.join(io.home, '.ssh', 'config'));
  if (options.sshConfig !== undefined && !(await isReadable(sshConfigPath))) {
    io.err.write(`error: ${sshConfigPath} cannot be read.\n`);
    return exitCodes.badUsage;
  }
  const { settings, problems, folder } = io.storedSettings();
  report(problems, io);
  // A script must not be handed simulated hosts because a configuration happens to be empty: the demo is asked for.
  const source = await openSource({ sshConfigPath, demo: options.demo === true, hasHosts: async () => true });
  const engine = createEngine({
    source: source.source,
    sshConfigPath: source.sshConfigPath,
    settings: options.change?.(withOptions(settings, options)) ?? withOptions(settings, options),
    log: stderrLog(io, options.debug === true),
    home: io.home,
    env: io.env,
    ...(folder !== null && { dataFolder: folder }),
    hostRegex: options.hostRegex,
    remotePorts: options.remotePort,
  });
  try {
    if (source.source.kind === 'demo') io.err.write('Demo cluster: simulated hosts on this computer.\n');
    await engine.loadHosts();
    report(engine.snapshot().problems, io);
    if (engine.snapshot().hosts.length === 0) io.err.write(noHosts(options, sshConfigPath));
    const login = options.login === true && hasPerson(io);
    if (options.login === true && !login)
      io.err.write('--login has no terminal to ask at; nobody is asked.\n');
    return await work({ engine, cadenceMs: settings.cadence.gpusMs, login });
  } finally {
    await engine.dispose();
    await source.dispose();
  }
}

/** Scans all hosts with a progress bar, and logs in where that was asked for; false when it was interrupted. */
export async function scanAll({ engine, login }: Session, io: Io): Promise<boolean> {
  if (io.interrupted.aborted) return false;
  const cancel = () => void engine.handlers['scan.cancel']({});
  io.interrupted.addEventListener('abort', cancel, { once: true });
  await withProgress(io.err, engine, engine.scan());
  io.interrupted.removeEventListener('abort', cancel);
  if (login && !io.interrupted.aborted && !(await logInAtTerminal(engine, io))) return false;
  return !io.interrupted.aborted;
}

/** What a command that asked the hosts ends with. */
export function answerCode({ hosts }: Snapshot): number {
  return hosts.some((host) => isUp(host.state)) ? exitCodes.ok : exitCodes.noAnswer;
}

export function textStyle({ out, env }: Pick<Io, 'out' | 'env'>): TextStyle {
  return { width: out.isTTY ? (out.columns ?? 80) : null, colour: wantsColour(out, env) };
}

function report(problems: readonly Problem[], { err }: Io): void {
  for (const { code, detail } of problems) err.write(`${errors[code].title}: ${detail}\n`);
}

function noHosts({ hostRegex }: CommonOptions, file: string): string {
  const which = hostRegex === undefined ? '' : ` that matches ${hostRegex}`;
  return `There is no host${which} in ${file}. Try --demo to see what this looks like.\n`;
}

async function isReadable(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}
