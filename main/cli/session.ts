import { configPath, openEngine } from '#app/open-engine.ts';
import { describeFailure, type Problem } from '#common/failure.ts';
import { asOf } from '#common/freshness.ts';
import { countEn } from '#common/language.ts';
import { sourceName } from '#common/prometheus.ts';
import { isUp } from '#common/select/hosts.ts';
import type { Settings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { plainText } from '#common/text.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import type { Engine } from '#engine/engine.ts';
import { readAliases } from '#engine/ssh/config/config.ts';
import { startDemoCluster } from '../demo/cluster.ts';
import { logInAtTerminal } from './asking.ts';
import { exitCodes, type Io, printLines, stderrLog, wantsColour } from './io.ts';
import { hasPerson } from './line-reader.ts';
import { type CommonOptions, prometheusToken, withSources } from './options.ts';
import { withProgress } from './progress.ts';
import { didYouMean, sentences } from './suggest.ts';
import type { TextStyle } from './table.ts';
import { linesOf, type View } from './view.ts';

/** One run of a command: an engine with the hosts listed, none of them contacted yet. */
export interface Session {
  readonly engine: Engine;
  readonly cadenceMs: number;
  /** A person wants to be asked at the terminal, and sits there. */
  readonly login: boolean;
}

interface SessionOptions extends CommonOptions {
  readonly remotePort?: readonly number[];
  /** Addresses of Prometheus that are read beside SSH. */
  readonly prometheus?: readonly string[];
  readonly tmuxPrefix?: string;
  /** A range of local ports was named, and forwards keep to it. */
  readonly localRange?: Settings['localPorts'];
  /**
   * A command about this computer contacts no host, and says nothing of them; one about a named host says itself that it is
   * not there. Default: about all hosts.
   */
  readonly about?: 'this-computer' | 'named-host';
  /** What the command's own options say about the settings. */
  readonly change?: (settings: Settings) => Settings;
}

/** Opens the hosts, runs `work` and closes everything again, whatever happened. Returns the exit code. */
export async function withSession(
  options: SessionOptions,
  io: Io,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  const { settings, problems, folder, follow } = io.storedSettings();
  report(problems, io);
  const { prometheus = [], change = (stored) => stored } = options;
  const token = io.env[prometheusToken];
  const withThem = withSources(prometheus, io.env);
  const { engine, source, dispose } = await openEngine(options, {
    settings,
    ...(follow !== undefined && { followSettings: follow }),
    ...(folder !== null && { dataFolder: folder }),
    change: (stored) => change(withThem(stored)),
    ...(token !== undefined && { sourceSecrets: () => ({ login: token, header: null }) }),
    log: stderrLog(io, options.debug === true),
    home: io.home,
    env: () => io.env,
    startDemo: startDemoCluster,
    // A script must not be handed simulated hosts because a configuration happens to be empty: the demo is asked for.
    withoutHosts: 'nothing',
    remotePorts: options.remotePort,
    tmuxPrefix: options.tmuxPrefix,
    strictRange: options.localRange !== undefined,
  });
  try {
    if (source.kind === 'demo') io.err.write('Demo cluster: simulated hosts on this computer.\n');
    await engine.loadHosts();
    if (options.about !== 'this-computer') report(engine.snapshot().problems, io);
    if (options.about === undefined && engine.snapshot().hosts.length === 0 && prometheus.length === 0)
      io.err.write(
        `${await noHosts(options, engine.snapshot(), { file: configPath(options, io.home), home: io.home })}\n`,
      );
    const login = options.login === true && hasPerson(io);
    if (options.login === true && !login)
      io.err.write('--login has no terminal to ask at; no question is asked.\n');
    return await work({ engine, cadenceMs: engine.snapshot().settings.cadence.gpusMs, login });
  } finally {
    await dispose();
  }
}

/** Scans all hosts with a progress bar, and logs in where that was asked for; false when it was interrupted. */
export async function scanAll({ engine, login }: Session, io: Io): Promise<boolean> {
  if (io.interrupted.aborted) return false;
  const cancel = () => void engine.handlers['scan.cancel']({});
  io.interrupted.addEventListener('abort', cancel, { once: true });
  await withProgress(io.err, engine, engine.scan());
  io.interrupted.removeEventListener('abort', cancel);
  reportSources(engine.snapshot(), io);
  if (login && !io.interrupted.aborted && !(await logInAtTerminal(engine, io))) return false;
  return !io.interrupted.aborted;
}

/**
 * What the latest scan has found, however long it took: what it measured at its beginning is as good as what it measured at its
 * end, and only what is older is unknown.
 */
export function scanned({ snapshot }: Pick<Engine, 'snapshot'>): Snapshot {
  const current = snapshot();
  return asOf(current, 'startedAt' in current.scan ? current.scan.startedAt : Date.now());
}

/** What a command that asked the hosts ends with; a server of this computer that says how busy it is has answered too. */
export function answerCode({ hosts, localServers }: Snapshot): number {
  const hasAnswer =
    hosts.some((host) => isUp(host.state)) || localServers.some(({ loads }) => loads.length > 0);
  return hasAnswer ? exitCodes.ok : exitCodes.noAnswer;
}

export function textStyle({ out, env }: Pick<Io, 'out' | 'env'>): TextStyle {
  return { width: out.isTTY ? (out.columns ?? 80) : null, colour: wantsColour(out, env) };
}

/** Prints what a command shows once. */
export function printView(view: View, io: Io): void {
  printLines(io.out, linesOf(view, textStyle(io)));
}

function report(problems: readonly Problem[], { err }: Io): void {
  for (const { code, detail } of problems) err.write(`${errorsEn[code].title}: ${detail}\n`);
}

/** What is wrong with a source, in one line each. */
function reportSources({ prometheus, settings }: Snapshot, { err }: Io): void {
  for (const { id, state, partial } of prometheus) {
    const source = settings.prometheus.find((one) => one.id === id);
    if (source === undefined) continue;
    const name = sourceName(source);
    if (state.kind === 'failed')
      err.write(`${name}: ${describeFailure(state.failure)}. ${errorsEn[state.failure.code].hint}\n`);
    else if (partial !== null) err.write(`${name}: the answer is partial (${partial})\n`);
  }
}

/** Why there is no host, with the way out. */
async function noHosts(
  { hostRegex, group, demo }: CommonOptions,
  { excludedAliases }: Snapshot,
  { file, home }: { readonly file: string; readonly home: string },
): Promise<string> {
  const where = demo ? 'the demo cluster' : file;
  if (excludedAliases.length > 0)
    return `${countEn(excludedAliases.length, 'host is', 'hosts are')} switched off in the settings, and no other one is in ${where}.`;
  if (group !== undefined) {
    const what = hostRegex === undefined ? '' : ` that matches ${hostRegex}`;
    return `There is no host${what} in the group ${plainText(group, 60)} of ${where}. Groups are what # group: comments, included files and the settings name.`;
  }
  if (hostRegex === undefined) return `There is no host in ${file}. Try --demo to see what this looks like.`;
  const none = `There is no host that matches ${hostRegex} in ${where}.`;
  if (demo) return none;
  const { aliases } = await readAliases(file, { home });
  // Most give an alias, and so the nearest one helps.
  const typed = hostRegex.source.replace(/[\^$\\]/g, '');
  return sentences(
    none,
    didYouMean(
      typed,
      aliases.map(({ alias }) => alias),
    ),
  );
}
