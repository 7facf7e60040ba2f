import { dictionary } from '#common/language.ts';

/** The words of charts. */
export const chartWords = dictionary({
  en: {
    range: 'Range',
    ranges: { 'half-hour': '30 min', day: '24 h' },
    lastRange: { 'half-hour': 'last 30 minutes', day: 'last 24 hours' },
    nothingYet: 'Nothing measured yet',
    unknown: 'Not reported by the host',
    notLoaded: 'The chart could not be loaded; reload the window.',
    now: (value: string) => `now ${value}`,
    between: (low: string, high: string) => `between ${low} and ${high}`,
    timeIn: (chart: string) => `Time in ${chart}`,
    highlight: (series: string) => `Highlight ${series}`,
  },
  ru: {
    range: 'Период',
    ranges: { 'half-hour': '30 мин', day: '24 ч' },
    lastRange: { 'half-hour': 'последние 30 минут', day: 'последние 24 часа' },
    nothingYet: 'Данных ещё нет',
    unknown: 'Хост этого не сообщает',
    notLoaded: 'График не загрузился; перезагрузите окно.',
    now: (value: string) => `сейчас ${value}`,
    between: (low: string, high: string) => `от ${low} до ${high}`,
    timeIn: (chart: string) => `Время: ${chart}`,
    highlight: (series: string) => `Выделить ${series}`,
  },
});
