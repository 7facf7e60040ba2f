import { countEn, countRu, dictionary } from '#common/language.ts';

/** The words around notices; those of the notices themselves are in #common/words/notices.ts. */
export const bellWords = dictionary({
  en: {
    title: 'What happened',
    bell: (unseen: number) =>
      unseen === 0 ? 'What happened' : `What happened, ${countEn(unseen, 'new one')}`,
    none: 'Nothing yet that a rule tells of.',
    rules: 'Rules',
  },
  ru: {
    title: 'Что произошло',
    bell: (unseen: number) =>
      unseen === 0
        ? 'Что произошло'
        : `Что произошло: ${countRu(unseen, ['новое событие', 'новых события', 'новых событий'])}`,
    none: 'Пока ничего, о чём сообщают правила.',
    rules: 'Правила',
  },
});
