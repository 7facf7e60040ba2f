import { Notification } from 'electron';
import type { ReplyError } from '#common/answer.ts';
import type { Language } from '#common/language.ts';
import { errorWords } from '#common/words/states.ts';
import type { Log } from '#engine/log.ts';

/** Tells of a menu click that failed, in the same words as everywhere else. */
export function notifyFailure({ code, detail }: ReplyError, language: Language, log: Log): void {
  const { title, hint } = errorWords(code, language);
  log('warn', detail === '' ? title : `${title} (${detail})`);
  if (!Notification.isSupported()) return;
  new Notification({ title, body: detail === '' ? hint : `${hint}\n${detail}` }).show();
}
