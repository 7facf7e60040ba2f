/** The words of the step that a failure leaves to a person, on a button and in the tray. */

import type { ErrorAction } from '../failure.ts';
import { dictionary } from '../language.ts';

export const remedyWords = dictionary<Readonly<Record<ErrorAction, string>>>({
  en: {
    'log-in': 'Log in',
    'accept-key': 'Review key',
    'open-settings': 'Open settings',
    'copy-command': 'Copy command',
  },
  ru: {
    'log-in': 'Войти',
    'accept-key': 'Проверить ключ',
    'open-settings': 'Открыть настройки',
    'copy-command': 'Скопировать команду',
  },
});
