import { dictionary } from '#common/language.ts';

/** The words of the settings as a whole. */
export const settingsWords = dictionary({
  en: {
    title: 'Settings',
    section: 'Section',
    sections: {
      hosts: 'Hosts',
      groups: 'Groups',
      sources: 'Sources',
      scanning: 'Scanning',
      idle: 'What counts as idle',
      servers: 'Model servers',
      forwards: 'Forwards',
      notifications: 'Notifications',
      history: 'History',
      appearance: 'Appearance',
      desktop: 'Desktop',
      backup: 'Backup and reset',
      about: 'About',
    },
    problems: 'Problems with the settings',
    globsHelp: '* and ? stand for any letters; empty: all.',
  },
  ru: {
    title: 'Настройки',
    section: 'Раздел',
    sections: {
      hosts: 'Хосты',
      groups: 'Группы',
      sources: 'Источники',
      scanning: 'Опрос',
      idle: 'Какой GPU свободен',
      servers: 'Серверы моделей',
      forwards: 'Пробросы',
      notifications: 'Уведомления',
      history: 'История',
      appearance: 'Внешний вид',
      desktop: 'Запуск и трей',
      backup: 'Экспорт и сброс',
      about: 'О приложении',
    },
    problems: 'Ошибки в настройках',
    globsHelp: '* — любые символы, ? — один любой; пустое поле — все.',
  },
});
