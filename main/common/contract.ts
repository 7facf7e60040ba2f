/**
 * The wire between a face's UI and the engine, as one value. Types, the host end (answer.ts), the UI end (bridge.ts), the
 * preload's allow-list, the WebSocket and the test double all derive from it.
 *
 * A call with `by: 'engine'` is answered by the engine, one with `by: 'face'` by the face that runs it.
 */

import * as z from 'zod/mini';
import { apiKeyPattern, mostPromptLength, mostSettingsLength } from './bounds.ts';
import type { About, LogLine } from './diagnostics.ts';
import type { ExportedFile } from './export.ts';
import type { CleanedSession, ForeignForward, Forward } from './forwards.ts';
import type { Track } from './history.ts';
import type { Problem, Snapshot } from './model.ts';
import { type Place, views } from './notices.ts';
import type { Patch } from './reduce.ts';
import { port, settingsChange } from './settings.ts';

interface CallSpec<Input extends z.ZodMiniType, Output> {
  readonly by: 'engine' | 'face';
  readonly input: Input;
  /** Never set: carries the type of the answer. */
  readonly output?: Output;
}

const call =
  <const By extends 'engine' | 'face'>(by: By) =>
  <Input extends z.ZodMiniType>(input: Input) => ({
    returns: <Output>(): CallSpec<Input, Output> & { readonly by: By } => ({ by, input }),
  });

const push = <Payload>(): { readonly payload?: Payload } => ({});

const nothing = z.strictObject({});
const id = z.string().check(z.minLength(1), z.maxLength(300));
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
    'scan.cancel': call('engine')(nothing).returns<null>(),
    /** Logs in to hosts that want a person for it, one after the other: may ask (`Snapshot.prompts`). Answers when begun. */
    'host.login': call('engine')(
      z.strictObject({ hostIds: z.array(id).check(z.minLength(1), z.maxLength(100)) }),
    ).returns<null>(),
    /** One answer per field of the prompt, in order. */
    'prompt.answer': call('engine')(
      z.strictObject({
        promptId: id,
        answers: z.array(z.string().check(z.maxLength(10_000))).check(z.maxLength(32)),
        remember: z.optional(z.boolean()),
      }),
    ).returns<null>(),
    /** Gives the login up that asks. */
    'prompt.dismiss': call('engine')(z.strictObject({ promptId: id })).returns<null>(),
    /** Accepts unknown host keys: they are added to known_hosts, and the hosts behind them are tried again. */
    'hostKey.accept': call('engine')(
      z.strictObject({ keyIds: z.array(id).check(z.minLength(1), z.maxLength(5000)) }),
    ).returns<null>(),
    /** The API key to show to a model server from now on; null: none. Its models are then asked for again. */
    'server.setKey': call('engine')(
      z.strictObject({
        serverId: id,
        key: z.nullable(z.string().check(z.regex(apiKeyPattern))),
      }),
    ).returns<null>(),
    /** Sends a prompt to a model; the answer grows in `Snapshot.testPrompts`. Answers with the id there. */
    'model.test': call('engine')(
      z.strictObject({
        serverId: id,
        model: z.string().check(z.minLength(1), z.maxLength(1000)),
        prompt: z.string().check(z.minLength(1), z.maxLength(mostPromptLength)),
      }),
    ).returns<string>(),
    /** Gives a test prompt up that runs, and keeps what has come of its answer; one that has ended is forgotten. */
    'model.endTest': call('engine')(z.strictObject({ id })).returns<null>(),
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
    /** The scan as it is, or all of the history, as a file to save. */
    'export.file': call('engine')(
      z.strictObject({ what: z.enum(['scan', 'history']), format: z.enum(['json', 'csv']) }),
    ).returns<ExportedFile>(),
    /** Changes these groups of the settings, each whole. */
    'settings.update': call('engine')(z.strictObject({ change: settingsChange })).returns<null>(),
    /** Back to the defaults, but for the hosts that are switched off. */
    'settings.reset': call('engine')(nothing).returns<null>(),
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
    /** What the app sees, as a text for somebody else: names of hosts, users, models and addresses are replaced in it. */
    'report.get': call('engine')(nothing).returns<ExportedFile>(),
    /** Opens a forward, or answers with the one already open for this target. */
    'forward.open': call('engine')(
      z.strictObject({ hostId: id, remotePort: port, localPort: z.optional(port) }),
    ).returns<Forward>(),
    'forward.close': call('engine')(z.strictObject({ forwardId: id })).returns<null>(),
    /** Opens a forward in a tmux session of its own, which outlives the app. Answers when its local port accepts. */
    'tmux.open': call('engine')(
      z.strictObject({ hostId: id, remotePort: port, localPort: z.optional(port) }),
    ).returns<ForeignForward>(),
    /** Looks for the forwards of other programs now; answers when the Snapshot has them. */
    'elsewhere.refresh': call('engine')(nothing).returns<null>(),
    /** Ends the ssh process or tmux session of a forward of another program, if it still is the one that was shown. */
    'elsewhere.kill': call('engine')(z.strictObject({ id })).returns<null>(),
    /** Ends the tmux sessions whose forwards are dead: all, or those of these ids. Answers with what it ended. */
    'elsewhere.clean': call('engine')(
      z.strictObject({ ids: z.optional(z.array(id).check(z.maxLength(1000))) }),
    ).returns<readonly CleanedSession[]>(),
    /** Looks for model servers on the ports of this computer now; answers when the Snapshot has them. */
    'local.refresh': call('engine')(nothing).returns<null>(),
    'forward.closeAll': call('engine')(nothing).returns<null>(),
    /** Tries a forward that is away, or given up, at once. Answers when begun. */
    'forward.retry': call('engine')(z.strictObject({ forwardId: id })).returns<null>(),
    /** Keeps the local port of a forward for its target alone, also while it is closed, or lets it go. */
    'forward.pin': call('engine')(z.strictObject({ forwardId: id, pinned: z.boolean() })).returns<null>(),
    /** Brings the window to the front, and shows that place in it. */
    'app.showWindow': call('face')(z.strictObject({ place: z.optional(place) })).returns<null>(),
    'app.copyText': call('face')(
      z.strictObject({ text: z.string().check(z.maxLength(1_000_000)) }),
    ).returns<null>(),
    /** Opens the pages about the API that the model server behind an open forward serves, in the system's browser. */
    'app.openDocs': call('face')(z.strictObject({ forwardId: id })).returns<null>(),
    'app.quit': call('face')(nothing).returns<null>(),
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
  | NonNullable<Calls[Name]['output']>
  | Extract<Calls[Name]['output'], null>;
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
