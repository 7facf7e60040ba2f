/** Notifications of the page itself, for the browser face: the desktop app has its own. */

import type { Notice } from '#common/notices.ts';
import { placeOf } from '#common/notices.ts';
import type { NoticeText } from '#common/words/notices.ts';
import { reveal } from '../state/route.ts';

export type Permission = NotificationPermission | 'missing';

/** Whether this page may notify; some browsers, and pages that are not secure, have no notifications. */
export function permissionOf(page: Window): Permission {
  return 'Notification' in page ? (page.Notification as typeof Notification).permission : 'missing';
}

/** Shows the notice; a click on it leads to its row. Two pages that show the same one show it once. */
export function notify(notice: Notice, { title, body }: NoticeText): void {
  // An id counts while one engine lives: with the time the next engine's does not hide behind it.
  const notification = new Notification(title, { body, tag: `${notice.id} ${notice.at}` });
  notification.onclick = () => {
    window.focus();
    reveal(placeOf(notice));
    notification.close();
  };
}
