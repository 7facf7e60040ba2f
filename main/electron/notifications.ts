/** What the system shows of the app in its own notifications. */

import { Notification } from 'electron';
import type { ReplyError } from '#common/answer.ts';
import type { Language } from '#common/language.ts';
import { detailText } from '#common/words/details.ts';
import type { NoticeText } from '#common/words/notices.ts';
import { errorWords } from '#common/words/states.ts';
import type { Log } from '#engine/diagnostics/log.ts';

export interface Notifier {
  /** Shows it where the system can. `onClick` runs when it is clicked, however late. */
  show(text: NoticeText, onClick?: () => void): void;
  /** Takes back whatever is still shown: nothing would hear the click. */
  dispose(): void;
}

/** Older ones are hardly ever clicked. */
const mostShown = 20;

export interface NotifierDeps {
  readonly platform: NodeJS.Platform;
  /** The picture in them; null where the system shows the app's own icon. */
  readonly iconFile: string | null;
  /** Called once, with the cause, when the system refuses to show one. */
  readonly onRefused: (cause: string) => void;
  readonly log: Log;
}

/**
 * Holds every notification until it is clicked or dismissed: one that is collected disappears from the notification centre,
 * or hears no click. One that only timed out still lies there.
 */
export function createNotifier({ platform, iconFile, onRefused, log }: NotifierDeps): Notifier {
  let shown: readonly Notification[] = [];
  let refused = false;
  const refuse = (cause: string) => {
    log('warn', `a notification could not be shown: ${cause}`);
    if (!refused) onRefused(cause);
    refused = true;
  };
  const forget = (gone: Notification) => {
    shown = shown.filter((one) => one !== gone);
  };
  return {
    show({ title, body }, onClick) {
      if (!Notification.isSupported()) {
        if (!refused) refuse('this desktop has no notifications');
        return;
      }
      const notification = new Notification({
        title,
        body: platform === 'linux' ? unmarked(body) : body,
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
        refuse(error);
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

/**
 * On Linux a body may be markup (Desktop Notifications Specification, "Markup"), with links and pictures, in which a host or a
 * model must have no say. Entities would be shown as they are where it is none: letters that look alike mean nothing to either.
 */
function unmarked(body: string): string {
  return body.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('&', '＆');
}

/** A failure in the words that it has everywhere. */
export function failureText({ code, detail }: ReplyError, language: Language): NoticeText {
  const { title, hint } = errorWords(code, language);
  return { title, body: detail === '' ? hint : `${hint}\n${detailText(detail, language)}` };
}
