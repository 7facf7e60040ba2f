/** What buttons do: a contract call, and a toast where it fails. */

import type { Bridge } from '#common/bridge.ts';
import { AppError } from '#common/errors.ts';
import type { ForwardId } from '#common/forwards.ts';
import type { Language } from '#common/language.ts';
import type { HostId } from '#common/model.ts';
import type { SettingsChange } from '#common/settings.ts';
import { errorWords } from '#common/words/states.ts';
import { frameWords } from '../components/words.ts';
import type { CopyText } from '../lib/clipboard.ts';
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
  /** Changes these groups of the settings, each whole. */
  changeSettings(change: SettingsChange): Promise<void>;
  openForward(hostId: HostId, remotePort: number): Promise<void>;
  closeForward(forwardId: ForwardId): Promise<void>;
  /** `what` names the text in the confirmation: "ssh command". */
  copy(text: string, what: string): Promise<void>;
}

export interface ActionDeps {
  readonly bridge: Bridge;
  readonly toasts: ToastStore;
  readonly copyText: CopyText;
  /** Of the words in toasts. */
  readonly language: () => Language;
}

export function createActions({ bridge, toasts, copyText, language }: ActionDeps): Actions {
  const attempt = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      const { code, detail } = error instanceof AppError ? error : new AppError('internal');
      const { title, hint } = errorWords(code, language());
      toasts.show({ kind: 'failed', title, hint, detail });
    }
  };
  return {
    scan: (hostIds) =>
      attempt(bridge.call('scan.start', hostIds === undefined ? {} : { hostIds: [...hostIds] })),
    cancelScan: () => attempt(bridge.call('scan.cancel', {})),
    logIn: (hostIds) => attempt(bridge.call('host.login', { hostIds: [...hostIds] })),
    answerPrompt: (promptId, answers, remember) =>
      attempt(bridge.call('prompt.answer', { promptId, answers: [...answers], remember })),
    dismissPrompt: (promptId) => attempt(bridge.call('prompt.dismiss', { promptId })),
    acceptHostKeys: (keyIds) => attempt(bridge.call('hostKey.accept', { keyIds: [...keyIds] })),
    changeSettings: (change) => attempt(bridge.call('settings.update', { change })),
    openForward: (hostId, remotePort) => attempt(bridge.call('forward.open', { hostId, remotePort })),
    closeForward: (forwardId) => attempt(bridge.call('forward.close', { forwardId })),
    copy: async (text, what) => {
      const words = frameWords[language()];
      if (await copyText(text)) {
        toasts.show({ kind: 'done', title: words.copied(what), hint: '', detail: '' });
      } else {
        toasts.show({
          kind: 'failed',
          title: words.notCopied(what),
          hint: words.notCopiedHint,
          detail: text,
        });
      }
    },
  };
}
