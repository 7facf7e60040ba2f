/** What buttons do that is more than one contract call (see useCall): it can be taken back, or has a second step. */

import type { Bridge } from '#common/bridge.ts';
import type { ExportedFile } from '#common/export.ts';
import type { Problem } from '#common/failure.ts';
import { fieldsOf } from '#common/forward-target.ts';
import type { Forward } from '#common/forwards.ts';
import type { ForwardId } from '#common/ids.ts';
import type { Language } from '#common/language.ts';
import type { Settings, SettingsChange } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { plainText } from '#common/text.ts';
import type { CopyText } from '../lib/clipboard.ts';
import type { Download } from '../lib/download.ts';
import { frameWords } from '../lib/frame-words.ts';
import { attempt as attemptWith } from './attempt.ts';
import type { ToastStore } from './toast-store.ts';

export interface Actions {
  /** Changes these groups of the settings, each whole; an `undoable` one can be taken back from the message. */
  changeSettings(edit: SettingsEdit, undoable?: Undoable): Promise<void>;
  /** Back to the defaults, which can be taken back. */
  resetSettings(): Promise<void>;
  /** Takes the settings of a file, which can be taken back; resolves to what was not usable in it, null where nothing was. */
  importSettings(text: string): Promise<readonly Problem[] | null>;
  /** Stops it, which can be taken back. */
  closeForward(forwardId: ForwardId): Promise<void>;
  /** Stops all of them, which can be taken back. */
  closeAllForwards(): Promise<void>;
  /** Switches auto-forward off; with `stop` what its rules have opened is stopped too, which can be taken back. */
  switchAutoForwardOff(stop: boolean): Promise<void>;
  /**
   * `what` names the text in the confirmation: "ssh command"; `hint` says what to do with it. Resolves to whether it could be
   * copied.
   */
  copy(text: string, what: string, hint?: string): Promise<boolean>;
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
  const tell = (title: string, undo?: () => void, hint = '') =>
    toasts.show({
      kind: 'done',
      title,
      hint,
      detail: '',
      ...(undo !== undefined && { action: { label: frameWords[language()].undo, run: undo } }),
    });

  let onTheWay: readonly SettingsChange[] = [];
  const settingsNow = (): Settings => {
    const known = snapshot()?.settings;
    if (known === undefined) throw new Error('a setting was changed before the first snapshot');
    return Object.assign({}, known, ...onTheWay);
  };
  const changeSettings: Actions['changeSettings'] = async (edit, undoable) => {
    const change = typeof edit === 'function' ? edit(settingsNow()) : edit;
    onTheWay = [...onTheWay, change];
    // The patch with the change comes before the answer.
    const answer = await attempt(bridge.call('settings.update', { change }));
    onTheWay = onTheWay.filter((one) => one !== change);
    if (undoable !== undefined && answer !== undefined)
      tell(undoable.title, () => void changeSettings(undoable.undo));
  };
  const goBackTo = (before: Settings) => () => void changeSettings(before);

  const closeForward = async (forwardId: ForwardId): Promise<void> => {
    const open = snapshot()?.forwards.find(({ id }) => id === forwardId);
    const answer = await attempt(bridge.call('forward.close', { forwardId }));
    if (answer === undefined || open === undefined) return;
    tell(frameWords[language()].forwardStopped(forwardId), () => reopen([open]));
  };
  const reopen = (forwards: readonly Forward[]): void => {
    // One without a port waited for it, and gets the one it had as soon as that is free.
    // Those of the rules stay theirs.
    for (const { hostId, localPort, origin, ...target } of forwards)
      void attempt(
        bridge.call('forward.open', {
          hostId,
          ...fieldsOf(target),
          origin,
          ...(localPort !== null && { localPort }),
        }),
      );
  };

  return {
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
    closeForward,
    closeAllForwards: async () => {
      const open = snapshot()?.forwards ?? [];
      const answer = await attempt(bridge.call('forward.closeAll', {}));
      if (answer !== undefined) tell(frameWords[language()].forwardsStopped(open.length), () => reopen(open));
    },
    switchAutoForwardOff: async (stop) => {
      const opened = (snapshot()?.forwards ?? []).filter(({ origin }) => origin === 'auto').length;
      const answer = await attempt(bridge.call('autoForward.off', { stop }));
      if (answer === undefined || !stop) return;
      const again: SettingsEdit = ({ autoForward }) => ({ autoForward: { ...autoForward, enabled: true } });
      tell(frameWords[language()].forwardsStopped(opened), () => void changeSettings(again));
    },
    copy: async (text, what, next) => {
      const words = frameWords[language()];
      const copied = await copyText(text);
      if (copied) tell(words.copied(what), undefined, next);
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
