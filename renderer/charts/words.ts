import type { HistoryRange } from '#common/history.ts';
import { dictionary } from '#common/language.ts';

type RangeNames = Readonly<Record<HistoryRange, string>>;

/** The words of charts. */
export const chartWords = dictionary({
  en: {
    range: 'Range',
    ranges: { 'half-hour': '30 min', day: '24 h', week: '7 d' } as RangeNames,
    lastRange: { 'half-hour': 'last 30 minutes', day: 'last 24 hours', week: 'last 7 days' } as RangeNames,
    nothingYet: 'Nothing measured yet',
    unknown: 'Not reported by the host',
    reading: 'Reading history…',
    notRead: (source: string, why: string) => `History could not be read from ${source}: ${why}`,
    partial: (source: string, what: string) => `History from ${source} is incomplete: ${what}`,
    noDataBefore: (time: string) => `No data before ${time}`,
    tryAgain: 'Try again',
    notLoaded: 'The chart could not be loaded; reload the window.',
    now: (value: string) => `now ${value}`,
    between: (low: string, high: string) => `between ${low} and ${high}`,
    timeIn: (chart: string) => `Time in ${chart}`,
    highlight: (series: string) => `Highlight ${series}`,
  },
  ru: {
    range: 'Период',
    ranges: { 'half-hour': '30 мин', day: '24 ч', week: '7 дн.' } as RangeNames,
    lastRange: {
      'half-hour': 'последние 30 минут',
      day: 'последние 24 часа',
      week: 'последние 7 дней',
    } as RangeNames,
    nothingYet: 'Данных ещё нет',
    unknown: 'Хост этого не сообщает',
    reading: 'Чтение истории…',
    notRead: (source: string, why: string) => `Не удалось прочитать историю из ${source}: ${why}`,
    partial: (source: string, what: string) => `История из ${source} неполная: ${what}`,
    noDataBefore: (time: string) => `Данных до ${time} нет`,
    tryAgain: 'Повторить',
    notLoaded: 'График не загрузился; перезагрузите окно.',
    now: (value: string) => `сейчас ${value}`,
    between: (low: string, high: string) => `от ${low} до ${high}`,
    timeIn: (chart: string) => `Время: ${chart}`,
    highlight: (series: string) => `Выделить ${series}`,
  },
});
