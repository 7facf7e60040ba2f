import { formatsOf } from '#common/format.ts';
import { isLive, type Launch } from '#common/launches.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { launchWords, stageText } from '#common/words/launches.ts';
import type { Engine } from '#engine/engine.ts';
import { failedHosts, sayFailed } from '../failures.ts';
import { endsBefore, exitCodes, type Io, printJson } from '../io.ts';
import { launchesJson } from '../json.ts';
import { followLog, launchIn } from '../launch-progress.ts';
import type { CommonOptions } from '../options.ts';
import { ownCommand } from '../own-command.ts';
import { answerCode, printView, scanAll, scanned, textStyle, withSession } from '../session.ts';
import { didYouMean, sentences } from '../suggest.ts';
import type { TextStyle } from '../table.ts';
import type { View } from '../view.ts';

export interface LaunchesOptions extends CommonOptions {
  /** Also those that have ended. */
  readonly all?: true;
}

/** The model servers that were started on the hosts, by this app or by vllmctl. */
export function launches(options: LaunchesOptions, io: Io): Promise<number> {
  return withLaunches(options, io, async (engine) => {
    const shown = engine.snapshot().launches.filter((launch) => options.all === true || isLive(launch));
    if (options.json) printJson(io.out, launchesJson(shown));
    else printView(launchesView(shown, scanned(engine), textStyle(io)), io);
    return answerCode(engine.snapshot());
  });
}

/** Ends a launch and says so when nothing of it runs any more. */
export function stopLaunch(name: string, options: CommonOptions, io: Io): Promise<number> {
  return withLaunch(name, { ...options, only: isLive }, io, async (launch, engine) => {
    io.err.write(`Stopping ${launch.name} on ${launch.hostId} ...\n`);
    if (!(await endsBefore(engine.handlers['launch.stop']({ launchId: launch.id }), io)))
      return exitCodes.interrupted;
    return print(`Stopped ${launch.name} on ${launch.hostId}.`, launch, { engine, options, io });
  });
}

/** Moves the end of a launch by so many seconds. */
export function extendLaunch(
  { name, seconds }: { readonly name: string; readonly seconds: number },
  options: CommonOptions,
  io: Io,
): Promise<number> {
  return withLaunch(name, { ...options, only: isLive }, io, async (launch, engine) => {
    if (!(await endsBefore(engine.handlers['launch.extend']({ launchId: launch.id, seconds }), io)))
      return exitCodes.interrupted;
    const endsAt = launchIn(engine, launch.id)?.endsAt ?? null;
    const end = endsAt === null ? '' : ` now ends ${formatsOf('en').dateTime(endsAt)}`;
    return print(`${launch.name} on ${launch.hostId}${end}.`, launch, { engine, options, io });
  });
}

export interface LogsOptions extends CommonOptions {
  readonly follow?: true;
}

/** The log of a launch, the latest 64 KiB of it; with --follow also what comes, until it ends or Ctrl-C. */
export function launchLogs(name: string, options: LogsOptions, io: Io): Promise<number> {
  return withLaunch(name, { ...options, only: () => true }, io, async (launch, engine) => {
    // Its object alone goes to stdout.
    const output = options.json ? io.err : io.out;
    const untilMs = options.follow ? Number.POSITIVE_INFINITY : 0;
    await followLog(engine, launch.id, { io, output, untilMs, isOver: () => false });
    return options.json ? print('', launch, { engine, options, io }) : exitCodes.ok;
  });
}

function withLaunches(
  options: CommonOptions,
  io: Io,
  work: (engine: Engine) => Promise<number>,
): Promise<number> {
  return withSession(options, io, async (session) => {
    if (!(await scanAll(session, io))) return exitCodes.interrupted;
    if (!(await endsBefore(session.engine.handlers['launch.refresh']({}), io))) return exitCodes.interrupted;
    return await work(session.engine);
  });
}

interface OneOptions extends CommonOptions {
  readonly only: (launch: Launch) => boolean;
}

/** The one launch of that name, or of `HOST/NAME`. */
function withLaunch(
  name: string,
  { only, ...options }: OneOptions,
  io: Io,
  work: (launch: Launch, engine: Engine) => Promise<number>,
): Promise<number> {
  return withLaunches(options, io, async (engine) => {
    const all = engine.snapshot().launches;
    const candidates = all.filter(only);
    const isNamed = (launch: Launch): boolean => launch.id === name || launch.name === name;
    const found = candidates.filter(isNamed);
    const [launch] = found;
    if (launch !== undefined && found.length === 1) return await work(launch, engine);
    if (launch === undefined && all.some(isNamed)) {
      io.err.write(
        `${name} has ended. To see its log: ${ownCommand(engine.snapshot().source, 'logs', name)}\n`,
      );
      return exitCodes.failed;
    }
    if (launch === undefined) {
      const names = candidates.map((each) => each.name);
      const nearest = didYouMean(name, names);
      io.err.write(`${sentences(`There is no launch ${name} on the hosts that answer.`, nearest)}\n`);
      sayFailed(engine.snapshot(), io);
      return engine.snapshot().hosts.length > 0 && answerCode(engine.snapshot()) !== exitCodes.ok
        ? exitCodes.noAnswer
        : exitCodes.failed;
    }
    io.err.write(
      `error: ${name} is on several hosts: ${found.map(({ id }) => id).join(', ')}. Name one of these.\n`,
    );
    return exitCodes.badUsage;
  });
}

function print(
  text: string,
  { id }: Launch,
  { engine, options, io }: { readonly engine: Engine; readonly options: CommonOptions; readonly io: Io },
): number {
  const launch = launchIn(engine, id);
  if (options.json) printJson(io.out, launchesJson(launch === undefined ? [] : [launch]));
  else io.out.write(`${text}\n`);
  return exitCodes.ok;
}

function launchesView(shown: readonly Launch[], snapshot: Snapshot, style: TextStyle): View {
  const formats = formatsOf('en');
  const now = Date.now();
  const rows = shown.map(({ name, hostId, model, remotePort, stage, startedAt, endsAt }) => ({
    cells: [
      name,
      hostId,
      model ?? '',
      String(remotePort),
      { text: stageText(stage, 'en'), ...(stage.kind === 'failed' && { colour: 'red' as const }) },
      startedAt === null ? '' : formats.age(Math.max(0, now - startedAt)),
      endsAt === null ? '' : formats.age(Math.max(0, endsAt - now)),
    ],
    under:
      stage.kind === 'failed'
        ? [
            {
              kind: 'sentence' as const,
              text: `${stage.failure.line} ${launchWords.en.failure[stage.failure.kind].hint}`.trim(),
            },
          ]
        : [],
  }));
  return {
    headline: shown.length === 1 ? '1 launch' : `${shown.length} launches`,
    main: {
      columns: [
        { title: 'NAME', gives: 'name', enough: 20 },
        { title: 'HOST', gives: 'name', enough: 16 },
        { title: 'MODEL', gives: 'name', enough: 24 },
        { title: 'PORT', align: 'right' },
        { title: 'STAGE', gives: 'text' },
        { title: 'FOR', align: 'right' },
        { title: 'LEFT', align: 'right' },
      ],
      rows,
      none: 'No model was started on these hosts.',
    },
    notes: [],
    failed: failedHosts(snapshot, style, 'launches'),
    measured: null,
  };
}
