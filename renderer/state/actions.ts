/** What buttons do: a contract call, and a toast where it fails. */

import type { Bridge } from '#common/bridge.ts';
import type { CallInput } from '#common/contract.ts';
import type { ExportedFile } from '#common/export.ts';
import type { ForwardId } from '#common/forwards.ts';
import type { Language } from '#common/language.ts';
import type { HostId, Problem, Snapshot } from '#common/model.ts';
import { defaultSettings, type Settings, type SettingsChange } from '#common/settings.ts';
import { plainText } from '#common/text.ts';
import { frameWords } from '../components/words.ts';
import type { CopyText } from '../lib/clipboard.ts';
import type { Download } from '../lib/download.ts';
import { attempt as attemptWith } from './attempt.ts';
import type { ToastStore } from './toast-store.ts';

export interface Actions {
  /** Scans all hosts, or the named ones. */
  scan(hostIds?: readonly HostId[]): Promise<void>;
  cancelScan(): Promise<void>;
  /** Logs in to hosts that want a person for it; what they ask comes as a prompt. */
  logIn(hostIds: readonly HostId[]): Promise<void>;
  answerPrompt(promptId: string, answers: readonly string[], remember: boolean): Promise<void>;
  dismissPrompt(promptId: string): Promise<void>;
  acceptHostKeys(keyIds: readonly string[]): Promise<void>;
  /** Changes these groups of the settings, each whole; what is told can be taken back from the message. */
  changeSettings(edit: SettingsEdit, told?: Undoable): Promise<void>;
  /** Back to the defaults, which can be taken back. */
  resetSettings(): Promise<void>;
  /** Takes the settings of a file, which can be taken back; resolves to what was not usable in it, null where nothing was. */
  importSettings(text: string): Promise<readonly Problem[] | null>;
  openForward(hostId: HostId, remotePort: number): Promise<void>;
  /** Stops it, which can be taken back. */
  closeForward(forwardId: ForwardId): Promise<void>;
  /** `what` names the text in the confirmation: "ssh command". Resolves to whether it could be copied. */
  copy(text: string, what: string): Promise<boolean>;
  /** Gives a file that a call answers with to the person, to be saved. */
  saveFile(file: Promise<ExportedFile>): Promise<void>;
}

/** A change, or what makes one of the settings as they are when it is made: also those still on their way to the engine. */
export type SettingsEdit = SettingsChange | ((settings: Settings) => SettingsChange);

export interface Undoable {
  readonly title: string;
  readonly undo: SettingsEdit;
}

export interface ActionDeps {
  readonly bridge: Bridge;
  readonly toasts: ToastStore;
  readonly copyText: CopyText;
  readonly download: Download;
  /** Null before the first one. */
  readonly snapshot: () => Snapshot | null;
  /** Of the words in toasts. */
  readonly language: () => Language;
}

export function createActions(deps: ActionDeps): Actions {
  const { bridge, toasts, copyText, download, snapshot, language } = deps;
  const attempt = <Answer>(work: Promise<Answer>) => attemptWith(work, { toasts, language: language() });
  const tell = (title: string, undo?: () => void) =>
    toasts.show({
      kind: 'done',
      title,
      hint: '',
      detail: '',
      ...(undo !== undefined && { action: { label: frameWords[language()].undo, run: undo } }),
    });

  let onTheWay: readonly SettingsChange[] = [];
  const settingsNow = (): Settings => Object.assign({}, snapshot()?.settings ?? defaultSettings, ...onTheWay);
  const changeSettings: Actions['changeSettings'] = async (edit, told) => {
    const change = typeof edit === 'function' ? edit(settingsNow()) : edit;
    onTheWay = [...onTheWay, change];
    // The patch with the change comes before the answer.
    const answer = await attempt(bridge.call('settings.update', { change }));
    onTheWay = onTheWay.filter((one) => one !== change);
    if (told !== undefined && answer !== undefined) tell(told.title, () => void changeSettings(told.undo));
  };
  const goBackTo = (before: Settings) => () => void changeSettings(before);

  const openForward = async (input: CallInput<'forward.open'>): Promise<void> => {
    await attempt(bridge.call('forward.open', input));
  };
  const closeForward = async (forwardId: ForwardId): Promise<void> => {
    const open = snapshot()?.forwards.find(({ id }) => id === forwardId);
    const answer = await attempt(bridge.call('forward.close', { forwardId }));
    if (answer === undefined || open === undefined || open.localPort === null) return;
    const { hostId, remotePort, localPort } = open;
    tell(
      frameWords[language()].forwardStopped(forwardId),
      () => void openForward({ hostId, remotePort, localPort }),
    );
  };

  const run = async (work: Promise<unknown>): Promise<void> => {
    await attempt(work);
  };
  return {
    scan: (hostIds) => run(bridge.call('scan.start', hostIds === undefined ? {} : { hostIds: [...hostIds] })),
    cancelScan: () => run(bridge.call('scan.cancel', {})),
    logIn: (hostIds) => run(bridge.call('host.login', { hostIds: [...hostIds] })),
    answerPrompt: (promptId, answers, remember) =>
      run(bridge.call('prompt.answer', { promptId, answers: [...answers], remember })),
    dismissPrompt: (promptId) => run(bridge.call('prompt.dismiss', { promptId })),
    acceptHostKeys: (keyIds) => run(bridge.call('hostKey.accept', { keyIds: [...keyIds] })),
    changeSettings,
    resetSettings: async () => {
      const before = settingsNow();
      const answer = await attempt(bridge.call('settings.reset', {}));
      if (answer !== undefined) tell(frameWords[language()].settingsReset, goBackTo(before));
    },
    importSettings: async (text) => {
      const before = settingsNow();
      const problems = await attempt(bridge.call('settings.import', { text }));
      if (problems === undefined) return null;
      tell(frameWords[language()].settingsImported, goBackTo(before));
      return problems;
    },
    openForward: (hostId, remotePort) => openForward({ hostId, remotePort }),
    closeForward,
    copy: async (text, what) => {
      const words = frameWords[language()];
      const copied = await copyText(text);
      if (copied) tell(words.copied(what));
      else {
        const detail = plainText(text, 500);
        toasts.show({ kind: 'failed', title: words.notCopied(what), hint: words.notCopiedHint, detail });
      }
      return copied;
    },
    saveFile: async (file) => {
      const got = await attempt(file);
      if (got !== undefined) download(got);
    },
  };
}
