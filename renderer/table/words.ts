import { dictionary } from '#common/language.ts';

/** The words of what every table has. */
export const tableWords = dictionary({
  en: {
    columns: 'Columns',
    narrow: 'A column that the window is too narrow for shows when there is room.',
    showAll: 'Show all',
  },
  ru: {
    columns: 'Столбцы',
    narrow: 'Столбец, для которого окно узко, появится, когда хватит места.',
    showAll: 'Показать все',
  },
});
