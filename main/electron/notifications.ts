/** What the system shows of the app in its own notifications. */

import { Notification } from 'electron';
import type { ReplyError } from '#common/answer.ts';
import type { Language } from '#common/language.ts';
import type { NoticeText } from '#common/words/notices.ts';
import { errorWords } from '#common/words/states.ts';
import type { Log } from '#engine/log.ts';

export interface Notifier {
  /** Shows it where the system can. `onClick` runs when it is clicked, however late. */
  show(text: NoticeText, onClick?: () => void): void;
  /** Takes back whatever is still shown: nobody would hear the click. */
  dispose(): void;
}

/** More than these nobody clicks any more. */
const mostShown = 20;

/**
 * Holds every notification until it is clicked or dismissed: one that is collected disappears from the notification centre,
 * or hears no click. One that only timed out still lies there.
 */
export function createNotifier({ iconFile, log }: { iconFile: string | null; log: Log }): Notifier {
  let shown: readonly Notification[] = [];
  let toldThatThereAreNone = false;
  const forget = (gone: Notification) => {
    shown = shown.filter((one) => one !== gone);
  };
  return {
    show({ title, body }, onClick) {
      if (!Notification.isSupported()) {
        if (!toldThatThereAreNone) log('warn', 'this desktop shows no notifications');
        toldThatThereAreNone = true;
        return;
      }
      const notification = new Notification({
        title,
        body,
        urgency: 'normal',
        ...(iconFile !== null && { icon: iconFile }),
      });
      notification.on('click', () => {
        forget(notification);
        onClick?.();
      });
      notification.on('close', ({ reason }) => {
        if (reason !== 'timedOut') forget(notification);
      });
      notification.on('failed', (_event, error) => {
        forget(notification);
        log('warn', `a notification could not be shown: ${error}`);
      });
      for (const oldest of shown.slice(0, Math.max(0, shown.length + 1 - mostShown))) {
        forget(oldest);
        oldest.close();
      }
      shown = [...shown, notification];
      notification.show();
    },
    dispose() {
      const left = shown;
      shown = [];
      for (const notification of left) notification.close();
    },
  };
}

/** A failure in the words that it has everywhere. */
export function failureText({ code, detail }: ReplyError, language: Language): NoticeText {
  const { title, hint } = errorWords(code, language);
  return { title, body: detail === '' ? hint : `${hint}\n${detail}` };
}
