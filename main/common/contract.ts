/**
 * The wire between a face's UI and the engine, as one value. Types, the host end (answer.ts), the UI end (bridge.ts), the
 * preload's allow-list, the WebSocket and the test double all derive from it.
 *
 * A call with `by: 'engine'` is answered by the engine, one with `by: 'face'` by the face that runs it.
 */

import * as z from 'zod/mini';
import { apiKeyPattern, mostPromptLength, mostSettingsLength, secretPattern } from './bounds.ts';
import type { About, LogLine } from './diagnostics.ts';
import type { ExportedFile } from './export.ts';
import type { Problem } from './failure.ts';
import { type Forward, mostLabelLength, type PastedForwards } from './forwards.ts';
import type { GatewayAccess, GatewayRequest } from './gateway.ts';
import { historyRanges, type SourcePast, type Track } from './history.ts';
import { launchRequest, mostLifetimeSeconds } from './launch-request.ts';
import type { LaunchId, LaunchPlan } from './launches.ts';
import type { CleanedSession, OtherForward } from './other-forwards.ts';
import type { Patch } from './patch.ts';
import { type Place, views } from './place.ts';
import { prometheusSource, type SourceReport } from './prometheus.ts';
import { port, settingsChange } from './settings.ts';
import type { Snapshot } from './snapshot.ts';

interface CallSpec<Input extends z.ZodMiniType, Output> {
  readonly by: 'engine' | 'face';
  readonly input: Input;
  /** Whether the answer says no more than that it is done. */
  readonly isVoid: boolean;
  /** Never set: carries the type of the answer. */
  readonly output?: Output;
}

const call =
  <const By extends 'engine' | 'face'>(by: By) =>
  <Input extends z.ZodMiniType>(input: Input) => ({
    returns: <Output>(): CallSpec<Input, Output> & { readonly by: By } => ({ by, input, isVoid: false }),
    returnsNothing: (): CallSpec<Input, void> & { readonly by: By } => ({ by, input, isVoid: true }),
  });

const push = <Payload>(): { readonly payload?: Payload } => ({});

const nothing = z.strictObject({});
const id = z.string().check(z.minLength(1), z.maxLength(300));
/** Of a source: what a header can carry. */
const secret = z.string().check(z.regex(secretPattern));
/** What every forward is opened with; `auto` where one that the rules had opened comes back. */
const opening = {
  hostId: id,
  localPort: z.optional(port),
  origin: z.optional(z.enum(['user', 'auto'])),
};
const place = z.strictObject({ view: z.enum(views), id: z.optional(id) });

export const contract = {
  calls: {
    /** The whole truth; asked for once, and again after a gap in the patches. */
    'snapshot.get': call('engine')(nothing).returns<Snapshot>(),
    /** Scans all hosts, or the named ones, at once. Answers when it has begun; progress is in the Snapshot. */
    'scan.start': call('engine')(
      z.strictObject({ hostIds: z.optional(z.array(id).check(z.maxLength(5000))) }),
    ).returns<{
      readonly total: number;
    }>(),
    /** A person looks at these hosts: those that are away and may be tried before their time are, at once. */
    'host.look': call('engine')(
      z.strictObject({ hostIds: z.array(id).check(z.maxLength(5000)) }),
    ).returnsNothing(),
    /**
     * These hosts are on the screen of a window now: of a large fleet they are measured more often than the others. To be said
     * again within half a minute, and at most once a second.
     */
    'host.inView': call('engine')(
      z.strictObject({ hostIds: z.array(id).check(z.maxLength(1000)) }),
    ).returnsNothing(),
    'scan.cancel': call('engine')(nothing).returnsNothing(),
    /** Logs in to hosts that want a person for it, one after the other: may ask (`Snapshot.prompts`). Answers when begun. */
    'host.login': call('engine')(
      z.strictObject({ hostIds: z.array(id).check(z.minLength(1), z.maxLength(100)) }),
    ).returnsNothing(),
    /** One answer per field of the prompt, in order. */
    'prompt.answer': call('engine')(
      z.strictObject({
        promptId: id,
        answers: z.array(z.string().check(z.maxLength(10_000))).check(z.maxLength(32)),
        remember: z.optional(z.boolean()),
      }),
    ).returnsNothing(),
    /** Gives the login up that asks. */
    'prompt.dismiss': call('engine')(z.strictObject({ promptId: id })).returnsNothing(),
    /** Accepts unknown host keys: they are added to known_hosts, and the hosts behind them are tried again. */
    'hostKey.accept': call('engine')(
      z.strictObject({ keyIds: z.array(id).check(z.minLength(1), z.maxLength(5000)) }),
    ).returnsNothing(),
    /** The API key to show to a model server from now on; null: none. Its models are then asked for again. */
    'server.setKey': call('engine')(
      z.strictObject({
        serverId: id,
        key: z.nullable(z.string().check(z.regex(apiKeyPattern))),
      }),
    ).returnsNothing(),
    /** Asks a source of Prometheus as it is set up here; a secret that is null is the stored one. */
    'source.test': call('engine')(
      z.strictObject({ source: prometheusSource, login: z.nullable(secret), header: z.nullable(secret) }),
    ).returns<SourceReport>(),
    /** The password, token or passphrase of a source, and the value of its header; null takes one away. */
    'source.setSecret': call('engine')(
      z.strictObject({
        sourceId: id,
        login: z.optional(z.nullable(secret)),
        header: z.optional(z.nullable(secret)),
      }),
    ).returnsNothing(),
    /** Sends a prompt to a model; the answer grows in `Snapshot.testPrompts`. Answers with the id there. */
    'model.test': call('engine')(
      z.strictObject({
        serverId: id,
        model: z.string().check(z.minLength(1), z.maxLength(1000)),
        prompt: z.string().check(z.minLength(1), z.maxLength(mostPromptLength)),
      }),
    ).returns<string>(),
    /** Gives a test prompt up that runs, and keeps what has come of its answer; one that has ended is forgotten. */
    'model.endTest': call('engine')(z.strictObject({ id })).returnsNothing(),
    /**
     * What these hosts and servers did since then (milliseconds since the epoch), as far back as it is kept; with `stepMs` as
     * means over steps of that length, which is all that a small graph shows.
     */
    'history.get': call('engine')(
      z.strictObject({
        ids: z.array(id).check(z.maxLength(5000)),
        sinceMs: z.optional(z.number()),
        stepMs: z.optional(z.int().check(z.gte(1000), z.lte(86_400_000))),
      }),
    ).returns<readonly Track[]>(),
    /**
     * What the sources of Prometheus know of the same time, of a host's GPUs or, with `port`, of the model server there. Asks
     * them, which may take a while; those that do not know it are left out, and one that fails says why.
     */
    'history.fromSources': call('engine')(
      z.strictObject({
        hostId: id,
        port: z.optional(z.int().check(z.gte(0), z.lte(65_535))),
        range: z.enum(historyRanges),
      }),
    ).returns<readonly SourcePast[]>(),
    /** The scan as it is, or all of the history, as a file to save. */
    'export.file': call('engine')(
      z.strictObject({ what: z.enum(['scan', 'history']), format: z.enum(['json', 'csv']) }),
    ).returns<ExportedFile>(),
    /** Changes these groups of the settings, each whole. */
    'settings.update': call('engine')(z.strictObject({ change: settingsChange })).returnsNothing(),
    /** Back to the defaults, but for the hosts that are switched off. */
    'settings.reset': call('engine')(nothing).returnsNothing(),
    /** The settings as a file to save; they hold no secret. */
    'settings.export': call('engine')(nothing).returns<ExportedFile>(),
    /** Takes the settings of such a file; answers with what was not usable in it. */
    'settings.import': call('engine')(
      z.strictObject({ text: z.string().check(z.maxLength(mostSettingsLength)) }),
    ).returns<readonly Problem[]>(),
    /** The lines of the log after the one of that number, oldest first. */
    'log.get': call('engine')(z.strictObject({ after: z.int().check(z.gte(0)) })).returns<
      readonly LogLine[]
    >(),
    /** What this copy of the app is, and where its files lie. */
    'about.get': call('engine')(nothing).returns<About>(),
    /** What the app sees, as a text for another person: names of hosts, users, models and addresses are replaced in it. */
    'report.get': call('engine')(nothing).returns<ExportedFile>(),
    /**
     * Opens a forward, or answers with the one already open for this target: a port of the host or, with `remoteHost`, of a
     * machine beyond it, or else a unix socket.
     */
    'forward.open': call('engine')(
      z.union([
        // A port of the host, or of a machine beyond it.
        z.strictObject({
          ...opening,
          remotePort: port,
          remoteHost: z.optional(z.string().check(z.minLength(1), z.maxLength(253))),
        }),
        z.strictObject({ ...opening, remoteSocket: z.string().check(z.minLength(1), z.maxLength(107)) }),
      ]),
    ).returns<Forward>(),
    /** The forwards of a pasted command line of ssh, as `forward.open` takes them; opens none. */
    'forward.read': call('engine')(
      z.strictObject({ line: z.string().check(z.minLength(1), z.maxLength(4000)) }),
    ).returns<PastedForwards>(),
    'forward.close': call('engine')(z.strictObject({ forwardId: id })).returnsNothing(),
    /** Opens a forward in a tmux session of its own, which outlives the app. Answers when its local port accepts. */
    'tmux.open': call('engine')(
      z.strictObject({ hostId: id, remotePort: port, localPort: z.optional(port) }),
    ).returns<OtherForward>(),
    /** Ends the ssh process or tmux session of another forward, if it still is the one that was shown. */
    'otherForwards.kill': call('engine')(z.strictObject({ id })).returnsNothing(),
    /**
     * Ends the tmux sessions whose forwards are dead: all, or those of these ids; with `noModel` also those through which no
     * model answers. Answers with what it ended.
     */
    'otherForwards.clean': call('engine')(
      z.strictObject({
        ids: z.optional(z.array(id).check(z.maxLength(1000))),
        noModel: z.optional(z.boolean()),
      }),
    ).returns<readonly CleanedSession[]>(),
    /** Looks at this computer now, for other forwards and local servers alike; answers when the Snapshot has them. */
    'localServers.refresh': call('engine')(nothing).returnsNothing(),
    'forward.closeAll': call('engine')(nothing).returnsNothing(),
    /** Tries a forward that is away, or given up, at once. Answers when begun. */
    'forward.retry': call('engine')(z.strictObject({ forwardId: id })).returnsNothing(),
    /** Keeps the local port of a forward for its target alone, also while it is closed, or lets it go. */
    'forward.pin': call('engine')(z.strictObject({ forwardId: id, pinned: z.boolean() })).returnsNothing(),
    /** Names the target of a forward, also while it is closed; an empty text takes the name away. */
    'forward.label': call('engine')(
      z.strictObject({ forwardId: id, label: z.string().check(z.maxLength(mostLabelLength)) }),
    ).returnsNothing(),
    /** Switches the auto-forward rules off; with `stop` closes what they have opened. */
    'autoForward.off': call('engine')(z.strictObject({ stop: z.boolean() })).returnsNothing(),
    /** Chooses host, GPUs, port and program for a model and answers with the line that would run; starts nothing. */
    'launch.plan': call('engine')(launchRequest).returns<LaunchPlan>(),
    /**
     * Starts what a plan says, if its GPUs and port are free still, and forwards it when it is ready, unless `forward` is false.
     * Answers with the launch, whose stages are in the Snapshot.
     */
    'launch.start': call('engine')(
      z.strictObject({ planId: id, forward: z.optional(z.boolean()) }),
    ).returns<LaunchId>(),
    /** Plans and starts what that profile of the settings says, as `launch.start` does. */
    'launch.startProfile': call('engine')(z.strictObject({ profileId: id })).returns<LaunchId>(),
    /** Ends a launch; answers when nothing of it runs on the host any more. */
    'launch.stop': call('engine')(z.strictObject({ launchId: id })).returnsNothing(),
    /** Lets a launch that has an end run longer by so many seconds. */
    'launch.extend': call('engine')(
      z.strictObject({ launchId: id, seconds: z.int().check(z.gte(1), z.lte(mostLifetimeSeconds)) }),
    ).returnsNothing(),
    /** The log of a launch from that byte on, at most the latest 64 KiB, and where to go on. */
    'launch.log': call('engine')(z.strictObject({ launchId: id, after: z.int().check(z.gte(0)) })).returns<{
      readonly text: string;
      readonly next: number;
    }>(),
    /** Looks for launches on these hosts, or on all that are up; answers when the Snapshot has them. */
    'launch.refresh': call('engine')(
      z.strictObject({ hostIds: z.optional(z.array(id).check(z.maxLength(5000))) }),
    ).returnsNothing(),
    /** Switches the gateway on or off, as the settings do. Answers when it listens, or does not any more. */
    'gateway.switch': call('engine')(z.strictObject({ on: z.boolean() })).returnsNothing(),
    /** Its base URL and its key, for texts to copy; the key is made where there is none yet. */
    'gateway.access': call('engine')(nothing).returns<GatewayAccess>(),
    /** Makes another key: clients with the one before are refused from now on, and their requests cut. */
    'gateway.renewKey': call('engine')(nothing).returnsNothing(),
    /** The requests that have ended after the one of that number, oldest first; the latest few hundred are kept. */
    'gateway.requests': call('engine')(z.strictObject({ after: z.int().check(z.gte(0)) })).returns<
      readonly GatewayRequest[]
    >(),
    /** Brings the window to the front, and shows that place in it. */
    'app.showWindow': call('face')(z.strictObject({ place: z.optional(place) })).returnsNothing(),
    'app.copyText': call('face')(
      z.strictObject({ text: z.string().check(z.maxLength(1_000_000)) }),
    ).returnsNothing(),
    /** Opens the pages about the API that the model server behind an open forward serves, in the system's browser. */
    'app.openDocs': call('face')(z.strictObject({ forwardId: id })).returnsNothing(),
    /** Starts the person's own terminal with the ssh command of a host in it. */
    'app.openTerminal': call('face')(z.strictObject({ hostId: id })).returnsNothing(),
    /** Shows the demo cluster. Answers with the address of its page; null where the app starts anew with it. */
    'app.openDemo': call('face')(nothing).returns<string | null>(),
    'app.quit': call('face')(nothing).returnsNothing(),
  },
  pushes: {
    /** What changed since the previous revision. */
    patch: push<Patch>(),
    /** Show this place: a notification or a tray entry was clicked. */
    reveal: push<Place>(),
  },
} as const;

type Calls = typeof contract.calls;
type Pushes = typeof contract.pushes;

export type CallName = keyof Calls;
export type PushName = keyof Pushes;
export type CallInput<Name extends CallName> = z.infer<Calls[Name]['input']>;
export type CallOutput<Name extends CallName> =
  Calls[Name] extends CallSpec<z.ZodMiniType, infer Output> ? Output : never;
/** The calls whose answer says no more than that it is done. */
export type VoidCallName = {
  [Name in CallName]: CallOutput<Name> extends void ? Name : never;
}[CallName];
export type PushPayload<Name extends PushName> = NonNullable<Pushes[Name]['payload']>;

type CallsBy<By extends 'engine' | 'face'> = {
  [Name in CallName]: Calls[Name]['by'] extends By ? Name : never;
}[CallName];
export type EngineCallName = CallsBy<'engine'>;
export type FaceCallName = CallsBy<'face'>;

/** One handler per call: a missing one does not compile. */
export type Handlers<Name extends CallName = CallName> = {
  readonly [N in Name]: (input: CallInput<N>) => Promise<CallOutput<N>> | CallOutput<N>;
};
export type EngineHandlers = Handlers<EngineCallName>;
export type FaceHandlers = Handlers<FaceCallName>;

/** A call as data: what a menu entry or a notification does when it is clicked. */
export type CallRef = {
  [Name in CallName]: { readonly name: Name; readonly input: CallInput<Name> };
}[CallName];

export const callNames = Object.keys(contract.calls) as readonly CallName[];

export function isCallName(name: unknown): name is CallName {
  return typeof name === 'string' && Object.hasOwn(contract.calls, name);
}

export function isPushName(name: unknown): name is PushName {
  return typeof name === 'string' && Object.hasOwn(contract.pushes, name);
}
