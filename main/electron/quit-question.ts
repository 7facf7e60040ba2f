import { app, dialog, type MessageBoxOptions } from 'electron';
import { answer } from '#common/answer.ts';
import type { Handlers } from '#common/contract.ts';
import type { Language } from '#common/language.ts';
import { forwardAddress } from '#common/select/forwards.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { listSome, noticeWords } from '#common/words/notices.ts';
import type { Face } from './face.ts';
import type { MainWindow } from './window.ts';
import { desktopWords } from './words.ts';

/** A question to a person: its first button quits, the second does not and is what Escape means. */
export type QuitQuestion = Required<
  Pick<
    MessageBoxOptions,
    'type' | 'message' | 'detail' | 'buttons' | 'defaultId' | 'cancelId' | 'noLink' | 'checkboxLabel'
  >
>;

const mostNamed = 3;

/** What to ask before the app quits; null while no forward is open, or when the settings say not to ask. */
export function quitQuestion({ settings, forwards }: Snapshot, language: Language): QuitQuestion | null {
  const open = forwards.filter(({ state, localPort }) => state.kind !== 'failed' && localPort !== null);
  if (!settings.confirmQuit || open.length === 0) return null;
  const words = desktopWords[language];
  const addresses = open.flatMap((forward) => forwardAddress(forward) ?? []);
  return {
    type: 'question',
    message: words.quitQuestion(open.length),
    detail: words.quitDetail(listSome(addresses, noticeWords[language].more, mostNamed)),
    buttons: [words.quitNow, words.keepRunning],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
    checkboxLabel: words.askNoMore,
  };
}

/** Whether the app may quit now; asks where that closes forwards, in front of the window where it is in view. */
export function mayQuit(
  { engine, language, platform }: Pick<Face, 'engine' | 'language' | 'platform'>,
  window: Pick<MainWindow, 'visible'>,
  handlers: Handlers,
): boolean | Promise<boolean> {
  const question = quitQuestion(engine.snapshot(), language());
  if (question === null) return true;
  const parent = window.visible();
  // An app that is only in the menu bar would ask behind the windows of others.
  if (parent === null && platform === 'darwin') app.focus({ steal: true });
  return (parent === null ? dialog.showMessageBox(question) : dialog.showMessageBox(parent, question)).then(
    async ({ response, checkboxChecked }) => {
      if (response !== 0) return false;
      if (checkboxChecked) await answer(handlers, 'settings.update', { change: { confirmQuit: false } });
      return true;
    },
  );
}
