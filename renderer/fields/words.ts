import { units } from '#common/format.ts';
import { countEn, countRu, dictionary } from '#common/language.ts';

interface RangeTexts {
  readonly from: string;
  readonly to: string;
  /** Empty for a mere number. */
  readonly unit: string;
}

/** The words in and at fields. */
export const fieldWords = dictionary({
  en: {
    units: { none: '', percent: '%', ...units.en },
    numberRange: ({ from, to, unit }: RangeTexts) => `A number from ${from} to ${to} ${unit}`.trim(),
    add: 'Add',
    show: 'Show',
    hide: 'Hide',
    showField: (label: string) => `Show ${label}`,
    addTo: (list: string) => `Add to: ${list}`,
    takeOut: (name: string) => `Remove ${name}`,
    tooMany: (most: number) => `No more than ${countEn(most, 'entry', 'entries')}.`,
    badPort: 'A port is a number from 1 to 65535.',
    badName: (most: number) => `A name has at most ${countEn(most, 'letter')}.`,
  },
  ru: {
    units: { none: '', percent: '%', ...units.ru },
    numberRange: ({ from, to, unit }: RangeTexts) => `Число от ${from} до ${to} ${unit}`.trim(),
    add: 'Добавить',
    show: 'Показать',
    hide: 'Скрыть',
    showField: (label: string) => `Показать: ${label}`,
    addTo: (list: string) => `Добавить в список: ${list}`,
    takeOut: (name: string) => `Убрать ${name}`,
    tooMany: (most: number) => `Не больше ${countRu(most, ['записи', 'записей', 'записей'])}.`,
    badPort: 'Порт — это число от 1 до 65535.',
    badName: (most: number) => `В имени не больше ${countRu(most, ['символа', 'символов', 'символов'])}.`,
  },
});
