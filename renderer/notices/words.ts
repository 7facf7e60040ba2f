import { countRu, dictionary, wholeEn } from '#common/language.ts';

/** The words around notices; those of the notices themselves are in #common/words/notices.ts. */
export const bellWords = dictionary({
  en: {
    title: 'Notifications',
    bell: (unseen: number) => (unseen === 0 ? 'Notifications' : `Notifications, ${wholeEn(unseen)} new`),
    none: 'No notifications yet.',
    rules: 'Rules',
  },
  ru: {
    title: 'События',
    bell: (unseen: number) =>
      unseen === 0
        ? 'Что произошло'
        : `Что произошло: ${countRu(unseen, ['новое событие', 'новых события', 'новых событий'])}`,
    none: 'Событий по правилам пока нет.',
    rules: 'Правила',
  },
});
